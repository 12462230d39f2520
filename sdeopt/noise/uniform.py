"""Uniform noise."""

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
class Uniform(NoiseLaw):
    """Every coordinate of ζ uniform on (−W, W).

    Parameters
    ----------
    half_width : float
        W, in units of the gradient.

    Notes
    -----
    The noise of Boffi & Slotine (2020), Sec. 4.3.

    Examples
    --------
    >>> from sdeopt.noise import Uniform
    >>> Uniform(6.0).variance
    12.0
    """

    half_width: float

    def __post_init__(self) -> None:
        super().__post_init__()
        width = finite_number(self.half_width, "half_width of noise.Uniform", 0)
        object.__setattr__(self, "half_width", width)

    @property
    def scale(self) -> float:
        """W."""
        return self.half_width

    def raw_moment(self, order: int) -> float:
        """Return W^order / (order + 1) for even orders, 0 for odd ones."""
        order = moment_order(order)
        if order % 2:
            return 0.0
        return power_product(self, order, self.half_width, 1, order + 1)

    def characteristic(self, argument: "sympy.Expr") -> "sympy.Expr":
        """Return sin(aW) / (aW)."""
        import sympy

        return sympy.sin(argument * self.half_width) / (argument * self.half_width)

    def quadrature(self, points: int) -> tuple[Array, Array]:
        """Return the Gauss-Legendre rule."""
        nodes, weights = np.polynomial.legendre.leggauss(node_count(points))
        return self.half_width * nodes, weights / 2.0
