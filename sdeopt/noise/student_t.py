"""Student's t: noise with heavy tails."""

import math
from dataclasses import dataclass

import numpy as np

from sdeopt.arguments import finite_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.noise.gauss_rule import gauss_rule, node_count
from sdeopt.noise.law import Array, NoiseLaw
from sdeopt.noise.raw_moments import moment_order, power_product

EXACT = 2
"""Half the highest moment for which quadrature is exact."""

LEAST_ABOVE = 1e-3
"""How far ν/2 is above half an order whose moment the rule has: nearer, nodes lose digits."""


@dataclass(frozen=True)
class StudentT(NoiseLaw):
    """Every coordinate of ζ is scale times Student's t.

    Parameters
    ----------
    degrees : float
        Degrees of freedom, above 0. The variance is finite above 2, the mean above 1.
    width : float
        The factor in front of t, in units of the gradient.

    Notes
    -----
    Drawn by the closed form of Bailey (1994), √(ν(u^(−2/ν) − 1)) cos(2πv) of two uniform numbers, which
    rejects none.

    Examples
    --------
    >>> from sdeopt.noise import StudentT
    >>> round(StudentT(degrees=4.0, width=2.0).variance, 12)
    8.0
    """

    degrees: float
    width: float = 1.0

    variates = ("sdeopt.kernels.variates", "student_single")
    single = True

    def __post_init__(self) -> None:
        super().__post_init__()
        degrees = finite_number(self.degrees, "degrees of noise.StudentT", 0, open_end=True)
        object.__setattr__(self, "degrees", degrees)
        object.__setattr__(self, "width", finite_number(self.width, "width of noise.StudentT", 0))

    @property
    def scale(self) -> float:
        """The width."""
        return self.width

    @property
    def shape(self) -> Array:
        """The degrees of freedom."""
        return np.array([self.degrees])

    def raw_moment(self, order: int) -> float:
        """Return the moment, which exists for orders below the degrees of freedom."""
        order = moment_order(order)
        if order >= self.degrees:
            raise InvalidArgumentError(
                f"noise.StudentT with {self.degrees:g} degrees of freedom has no finite moment "
                f"of order {order}; take more than {order} degrees."
            )
        if order % 2:
            return 0.0
        nu = self.degrees
        factors = [odd * (nu / (nu - (odd + 1))) for odd in range(1, order, 2)]
        return power_product(self, order, self.width, math.prod(factors))

    def quadrature(self, points: int) -> tuple[Array, Array]:
        """Return a Gauss rule that is exact for the moments up to the fourth, where they exist.

        t = √ν s/√(1 − s²) where s has the density ∝ (1 − s²)^(ν/2 − 1), whose orthogonal polynomials are
        Gegenbauer's. Taking (1 − s²)^K out of it, 2K < ν, puts the nodes so far out that t^2K is a
        polynomial for the rule.
        """
        count, nu = node_count(points), self.degrees
        taken = min(max(math.ceil(nu / 2.0 - LEAST_ABOVE) - 1, 0), EXACT, count - 1)
        # of u = √ν s, which is of the size of t for any ν
        index, k = 0.5 * (nu - 1.0) - taken, np.arange(1.0, count)
        squares = np.full(count - 1, 0.5 * nu / (1.0 + index))
        k = k[1:]
        squares[1:] = k / 4.0 * (nu / (k + index)) * ((k + 2.0 * index - 1.0) / (k + index - 1.0))
        nodes, weights = gauss_rule(np.zeros(count), squares)
        nodes = 0.5 * (nodes - nodes[::-1])
        cosines = 1.0 - nodes**2 / nu
        weights = weights * cosines**taken
        return self.width * nodes / np.sqrt(cosines), weights / weights.sum()
