"""Quadratic losses with any symmetric positive definite matrix."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.arguments import Array, finite_array, finite_number, square_matrix, vector
from sdeopt.errors import InvalidArgumentError
from sdeopt.kernels.compilation import compiled, compiled_into_loops
from sdeopt.kernels.intrinsics import fma
from sdeopt.kernels.products import TILE, add_product
from sdeopt.losses.loss import Loss, LossConstants
from sdeopt.losses.step_noise import checked_scale, scaled

if TYPE_CHECKING:
    import sympy

    from sdeopt.noise import NoiseLaw

ASYMMETRY_ALLOWED = 1e-12


@compiled_into_loops
def gradient(x: Any, parameters: Any, out: Any) -> None:
    """Write H x − H m for every lane."""
    matrix, linear = parameters[0], parameters[1]
    if x.shape[0] >= TILE:
        for d in range(x.shape[0]):
            out[d] = -linear[d]
        add_product(matrix, False, x, out)
        return
    for d in range(x.shape[0]):
        first, shift = matrix[d, 0], -linear[d]
        for lane in range(x.shape[1]):
            out[d, lane] = fma(first, x[0, lane], shift)
        for e in range(1, x.shape[0]):
            entry = matrix[d, e]
            for lane in range(x.shape[1]):
                out[d, lane] = fma(entry, x[e, lane], out[d, lane])


@compiled
def value(x: Any, parameters: Any, out: Any) -> None:
    """Write ½ (x − m)ᵀ H (x − m) + c for every lane."""
    matrix, minimum = parameters[0], parameters[2]
    out[:] = parameters[3][0]
    for d in range(x.shape[0]):
        for e in range(x.shape[0]):
            half = 0.5 * matrix[d, e]
            for lane in range(x.shape[1]):
                product = (x[d, lane] - minimum[d]) * (x[e, lane] - minimum[e])
                out[lane] = fma(half, product, out[lane])


class Quadratic(Loss):
    """f(x) = ½ (x − m)ᵀ H (x − m) + c.

    Parameters
    ----------
    matrix : float or array_like, shape (dim, dim)
        H, symmetric positive definite; a number stands for a 1 by 1 matrix.
    minimum : array_like, shape (dim,), optional
        m, where the gradient is zero; the origin by default.
    constant : float
        c, the least value.

    Notes
    -----
    l and L are the least and largest eigenvalues of H, λ̄ = −l and Q = 0, all exact. The model of
    Lemma 5.5 of Boffi & Slotine (2020).

    Examples
    --------
    >>> import sdeopt as so
    >>> loss = so.losses.Quadratic([[2.0, 1.0], [1.0, 2.0]], minimum=[1.0, 0.0])
    >>> loss.gradient([2.0, 0.0])
    array([2., 1.])
    >>> loss.constants.strong_convexity
    1.0
    """

    name = "Quadratic"
    settings = ("matrix", "minimum", "constant")

    def __init__(
        self, matrix: ArrayLike, minimum: ArrayLike | None = None, constant: float = 0.0
    ) -> None:
        given = finite_array(matrix, "matrix")
        self.matrix = square_matrix(given.reshape(1, 1) if given.ndim == 0 else given, "matrix")
        self.dim = self.matrix.shape[0]
        self.minimum = vector(
            np.zeros(self.dim) if minimum is None else minimum, "minimum", self.dim
        )
        self.constant = finite_number(constant, "constant")
        asymmetry = np.abs(self.matrix - self.matrix.T).max()
        if asymmetry > ASYMMETRY_ALLOWED * np.abs(self.matrix).max():
            raise InvalidArgumentError(
                f"matrix must be symmetric, but differs from its transpose by {asymmetry:g}."
            )
        self.eigenvalues = np.linalg.eigvalsh(self.matrix)
        if self.eigenvalues[0] <= 0.0:
            raise InvalidArgumentError(
                "matrix must be positive definite, but its least eigenvalue is "
                f"{self.eigenvalues[0]:g}."
            )

    def kernel_module(self) -> str:
        """Return the name of this module."""
        return __name__

    @property
    def parameters(self) -> tuple[Array, ...]:
        """H, H m, m and c."""
        return self.matrix, self.matrix @ self.minimum, self.minimum, np.array([self.constant])

    @property
    def constants(self) -> LossConstants:
        """All four, exact."""
        least, largest = float(self.eigenvalues[0]), float(self.eigenvalues[-1])
        return LossConstants(least, largest, -least, 0.0)

    def expression(self) -> "tuple[sympy.Expr, tuple[sympy.Symbol, ...]]":
        """Return the quadratic form."""
        import sympy

        x = sympy.symbols(f"x1:{self.dim + 1}", real=True)
        away = sympy.Matrix([y - m for y, m in zip(x, self.minimum.tolist(), strict=True)])
        form = (away.T * sympy.Matrix(self.matrix.tolist()) * away)[0, 0]
        return form / 2 + self.constant, x

    def convolved(self, noise: "NoiseLaw", scale: float = 1.0) -> "Quadratic":
        """Return the smoothed loss: shifted by the mean of the noise, raised by ½ s² tr(H) Var ζ."""
        factor = checked_scale(noise, scale)
        mean = noise.raw_moment(1)
        variance = noise.raw_moment(2) - mean**2
        rise = 0.5 * scaled(variance, factor, 2) * float(np.trace(self.matrix))
        return Quadratic(self.matrix, self.minimum + factor * mean, self.constant + rise)
