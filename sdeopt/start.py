"""Where the agents start.

A start is drawn from the counter-based streams of the run (`sdeopt.rng`), keyed by replica and
agent: a run of 2,000 replicas starts where the run of its first 1,000 did.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from sdeopt.arguments import finite_array, flag
from sdeopt.configuration import Configured
from sdeopt.errors import InvalidArgumentError

__all__ = ["Gaussian", "Point", "Start", "Uniform"]

Array: TypeAlias = NDArray[np.float64]
Uniforms: TypeAlias = Callable[[int], Array]
"""Takes a number of elements, returns uniforms in (0, 1) of shape (count, agents, elements)."""


class Start(Configured, ABC):
    """The law of the first states.

    To add one, write a frozen dataclass with these two methods.
    """

    @abstractmethod
    def check(self, replicas: int, agents: int, dim: int) -> None:
        """Refuse a start whose shape does not fit the run.

        Parameters
        ----------
        replicas, agents, dim : int
            The shape of the whole run.
        """

    @abstractmethod
    def initial(self, first: int, count: int, agents: int, dim: int, uniforms: Uniforms) -> Array:
        """Return the first states of a run of replicas.

        Parameters
        ----------
        first, count : int
            Replicas `first`, ..., `first` + `count` − 1 are wanted.
        agents, dim : int
            The shape of a replica.
        uniforms : callable
            ``uniforms(elements)`` returns float64 uniforms in (0, 1) of shape
            (count, agents, elements), keyed by replica and agent.

        Returns
        -------
        numpy.ndarray
            float64 of shape (count, agents, dim).
        """


@dataclass(frozen=True, eq=False)
class Point(Start):
    """Start at given points.

    Parameters
    ----------
    x : array_like
        One number for every coordinate of every agent, or an array of shape (dim,) for all
        agents, (agents, dim), or (replicas, agents, dim).

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.start import Point
    >>> Point([1.0, 2.0]).initial(0, 1, agents=2, dim=2, uniforms=np.ones)
    array([[[1., 2.],
            [1., 2.]]])
    """

    x: Array

    def __init__(self, x: ArrayLike) -> None:
        object.__setattr__(self, "x", finite_array(x, "x of start.Point"))

    def check(self, replicas: int, agents: int, dim: int) -> None:
        """Refuse any other shape than the four allowed ones."""
        full = (replicas, agents, dim)
        allowed = [full[-axes:] for axes in (1, 2, 3)]
        if self.x.ndim and self.x.shape not in allowed:
            raise InvalidArgumentError(
                f"x of start.Point has shape {self.x.shape} for {replicas} replicas of {agents} "
                f"agents in dimension {dim}; give one number or shape (dim,) = {allowed[0]}, "
                f"(agents, dim) = {allowed[1]} or (replicas, agents, dim) = {allowed[2]}."
            )

    def initial(self, first: int, count: int, agents: int, dim: int, uniforms: Uniforms) -> Array:
        """Return the given points; no random number is used."""
        points = self.x[first : first + count] if self.x.ndim == 3 else self.x
        return np.array(np.broadcast_to(points, (count, agents, dim)), order="C")


class _Random(Start):
    """A start drawn coordinate by coordinate, from parameters that are scalars or (dim,)."""

    together: bool

    @abstractmethod
    def _parameters(self) -> dict[str, Array]:
        """Return the parameters by name."""

    @abstractmethod
    def _quantile(self, uniform: Array) -> Array:
        """Map uniforms in (0, 1), of shape (..., dim), to the law."""

    def check(self, replicas: int, agents: int, dim: int) -> None:
        """Refuse parameters that are neither one number nor of shape (dim,)."""
        for name, value in self._parameters().items():
            if value.shape not in ((), (dim,)):
                raise InvalidArgumentError(
                    f"{name} of start.{type(self).__name__} has shape {value.shape} in dimension "
                    f"{dim}; give one number or an array of shape ({dim},)."
                )

    def initial(self, first: int, count: int, agents: int, dim: int, uniforms: Uniforms) -> Array:
        """Draw the first states; with `together`, those of agent 0 for all agents."""
        drawn = uniforms(dim)
        if self.together:
            drawn = np.broadcast_to(drawn[:, :1], drawn.shape)
        return np.array(self._quantile(drawn), order="C")


@dataclass(frozen=True, eq=False)
class Uniform(_Random):
    """Start uniformly in a box.

    Parameters
    ----------
    low, high : array_like
        The corners: one number each, or arrays of shape (dim,).
    together : bool
        Whether all agents of a replica start at one drawn point; by default each has its own.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.start import Uniform
    >>> def uniforms(elements):
    ...     return np.full((1, 2, elements), 0.25)
    >>> Uniform(-3, 3).initial(0, 1, agents=2, dim=1, uniforms=uniforms)
    array([[[-1.5],
            [-1.5]]])
    """

    low: Array
    high: Array
    together: bool

    def __init__(self, low: ArrayLike, high: ArrayLike, *, together: bool = False) -> None:
        object.__setattr__(self, "low", finite_array(low, "low of start.Uniform"))
        object.__setattr__(self, "high", finite_array(high, "high of start.Uniform"))
        object.__setattr__(self, "together", flag(together, "together of start.Uniform"))
        _same_length(self._parameters(), "Uniform")
        if not np.all(self.low < self.high):
            raise InvalidArgumentError(
                f"start.Uniform was given low = {low!r} and high = {high!r}; "
                "low must be below high in every coordinate."
            )

    def _parameters(self) -> dict[str, Array]:
        return {"low": self.low, "high": self.high}

    def _quantile(self, uniform: Array) -> Array:
        # This form cannot leave the box by rounding, as low + (high - low) * u could.
        return np.clip((1.0 - uniform) * self.low + uniform * self.high, self.low, self.high)


@dataclass(frozen=True, eq=False)
class Gaussian(_Random):
    """Start from independent normal coordinates.

    Parameters
    ----------
    mean, standard_deviation : array_like
        One number each, or arrays of shape (dim,).
    together : bool
        Whether all agents of a replica start at one drawn point; by default each has its own.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.start import Gaussian
    >>> def uniforms(elements):
    ...     return np.full((1, 1, elements), 0.5)
    >>> Gaussian(2, 0.1).initial(0, 1, agents=1, dim=3, uniforms=uniforms)
    array([[[2., 2., 2.]]])
    """

    mean: Array
    standard_deviation: Array
    together: bool

    def __init__(
        self, mean: ArrayLike, standard_deviation: ArrayLike, *, together: bool = False
    ) -> None:
        spread = finite_array(standard_deviation, "standard_deviation of start.Gaussian")
        if np.any(spread < 0):
            raise InvalidArgumentError(
                f"standard_deviation of start.Gaussian is {standard_deviation!r}; "
                "it must be at least 0 in every coordinate."
            )
        object.__setattr__(self, "mean", finite_array(mean, "mean of start.Gaussian"))
        object.__setattr__(self, "standard_deviation", spread)
        object.__setattr__(self, "together", flag(together, "together of start.Gaussian"))
        _same_length(self._parameters(), "Gaussian")

    def _parameters(self) -> dict[str, Array]:
        return {"mean": self.mean, "standard_deviation": self.standard_deviation}

    def _quantile(self, uniform: Array) -> Array:
        return self.mean + self.standard_deviation * np.asarray(ndtri(uniform))


def _same_length(parameters: dict[str, Array], law: str) -> None:
    """Refuse parameters that are more than vectors, or vectors of different lengths."""
    shapes = {value.shape for value in parameters.values() if value.ndim}
    if len(shapes) > 1 or any(len(shape) > 1 for shape in shapes):
        given = ", ".join(f"{name} {value.shape}" for name, value in parameters.items())
        raise InvalidArgumentError(
            f"start.{law} was given parameters of shapes {given}; "
            "each must be one number or an array of shape (dim,), the same for both."
        )
