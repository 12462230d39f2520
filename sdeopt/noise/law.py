"""What a noise law is: a distribution of one coordinate, a scale, a level in time, and where it enters.

The law is that of ζ. How it enters a step depends on the clock (`sdeopt.clock`): (η/√b) ζ on the
discrete one, √(η/b) B dW on the other.
"""

from abc import ABC
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sdeopt.arguments import one_of
from sdeopt.configuration import Configured
from sdeopt.errors import InvalidArgumentError
from sdeopt.schedules import Constant, Schedule, ScheduleLike, as_schedule

if TYPE_CHECKING:
    import sympy

Array = NDArray[np.float64]

ENTRANCES = ("gradient", "weights", "update")
"""ζ is added to the gradient; to the weights before the gradient is taken; to the new weights."""


@dataclass(frozen=True, kw_only=True)
class NoiseLaw(Configured, ABC):
    """Independent draws of ζ for every agent, coordinate and step.

    Parameters
    ----------
    level : float or Schedule
        Factor in front of ζ as a function of time.
    enters : {"gradient", "weights", "update"}
        Where ζ is added on the iteration clock. ``"gradient"``: x ← x − η(∇f(x) + ζ/√b).
        ``"weights"``: x ← x + ζ, then a step from there (Algorithm 1 of Adilova et al. 2018).
        ``"update"``: x ← x − η∇f(x) + ζ.

    Attributes
    ----------
    variates : tuple of (str, str)
        Module and name of the kernel function that makes standard variates of random words.
    single : bool
        Whether one pair of words makes one variate, not two.
    gaussian : bool
        Whether the law can stand for Brownian increments on the SDE clock.
    """

    level: ScheduleLike = field(default_factory=lambda: Constant(1.0))
    enters: str = "gradient"

    variates: ClassVar[tuple[str, str]] = ("sdeopt.kernels.variates", "uniform_pair")
    single: ClassVar[bool] = False
    gaussian: ClassVar[bool] = False
    state_dependent: ClassVar[bool] = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "level", as_schedule(self.level, "level"))
        one_of(self.enters, "place for noise to enter called", ENTRANCES)

    @property
    def level_schedule(self) -> Schedule:
        """The level as a schedule."""
        return as_schedule(self.level, "level")

    @property
    def scale(self) -> float:
        """The factor from a standard variate of the law to ζ."""
        return 1.0

    @property
    def shape(self) -> Array:
        """Numbers that shape the standard variates, such as degrees of freedom."""
        return np.zeros(1)

    @property
    def variance(self) -> float:
        """The variance of one coordinate of ζ at level one."""
        second, mean = self.raw_moment(2), self.raw_moment(1)
        return max(second - mean**2, 0.0)

    def functions(self) -> dict[str, tuple[str, str]]:
        """Return the kernel functions of the law by the driver's names."""
        return {"variates": self.variates}

    def switches(self) -> set[str]:
        """Return the driver's switches that the law turns on."""
        on = {"NOISY"} | ({"SINGLE"} if self.single else set())
        entrance = {"gradient": set(), "weights": {"NOISE_ON_WEIGHTS"}}
        return on | entrance.get(self.enters, {"NOISE_ON_UPDATE"})

    def parameters(self) -> tuple[Array, ...]:
        """Return the arrays of B(x) for the kernel."""
        return (np.zeros(1),)

    def check(self, dim: int) -> None:
        """Refuse a law whose shape does not fit the dimension of the loss."""

    def raw_moment(self, order: int) -> float:
        """Return E ζ^order of one coordinate at level one.

        Parameters
        ----------
        order : int
            From 0 to 1000.

        Returns
        -------
        float
            The moment.
        """
        raise InvalidArgumentError(f"noise.{type(self).__name__} has no moments that are numbers.")

    def characteristic(self, argument: "sympy.Expr") -> "sympy.Expr":
        """Return E exp(i·argument·ζ) of one coordinate at level one.

        Parameters
        ----------
        argument : sympy.Expr
            A real expression.

        Returns
        -------
        sympy.Expr
            The characteristic function.
        """
        raise InvalidArgumentError(
            f"noise.{type(self).__name__} has no characteristic function in closed form here."
        )

    def quadrature(self, points: int) -> tuple[Array, Array]:
        """Return a quadrature rule for expectations over one coordinate of ζ at level one.

        Parameters
        ----------
        points : int
            Number of nodes, from 1 to 1000.

        Returns
        -------
        nodes, weights : numpy.ndarray
            E g(ζ) is about sum(weights * g(nodes)); the weights add to one.
        """
        raise InvalidArgumentError(f"noise.{type(self).__name__} has no quadrature rule.")
