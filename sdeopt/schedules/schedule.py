"""What a schedule is, and the table of numbers that a kernel takes of it."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sdeopt.arguments import finite_array, finite_number, real_array
from sdeopt.configuration import Configured
from sdeopt.errors import InvalidArgumentError

Array: TypeAlias = NDArray[np.float64]


class Schedule(Configured, ABC):
    """A number as a function of time.

    To add one, write a frozen dataclass with these two methods. Its fields must be plain
    numbers (or tuples of them): they are its configuration.
    """

    @abstractmethod
    def __call__(self, times: Array) -> Array:
        """Return the values at an array of times t >= 0.

        Parameters
        ----------
        times : numpy.ndarray
            float64: iteration numbers on the iteration clock, times on the SDE clock.

        Returns
        -------
        numpy.ndarray
            float64, of the same shape.
        """

    def _check(self, **minima: float) -> None:
        """Make every number of a frozen dataclass a finite float, above a minimum where given."""
        for field in fields(self):  # type: ignore[arg-type]
            minimum = minima.get(field.name, -math.inf)
            label = f"{field.name} of schedules.{type(self).__name__}"
            value = finite_number(getattr(self, field.name), label, minimum, open_end=True)
            object.__setattr__(self, field.name, value)


ScheduleLike: TypeAlias = float | Schedule
AgentSchedules: TypeAlias = ScheduleLike | Sequence[ScheduleLike] | NDArray[np.floating]


@dataclass(frozen=True)
class Constant(Schedule):
    """The same value at all times.

    Parameters
    ----------
    value : float
        The value.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.schedules import Constant
    >>> Constant(0.5)(np.arange(3.0))
    array([0.5, 0.5, 0.5])
    """

    value: float

    def __post_init__(self) -> None:
        self._check()

    def __call__(self, times: Array) -> Array:
        """Return `value` everywhere."""
        return np.full_like(times, self.value)


def as_schedule(value: ScheduleLike, name: str) -> Schedule:
    """Return a schedule; a number becomes a constant one.

    Parameters
    ----------
    value : float or Schedule
        What the user gave.
    name : str
        The argument's name, for the message.

    Returns
    -------
    Schedule
        The schedule.

    Raises
    ------
    InvalidArgumentError
        If it is neither a finite number nor a schedule.

    Examples
    --------
    >>> from sdeopt.schedules import as_schedule
    >>> as_schedule(0.1, "step_size")
    Constant(value=0.1)
    """
    if isinstance(value, Schedule):
        return value
    if isinstance(value, str | list | tuple) or np.ndim(value) != 0:
        raise InvalidArgumentError(
            f"{name} is {value!r}, but must be one number or one of sdeopt.schedules."
        )
    return Constant(finite_number(value, name))


def as_agent_schedules(value: AgentSchedules, agents: int, name: str) -> list[Schedule]:
    """Return one schedule that all agents share, or one per agent.

    Parameters
    ----------
    value : float, Schedule, or sequence of these
        What the user gave; a sequence holds one entry per agent.
    agents : int
        The number of agents p.
    name : str
        The argument's name, for the message.

    Returns
    -------
    list of Schedule
        Of length 1 (shared) or `agents`.

    Raises
    ------
    InvalidArgumentError
        If a sequence has another length, or an entry is neither a finite number nor a schedule.

    Examples
    --------
    >>> from sdeopt.schedules import Ramp, as_agent_schedules
    >>> as_agent_schedules(0.1, 3, "step_size")
    [Constant(value=0.1)]
    >>> len(as_agent_schedules([0.1, 0.2, Ramp(0.2, 0.1, over=9)], 3, "step_size"))
    3
    """
    # an object array holds schedules and numbers unchanged and has a shape
    if isinstance(value, np.ma.MaskedArray):
        value = finite_array(value, name)
    entries = np.asarray(value, dtype=object)
    if entries.ndim == 0:
        return [as_schedule(entries.item(), name)]
    if entries.shape != (agents,):
        raise InvalidArgumentError(
            f"{name} has shape {entries.shape} for {agents} agents; "
            f"give one value for all, or a list of {agents}, one per agent."
        )
    return [as_schedule(entry, f"{name}[{agent}]") for agent, entry in enumerate(entries)]


def table(
    schedules: Sequence[Schedule],
    times: Array,
    name: str,
    minimum: float = 0.0,
    *,
    positive_start: bool = False,
) -> Array:
    """Return the values of schedules at given times, all of them checked.

    Parameters
    ----------
    schedules : sequence of Schedule
        One, or one per agent.
    times : numpy.ndarray
        The times, of shape (n,).
    name : str
        What they stand for, for the message.
    minimum : float
        The least allowed value; minus infinity where negative values make sense.
    positive_start : bool
        Whether the first value of each must be above zero, as for a step size: a run
        whose steps are all zero is a mistake.

    Returns
    -------
    numpy.ndarray
        float64 of shape (n, len(schedules)), C-contiguous.

    Raises
    ------
    InvalidArgumentError
        Naming the first time at which a value is not finite or too small.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.schedules import Ramp, table
    >>> table([Ramp(1, -1, over=4)], np.arange(5.0), "rate")
    Traceback (most recent call last):
        ...
    sdeopt.errors.InvalidArgumentError: rate is -0.5 at t = 3; it must be finite and at least 0.
    """
    steps, constants = len(times), [one.value for one in schedules if isinstance(one, Constant)]
    if len(constants) == len(schedules):
        times, values = times[:1], np.array([constants] * min(steps, 1)).reshape(-1, len(schedules))
    else:
        values = np.empty((len(times), len(schedules)))
        # a user's own schedule may overflow or divide by zero; the check below has the better message
        with np.errstate(all="ignore"):
            for column, schedule in enumerate(schedules):
                values[:, column] = real_array(schedule(times), f"{name} given by {schedule!r:.60}")
    if not (np.isfinite(values) & (values >= minimum)).all():
        bad = np.argwhere(~(np.isfinite(values) & (values >= minimum)))
        row, column = (int(i) for i in bad[0])
        who = f" for agent {column}" if len(schedules) > 1 else ""
        bound = f" and at least {minimum:g}" if math.isfinite(minimum) else ""
        raise InvalidArgumentError(
            f"{name} is {values[row, column]:g} at t = {times[row]:g}{who}; "
            f"it must be finite{bound}."
        )
    if positive_start and len(times) and np.any(values[0] <= 0):
        raise InvalidArgumentError(f"{name} starts at 0, so nothing would move; start above 0.")
    return values if len(times) == steps else np.repeat(values, steps, axis=0)
