"""Student's t: noise with heavy tails."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from sdeopt.arguments import finite_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.noise.law import Array, NoiseLaw


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
        if order >= self.degrees:
            raise InvalidArgumentError(
                f"noise.StudentT with {self.degrees:g} degrees of freedom has no finite moment "
                f"of order {order}; take more than {order} degrees."
            )
        if order % 2:
            return 0.0
        half, nu = order / 2.0, self.degrees
        ratio = special.gammaln(half + 0.5) + special.gammaln(nu / 2.0 - half)
        ratio -= special.gammaln(0.5) + special.gammaln(nu / 2.0)
        return float(self.width**order * nu**half * math.exp(ratio))

    def quadrature(self, points: int) -> tuple[Array, Array]:
        """Return Gauss-Legendre in the angle: t = √ν tan θ has density ∝ cos(θ)^(ν−1)."""
        nodes, weights = np.polynomial.legendre.leggauss(points)
        angle = math.pi / 2.0 * nodes
        density = weights * np.cos(angle) ** (self.degrees - 1.0)
        return self.width * math.sqrt(self.degrees) * np.tan(angle), density / density.sum()
