"""Sets of the parameter space: boxes, sublevel sets of the loss, and those of one's own."""

from abc import ABC
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.arguments import finite_number, real_array, whole_number
from sdeopt.configuration import Configured
from sdeopt.errors import InvalidArgumentError
from sdeopt.kernels.watched import BOX, SUBLEVEL, USERS
from sdeopt.user_functions.function import UserFunction

KERNEL = """

@compiled
def region(x, out):
    point = np.empty(x.shape[0])
    for lane in range(x.shape[1]):
        for d in range(x.shape[0]):
            point[d] = x[d, lane]
        out[lane] = {user}(point)
"""


class Region(Configured, ABC):
    """A set of the parameter space. A state that is not finite is neither in it nor outside."""

    kind: ClassVar[int]

    def bounds(self, dim: int) -> NDArray[np.float64]:
        """Return the numbers of the set for the kernel.

        Parameters
        ----------
        dim : int
            The number of coordinates.

        Returns
        -------
        numpy.ndarray
            (2, dim).
        """
        return np.zeros((2, dim))

    def function(self) -> UserFunction | None:
        """Return the function of the user's that decides, or None."""
        return None

    def check(self, dim: int) -> None:
        """Refuse a set that does not fit the dimension of the loss."""


@dataclass(frozen=True, eq=False)
class Box(Region):
    """All x between two corners, these included: low ≤ x ≤ high in every coordinate.

    Parameters
    ----------
    low, high : float or array_like, shape (dim,)
        The corners, in parameter units; infinite where there is no bound.

    Examples
    --------
    >>> from sdeopt.statistics import Box
    >>> Box(low=0.5).bounds(1).tolist()
    [[0.5], [inf]]
    """

    low: ArrayLike = -np.inf
    high: ArrayLike = np.inf

    kind = BOX

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            corner = real_array(getattr(self, name), f"{name} of statistics.Box")
            if corner.ndim > 1 or np.isnan(corner).any():
                raise InvalidArgumentError(
                    f"{name} of statistics.Box is {getattr(self, name)!r:.80}; give one number, or "
                    "one for each coordinate."
                )
            object.__setattr__(self, name, corner.copy() if corner.ndim else float(corner))
        if np.any(np.asarray(self.low) > np.asarray(self.high)):
            raise InvalidArgumentError(
                f"statistics.Box is empty: low is {self.low!r:.80} and high is {self.high!r:.80}; "
                "low must not be above high."
            )

    def bounds(self, dim: int) -> NDArray[np.float64]:
        """Return both corners."""
        return np.array([np.broadcast_to(corner, dim) for corner in (self.low, self.high)])

    def check(self, dim: int) -> None:
        """Refuse corners of another dimension."""
        for corner in (self.low, self.high):
            if np.ndim(corner) and np.shape(corner) != (dim,):
                raise InvalidArgumentError(
                    f"statistics.Box was given a corner of shape {np.shape(corner)} for a loss of "
                    f"{dim} coordinates; give shape ({dim},) or one number."
                )


@dataclass(frozen=True)
class Sublevel(Region):
    """All x with f(x) ≤ level, f being the loss of the run.

    Parameters
    ----------
    level : float
        In units of the loss.

    Examples
    --------
    >>> from sdeopt.statistics import Sublevel
    >>> Sublevel(0.1).configuration()
    {'name': 'Sublevel', 'level': 0.1}
    """

    level: float

    kind = SUBLEVEL

    def __post_init__(self) -> None:
        object.__setattr__(self, "level", finite_number(self.level, "level of statistics.Sublevel"))

    def bounds(self, dim: int) -> NDArray[np.float64]:
        """Return the level."""
        return np.full((2, dim), self.level)


@dataclass(frozen=True, eq=False)
class Where(Region):
    """All x for which a function of one's own is true.

    Parameters
    ----------
    predicate : callable
        ``predicate(x)`` with x of shape (dim,) returns a boolean. It is compiled.

    Examples
    --------
    >>> import numpy as np
    >>> import sdeopt as so
    >>> disk = so.statistics.Where(lambda x: x[0] ** 2 + x[1] ** 2 < 1.0)
    >>> run = so.simulate(so.losses.Quadratic(np.eye(2)), so.SGD(), steps=20, step_size=0.1,
    ...                   start=so.start.Point(2.0), statistics=[so.statistics.FirstPassage(disk)])
    >>> run["mean_first_passage"].values
    array([10])
    """

    predicate: Callable[..., Any]

    kind = USERS

    def __post_init__(self) -> None:
        wrapped = UserFunction.of(self.predicate, "the predicate of statistics.Where", KERNEL)
        object.__setattr__(self, "predicate", wrapped)

    def function(self) -> UserFunction:
        """Return the predicate."""
        assert isinstance(self.predicate, UserFunction)
        return self.predicate

    def check(self, dim: int) -> None:
        """Refuse a predicate that raises, cannot be compiled or returns an array."""
        self.function().check((np.full(dim, 0.5),), (), truth=True)


@dataclass(frozen=True, eq=False)
class Labels(Region):
    """A partition by a function of one's own, for `Occupancy`.

    Parameters
    ----------
    label : callable
        ``label(x)`` with x of shape (dim,) returns the number of the part in which x lies, from 0 to
        count − 1; any other number stands for none of them. It is compiled.
    count : int
        How many parts there are.

    Examples
    --------
    >>> from sdeopt.statistics import Labels
    >>> Labels(lambda x: int(x[0] > 0.0), count=2).count
    2
    """

    label: Callable[..., Any]
    count: int

    kind = USERS

    def __post_init__(self) -> None:
        object.__setattr__(self, "count", whole_number(self.count, "count of Labels", minimum=1))
        wrapped = UserFunction.of(self.label, "the function of statistics.Labels", KERNEL)
        object.__setattr__(self, "label", wrapped)

    def function(self) -> UserFunction:
        """Return the function."""
        assert isinstance(self.label, UserFunction)
        return self.label

    def check(self, dim: int) -> None:
        """Refuse a function that raises, cannot be compiled or returns an array."""
        self.function().check((np.full(dim, 0.5),), ())
