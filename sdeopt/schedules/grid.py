"""A schedule given by points."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.arguments import finite_array
from sdeopt.errors import InvalidArgumentError
from sdeopt.schedules.schedule import Array, Schedule


@dataclass(frozen=True)
class Grid(Schedule):
    """Any function, given on a grid: straight lines between the points, constant outside.

    Parameters
    ----------
    times : sequence of float
        Increasing times.
    values : sequence of float
        The values at these times.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.schedules import Grid
    >>> Grid([0, 10], [1, 3])(np.array([0.0, 5.0, 99.0]))
    array([1., 2., 3.])
    """

    times: tuple[float, ...]
    values: tuple[float, ...]

    def __init__(self, times: ArrayLike, values: ArrayLike) -> None:
        grid = np.atleast_1d(finite_array(times, "times of schedules.Grid"))
        heights = np.atleast_1d(finite_array(values, "values of schedules.Grid"))
        if grid.ndim != 1 or grid.shape != heights.shape or grid.size == 0:
            raise InvalidArgumentError(
                f"schedules.Grid was given times of shape {grid.shape} and values of shape "
                f"{heights.shape}; give two lists of the same length, of at least one entry."
            )
        if np.any(np.diff(grid) <= 0):
            raise InvalidArgumentError(
                "times of schedules.Grid do not increase; sort them and drop repeated ones."
            )
        object.__setattr__(self, "times", tuple(grid.tolist()))
        object.__setattr__(self, "values", tuple(heights.tolist()))

    @classmethod
    def sample(cls, function: Callable[[Array], ArrayLike], times: ArrayLike) -> "Grid":
        """Put a function of time on a grid.

        Parameters
        ----------
        function : callable
            Takes the array of times, returns the values.
        times : sequence of float
            The grid; ``range(steps)`` keeps every value of a run on the iteration clock exactly.

        Returns
        -------
        Grid
            The schedule, which no longer needs the function.

        Examples
        --------
        >>> import numpy as np
        >>> from sdeopt.schedules import Grid
        >>> Grid.sample(np.sqrt, range(5))(np.array([4.0]))
        array([2.])
        """
        grid = finite_array(times, "times of schedules.Grid.sample")
        if not callable(function):
            raise InvalidArgumentError(
                f"schedules.Grid.sample was given {function!r:.80}, but needs a function of the times "
                "as an array; for values that you have, use schedules.Grid(times, values)."
            )
        try:
            values = function(grid)
        except TypeError as problem:
            raise InvalidArgumentError(
                f"the function of schedules.Grid.sample fails on the array of times ({problem}); write "
                "it for arrays, as with numpy, or wrap it in numpy.vectorize."
            ) from problem
        return cls(grid, values)

    def __call__(self, times: Array) -> Array:
        """Interpolate."""
        return np.asarray(np.interp(times, self.times, self.values), dtype=np.float64)
