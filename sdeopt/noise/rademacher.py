"""Rademacher noise: a fair sign."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sdeopt.arguments import finite_number
from sdeopt.noise.gauss_rule import node_count
from sdeopt.noise.law import Array, NoiseLaw
from sdeopt.noise.raw_moments import moment_order, power_product

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True)
class Rademacher(NoiseLaw):
    """Every coordinate of ζ is +a or −a with probability one half.

    Parameters
    ----------
    magnitude : float
        a, in units of the gradient.

    Examples
    --------
    >>> from sdeopt.noise import Rademacher
    >>> Rademacher(3.0).variance
    9.0
    """

    magnitude: float

    variates = ("sdeopt.kernels.variates", "rademacher_pair")

    def __post_init__(self) -> None:
        super().__post_init__()
        magnitude = finite_number(self.magnitude, "magnitude of noise.Rademacher", 0)
        object.__setattr__(self, "magnitude", magnitude)

    @property
    def scale(self) -> float:
        """The magnitude."""
        return self.magnitude

    def raw_moment(self, order: int) -> float:
        """Return a^order for even orders, 0 for odd ones."""
        order = moment_order(order)
        return 0.0 if order % 2 else power_product(self, order, self.magnitude, 1)

    def characteristic(self, argument: "sympy.Expr") -> "sympy.Expr":
        """Return cos(a·magnitude)."""
        import sympy

        return sympy.cos(argument * self.magnitude)

    def quadrature(self, points: int) -> tuple[Array, Array]:
        """Return the two points, exact with any number of nodes."""
        node_count(points)
        return self.magnitude * np.array([-1.0, 1.0]), np.array([0.5, 0.5])
