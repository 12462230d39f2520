"""Which states of a run are recorded.

Step n is the state after n iterations; step 0 is the start. What is only averaged need not be
recorded: statistics are streamed (`sdeopt.statistics`).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sdeopt.arguments import whole_number
from sdeopt.configuration import Configured
from sdeopt.errors import InvalidArgumentError

__all__ = ["VARIABLES", "At", "End", "Every", "Record"]

Steps: TypeAlias = NDArray[np.int64]

VARIABLES = ("agents", "mean", "quorum")
"""What is recorded by default: the states, their spatial mean x•, the quorum variable x~."""


class Record(Configured, ABC):
    """A choice of steps and variables.

    Attributes
    ----------
    variables : tuple of str
        What is kept, out of `VARIABLES` and the vectors that the algorithm declares.
    is_series : bool
        Whether the variables of the result have a dimension ``step``.
    """

    is_series: ClassVar[bool] = True
    variables: tuple[str, ...]

    @abstractmethod
    def steps(self, total: int) -> Steps:
        """Return the recorded steps of a run, sorted, without repetition.

        Parameters
        ----------
        total : int
            The number of steps of the run.

        Returns
        -------
        numpy.ndarray
            int64, between 0 and `total`.
        """

    def count(self, total: int) -> int:
        """Return how many steps of a run are recorded, without listing them where that is long.

        Parameters
        ----------
        total : int
            The number of steps of the run.

        Returns
        -------
        int
            The length of `steps`.
        """
        return len(self.steps(total))


@dataclass(frozen=True)
class End(Record):
    """Keep the last state only; the result then has no dimension ``step``.

    Parameters
    ----------
    variables : sequence of str
        What to keep, out of ``"agents"``, ``"mean"``, ``"quorum"``, all three by default, and
        what the algorithm declares, such as ``"velocities"``.

    Examples
    --------
    >>> from sdeopt.record import End
    >>> End().steps(1000)
    array([1000])
    """

    is_series: ClassVar[bool] = False
    variables: tuple[str, ...] = VARIABLES

    def __post_init__(self) -> None:
        object.__setattr__(self, "variables", _checked_variables(self.variables))

    def steps(self, total: int) -> Steps:
        """Return the last step."""
        return np.array([total], dtype=np.int64)


@dataclass(frozen=True)
class Every(Record):
    """Keep the start, every n-th state, and the last one.

    Parameters
    ----------
    interval : int
        n, in steps.
    variables : sequence of str
        What to keep, out of ``"agents"``, ``"mean"``, ``"quorum"``, all three by default, and
        what the algorithm declares, such as ``"velocities"``.
        ``("mean",)`` saves memory where there are many agents.

    Examples
    --------
    >>> from sdeopt.record import Every
    >>> Every(400).steps(1000)
    array([   0,  400,  800, 1000])
    """

    interval: int
    variables: tuple[str, ...] = VARIABLES

    def __post_init__(self) -> None:
        interval = whole_number(self.interval, "interval of record.Every", minimum=1)
        object.__setattr__(self, "interval", interval)
        object.__setattr__(self, "variables", _checked_variables(self.variables))

    def count(self, total: int) -> int:
        """Return the number of multiples, with the last step."""
        return -(-total // self.interval) + 1

    def steps(self, total: int) -> Steps:
        """Return the multiples of the interval, and the last step."""
        return np.unique(np.append(np.arange(0, total, self.interval, dtype=np.int64), total))


@dataclass(frozen=True)
class At(Record):
    """Keep the states at chosen steps.

    Parameters
    ----------
    at : iterable of int
        The steps, in any order; 0 is the start.
    variables : sequence of str
        What to keep, out of ``"agents"``, ``"mean"``, ``"quorum"``, all three by default, and
        what the algorithm declares, such as ``"velocities"``.

    Examples
    --------
    >>> from sdeopt.record import At
    >>> At([10, 0, 100]).steps(1000)
    array([  0,  10, 100])
    """

    at: tuple[int, ...]
    variables: tuple[str, ...] = VARIABLES

    def __init__(self, at: Iterable[int], variables: Iterable[str] = VARIABLES) -> None:
        if isinstance(at, str | bytes) or not isinstance(at, Iterable):
            raise InvalidArgumentError(f"record.At was given {at!r}; give a list of steps.")
        steps = sorted({whole_number(step, "a step of record.At") for step in at})
        if not steps:
            raise InvalidArgumentError("record.At was given no steps; name at least one.")
        object.__setattr__(self, "at", tuple(steps))
        object.__setattr__(self, "variables", _checked_variables(variables))

    def steps(self, total: int) -> Steps:
        """Return the chosen steps, which must lie within the run."""
        if self.at[-1] > total:
            raise InvalidArgumentError(
                f"record.At asks for step {self.at[-1]} of a run of {total} steps; "
                f"choose steps from 0 to {total}."
            )
        return np.array(self.at, dtype=np.int64)


def _checked_variables(variables: Iterable[str]) -> tuple[str, ...]:
    """Return the names, those that all algorithms have first; a lone string is one name."""
    if not isinstance(variables, Iterable):
        raise InvalidArgumentError(
            f"variables of a record is {variables!r:.80}, but must be a name or a list of names, as in "
            "('mean', 'agents')."
        )
    given = [variables] if isinstance(variables, str) else list(variables)
    if not given:
        raise InvalidArgumentError(
            f"no variables to record were given; choose out of {', '.join(VARIABLES)} and what the "
            "algorithm declares."
        )
    for name in given:
        if not isinstance(name, str):
            raise InvalidArgumentError(
                f"a variable to record is {name!r}, but must be a name, as in 'agents'."
            )
    others = dict.fromkeys(name for name in given if name not in VARIABLES)
    return (*(name for name in VARIABLES if name in given), *others)
