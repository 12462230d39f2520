"""A strongly convex loss that is not quadratic and whose l, L and Q are known exactly."""

import math as exact
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from sdeopt import math
from sdeopt.arguments import Array, finite_number, square_matrix, vector, whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.kernels.compilation import compiled, compiled_into_loops
from sdeopt.kernels.intrinsics import fma
from sdeopt.losses.loss import Loss, LossConstants

if TYPE_CHECKING:
    import sympy

LOG_2 = exact.log(2.0)
ROUNDING_ALLOWED = 1e-10


@compiled
def rotate(rotation: Any, x: Any, out: Any) -> None:
    """Write R x for every lane."""
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[d, lane] = rotation[d, 0] * x[0, lane]
        for e in range(1, x.shape[0]):
            for lane in range(x.shape[1]):
                out[d, lane] = fma(rotation[d, e], x[e, lane], out[d, lane])


@compiled
def separable_gradient(u: Any, coefficients: Any, out: Any) -> None:
    """Write φ'(u) for every coordinate and lane."""
    curvature, height, rate = coefficients[0], coefficients[2], coefficients[3]
    for d in range(u.shape[0]):
        for lane in range(u.shape[1]):
            position = u[d, lane]
            out[d, lane] = fma(height, math.tanh(rate * position), curvature * position)


@compiled_into_loops
def gradient(x: Any, parameters: Any, out: Any) -> None:
    """Write Rᵀ φ'(R x) for every lane."""
    coefficients, rotation = parameters[0], parameters[1]
    if rotation.shape[0] == 0:
        separable_gradient(x, coefficients, out)
    else:
        turned = np.empty_like(x)
        rotate(rotation, x, turned)
        separable_gradient(turned, coefficients, turned)
        rotate(parameters[2], turned, out)


@compiled
def value(x: Any, parameters: Any, out: Any) -> None:
    """Write the sum of φ over the coordinates of R x, for every lane."""
    coefficients, rotation = parameters[0], parameters[1]
    half, depth, rate = 0.5 * coefficients[0], coefficients[1], coefficients[3]
    turned = x
    if rotation.shape[0] > 0:
        turned = np.empty_like(x)
        rotate(rotation, x, turned)
    out[:] = 0.0
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            position = turned[d, lane]
            size = abs(rate * position)
            log_cosh = size + math.log(1.0 + math.exp(-2.0 * size)) - LOG_2
            out[lane] += fma(depth, log_cosh, half * position * position)


class QuadraticLogCosh(Loss):
    """f(x) = Σ_j φ(u_j), φ(u) = ½ l u² + (L − l) δ² log cosh(u/δ), u = R x.

    Parameters
    ----------
    dim : int
        The number of coordinates.
    strong_convexity : float
        l > 0.
    smoothness : float
        L ≥ l.
    width : float
        δ, the distance over which the curvature falls from L to l.
    rotation : array_like, shape (dim, dim), optional
        R, orthogonal; the identity by default.

    Notes
    -----
    φ'' = l + (L − l) sech²(u/δ) takes its maximum L at the origin and has infimum l, so both are
    exact, and λ̄ = −l. φ''' = −2 (L − l)/δ · sech²(u/δ) tanh(u/δ) is largest in size where
    tanh² = 1/3: q = 4 (L − l)/(3√3 δ). Component k of ∇f = Rᵀφ'(Rx) has the Hessian
    Rᵀ diag(R_jk φ'''(u_j)) R, whose spectral norm is max_j |R_jk φ'''(u_j)|. As every u can be
    reached, Q = q max_jk |R_jk| exactly, and Q = q without a rotation. A family for Sec. 5 of
    Boffi & Slotine (2020), whose bounds use l, L and Q.

    Examples
    --------
    >>> import sdeopt as so
    >>> loss = so.losses.QuadraticLogCosh(strong_convexity=1.0, smoothness=4.0)
    >>> loss.gradient([100.0])
    array([103.])
    >>> round(loss.constants.gradient_curvature, 6)
    2.309401
    """

    name = "QuadraticLogCosh"
    settings = ("dim", "strong_convexity", "smoothness", "width", "rotation")

    def __init__(
        self,
        dim: int = 1,
        strong_convexity: float = 1.0,
        smoothness: float = 4.0,
        width: float = 1.0,
        rotation: ArrayLike | None = None,
    ) -> None:
        self.dim = whole_number(dim, "dim", 1)
        self.strong_convexity = finite_number(
            strong_convexity, "strong_convexity", 0.0, open_end=True
        )
        self.smoothness = finite_number(smoothness, "smoothness", self.strong_convexity)
        self.width = finite_number(width, "width", 0.0, open_end=True)
        self.rotation = None if rotation is None else square_matrix(rotation, "rotation")
        if self.rotation is not None:
            check_rotation(self.rotation, self.dim)

    def kernel_module(self) -> str:
        """Return the name of this module."""
        return __name__

    @property
    def parameters(self) -> tuple[Array, ...]:
        """The coefficients of φ, then R and its transpose (empty for the identity)."""
        above = self.smoothness - self.strong_convexity
        coefficients = [self.strong_convexity, above * self.width**2, above * self.width]
        rotation = np.empty((0, 0)) if self.rotation is None else self.rotation
        transpose = np.ascontiguousarray(rotation.T)
        return vector([*coefficients, 1.0 / self.width], "coefficients"), rotation, transpose

    @property
    def constants(self) -> LossConstants:
        """All four, exact."""
        above = self.smoothness - self.strong_convexity
        largest = 1.0 if self.rotation is None else float(np.abs(self.rotation).max())
        curvature = largest * 4.0 * above / (3.0 * exact.sqrt(3.0) * self.width)
        return LossConstants(
            self.strong_convexity, self.smoothness, -self.strong_convexity, curvature
        )

    def expression(self) -> "tuple[sympy.Expr, tuple[sympy.Symbol, ...]]":
        """Return the sum over coordinates."""
        import sympy

        x = sympy.symbols(f"x1:{self.dim + 1}", real=True)
        rotation = np.eye(self.dim) if self.rotation is None else self.rotation
        turned = sympy.Matrix(rotation.tolist()) * sympy.Matrix(x)
        depth = (self.smoothness - self.strong_convexity) * self.width**2
        terms = [
            self.strong_convexity * u**2 / 2 + depth * sympy.log(sympy.cosh(u / self.width))
            for u in turned
        ]
        return sympy.Add(*terms), x


def check_rotation(rotation: Array, dim: int) -> None:
    """Raise unless `rotation` is an orthogonal matrix of `dim` rows."""
    if rotation.shape[0] != dim:
        raise InvalidArgumentError(
            f"rotation has shape {rotation.shape}, but must have ({dim}, {dim}) as dim is {dim}."
        )
    error = float(np.abs(rotation @ rotation.T - np.eye(dim)).max())
    if error > ROUNDING_ALLOWED:
        raise InvalidArgumentError(
            f"rotation must be orthogonal, but R Rᵀ differs from the identity by {error:g}."
        )
