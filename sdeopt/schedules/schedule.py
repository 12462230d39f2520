"""What a schedule is, and the simplest one."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sdeopt.arguments import finite_number
from sdeopt.configuration import Configured

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
            float64: iteration numbers on the discrete clock, times on the SDE clock.

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
