"""Gaussian noise, isotropic, with a scale per coordinate, or with a covariance."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.arguments import finite_array
from sdeopt.errors import InvalidArgumentError
from sdeopt.noise.gauss_rule import gauss_rule, node_count
from sdeopt.noise.law import Array, NoiseLaw
from sdeopt.noise.raw_moments import moment_order, power_product

if TYPE_CHECKING:
    import sympy


ASYMMETRY = 1e-12
"""Of a covariance, relative to its largest entry: rounding."""


@dataclass(frozen=True, eq=False)
class Gaussian(NoiseLaw):
    """Normal ζ, the same law at every x. The only law that both clocks share.

    Parameters
    ----------
    standard_deviation : float or array_like, shape (dim,)
        In units of the gradient. Leave it out when a covariance is given.
    covariance : array_like, shape (dim, dim), optional
        Symmetric positive semidefinite.

    Examples
    --------
    >>> from sdeopt.noise import Gaussian
    >>> Gaussian(0.5).variance
    0.25
    >>> Gaussian(covariance=[[2.0, 1.0], [1.0, 2.0]]).switches() >= {"MATRIX"}
    True
    """

    standard_deviation: ArrayLike | None = None
    covariance: ArrayLike | None = None

    variates = ("sdeopt.kernels.variates", "gaussian_pair")
    gaussian = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.standard_deviation is None) == (self.covariance is None):
            raise InvalidArgumentError(
                "noise.Gaussian takes either a standard_deviation or a covariance, exactly one."
            )
        if self.standard_deviation is not None:
            given = finite_array(self.standard_deviation, "standard_deviation of noise.Gaussian")
            if given.ndim > 1 or np.any(given < 0):
                raise InvalidArgumentError(
                    f"standard_deviation of noise.Gaussian is {self.standard_deviation!r}; give "
                    "one number of at least 0, or an array of shape (dim,) of such numbers."
                )
            object.__setattr__(self, "standard_deviation", given if given.ndim else float(given))
        else:
            object.__setattr__(self, "covariance", _covariance(self.covariance))

    @property
    def scale(self) -> float:
        """The standard deviation where there is one for all coordinates, else 1."""
        return self.standard_deviation if isinstance(self.standard_deviation, float) else 1.0

    def functions(self) -> dict[str, tuple[str, str]]:
        """Add the factor that makes coordinates unequal or dependent."""
        module = "sdeopt.kernels.passes"
        return super().functions() | {
            "diffusion_diagonal": (module, "constant_diagonal"),
            "diffusion_matrix": (module, "constant_matrix"),
        }

    def switches(self) -> set[str]:
        """Turn on the factor that is needed."""
        if self.covariance is not None:
            return super().switches() | {"MATRIX"}
        if isinstance(self.standard_deviation, float):
            return super().switches()
        return super().switches() | {"DIAGONAL"}

    def parameters(self) -> tuple[Array, ...]:
        """Return the scales of the coordinates, or a square root of the covariance."""
        if self.covariance is not None:
            values, vectors = np.linalg.eigh(np.asarray(self.covariance))
            root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
            return (np.ascontiguousarray(root).reshape(-1),)
        return (np.atleast_1d(np.asarray(self.standard_deviation, dtype=np.float64)),)

    def check(self, dim: int) -> None:
        """Refuse scales or a covariance of another dimension."""
        if isinstance(self.standard_deviation, float):
            return
        matrix = self.covariance is not None
        shape = np.asarray(self.covariance if matrix else self.standard_deviation).shape
        wanted = (dim, dim) if matrix else (dim,)
        if shape != wanted:
            raise InvalidArgumentError(
                f"noise.Gaussian was given an array of shape {shape} for a loss of "
                f"{dim} coordinates; give shape {wanted}."
            )

    def raw_moment(self, order: int) -> float:
        """Return σ^order (order − 1)!! for even orders, 0 for odd ones."""
        deviation, order = self._one_deviation(), moment_order(order)
        odds = math.prod(range(1, order, 2))
        return 0.0 if order % 2 else power_product(self, order, deviation, odds)

    def characteristic(self, argument: "sympy.Expr") -> "sympy.Expr":
        """Return exp(−a²σ²/2)."""
        import sympy

        return sympy.exp(-(argument**2) * self._one_deviation() ** 2 / 2)

    def quadrature(self, points: int) -> tuple[Array, Array]:
        """Return the Gauss-Hermite rule."""
        deviation, count = self._one_deviation(), node_count(points)
        nodes, weights = gauss_rule(np.zeros(count), np.arange(1.0, count))
        return deviation * 0.5 * (nodes - nodes[::-1]), weights

    def _one_deviation(self) -> float:
        if not isinstance(self.standard_deviation, float):
            raise InvalidArgumentError(
                "this needs coordinates with one and the same law; "
                "give noise.Gaussian a single standard_deviation."
            )
        return self.standard_deviation


def _covariance(given: ArrayLike | None) -> Array:
    matrix = finite_array(given if given is not None else [], "covariance of noise.Gaussian")
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] and matrix.size > 0
    with np.errstate(over="ignore"):
        alike = square and np.abs(matrix - matrix.T).max() <= ASYMMETRY * np.abs(matrix).max()
    if not alike:
        raise InvalidArgumentError(
            f"covariance of noise.Gaussian must be a symmetric matrix, got shape {matrix.shape}"
            f"{' that is not symmetric' if square else ''}."
        )
    least = float(np.linalg.eigvalsh(matrix)[0])
    if least < -1e-12 * float(np.abs(matrix).max()):
        raise InvalidArgumentError(
            f"covariance of noise.Gaussian has the negative eigenvalue {least:g}; "
            "it must be positive semidefinite."
        )
    return matrix
