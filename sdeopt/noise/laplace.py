"""Laplace noise: tails that fall exponentially."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sdeopt.arguments import finite_number
from sdeopt.noise.gauss_rule import gauss_rule, node_count
from sdeopt.noise.law import Array, NoiseLaw
from sdeopt.noise.raw_moments import moment_order, power_product

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True)
class Laplace(NoiseLaw):
    """Every coordinate of ζ has the density exp(−|z|/b) / 2b.

    Parameters
    ----------
    width : float
        b, in units of the gradient.

    Examples
    --------
    >>> from sdeopt.noise import Laplace
    >>> Laplace(3.0).variance
    18.0
    """

    width: float

    variates = ("sdeopt.kernels.variates", "laplace_pair")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "width", finite_number(self.width, "width of noise.Laplace", 0))

    @property
    def scale(self) -> float:
        """The width."""
        return self.width

    def raw_moment(self, order: int) -> float:
        """Return order! b^order for even orders, 0 for odd ones."""
        order = moment_order(order)
        if order % 2:
            return 0.0
        return power_product(self, order, self.width, math.factorial(order))

    def characteristic(self, argument: "sympy.Expr") -> "sympy.Expr":
        """Return 1 / (1 + a²b²)."""
        return 1 / (1 + argument**2 * self.width**2)

    def quadrature(self, points: int) -> tuple[Array, Array]:
        """Return the Gauss-Laguerre rule on either side."""
        k = np.arange(max(node_count(points) // 2, 1), dtype=np.float64)
        nodes, weights = gauss_rule(2.0 * k + 1.0, np.square(k[1:]))
        sides = np.concatenate([-nodes[::-1], nodes])
        return self.width * sides, np.concatenate([weights[::-1], weights]) / 2.0
