"""Symmetric stable noise: tails so heavy that the variance is infinite."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sdeopt.arguments import finite_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.noise.law import Array, NoiseLaw
from sdeopt.noise.raw_moments import moment_order, power_product

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True)
class Stable(NoiseLaw):
    """Every coordinate of ζ is symmetric α-stable: E exp(iaζ) = exp(−|γa|^α).

    Parameters
    ----------
    index : float
        α, above 0 and at most 2. Moments of orders below α are finite; 2 is the normal law with
        variance 2γ², 1 is Cauchy's.
    width : float
        γ, in units of the gradient.

    Notes
    -----
    Drawn by the formula of Chambers, Mallows and Stuck (1976).

    Examples
    --------
    >>> from sdeopt.noise import Stable
    >>> Stable(2.0, width=3.0).variance
    18.0
    """

    index: float
    width: float = 1.0

    variates = ("sdeopt.kernels.variates", "stable_single")
    single = True

    def __post_init__(self) -> None:
        super().__post_init__()
        index = finite_number(self.index, "index of noise.Stable", 0, open_end=True)
        if index > 2:
            raise InvalidArgumentError(
                f"index of noise.Stable is {index:g}, but must be above 0 and at most 2."
            )
        object.__setattr__(self, "index", index)
        object.__setattr__(self, "width", finite_number(self.width, "width of noise.Stable", 0))

    @property
    def scale(self) -> float:
        """The width."""
        return self.width

    @property
    def shape(self) -> Array:
        """The index."""
        return np.array([self.index])

    def raw_moment(self, order: int) -> float:
        """Return the moment: of the normal law at index 2, else of orders below the index."""
        order = moment_order(order)
        if order == 0:
            return 1.0
        if self.index == 2.0:
            # 2γ² may leave the range of float64 where the moment does not
            odds = math.prod(range(1, order, 2)) * 2 ** (order // 2)
            return 0.0 if order % 2 else power_product(self, order, self.width, odds)
        if order >= self.index:
            raise InvalidArgumentError(
                f"noise.Stable with index {self.index:g} has no finite moment of order {order}; "
                "its variance is finite at index 2 alone."
            )
        return 0.0

    def characteristic(self, argument: "sympy.Expr") -> "sympy.Expr":
        """Return exp(−|γa|^α)."""
        import sympy

        index = int(self.index) if self.index.is_integer() else self.index
        return sympy.exp(-(abs(self.width * argument) ** index))
