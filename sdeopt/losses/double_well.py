"""Double wells with known curvature, for the synchronization bounds on a loss that is not convex."""

from typing import TYPE_CHECKING, Any

from sdeopt.arguments import Array, finite_number, vector, whole_number
from sdeopt.kernels.compilation import compiled, compiled_into_loops
from sdeopt.kernels.intrinsics import fma
from sdeopt.losses.convolution import symmetric_factors
from sdeopt.losses.loss import Loss, LossConstants

if TYPE_CHECKING:
    import sympy

    from sdeopt.noise import NoiseLaw


@compiled_into_loops
def gradient(x: Any, parameters: Any, out: Any) -> None:
    """Write q x³ − κ x + t for every coordinate and lane."""
    coefficients = parameters[0]
    quartic, curvature, tilt = coefficients[0], coefficients[1], coefficients[2]
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            position = x[d, lane]
            out[d, lane] = fma(fma(quartic * position, position, -curvature), position, tilt)


@compiled
def value(x: Any, parameters: Any, out: Any) -> None:
    """Write the sum over coordinates of q x⁴/4 − κ x²/2 + t x for every lane."""
    coefficients = parameters[0]
    quarter, half = 0.25 * coefficients[0], -0.5 * coefficients[1]
    tilt = coefficients[2]
    out[:] = coefficients[3]
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            position = x[d, lane]
            slope = fma(fma(quarter * position, position, half), position, tilt)
            out[lane] = fma(slope, position, out[lane])


class DoubleWell(Loss):
    """f(x) = c₀ + Σ_j (q x_j⁴/4 − κ x_j²/2 + t x_j).

    Without a tilt its minima lie at x_j = ±√(κ/q).

    Parameters
    ----------
    dim : int
        The number of coordinates.
    quartic : float
        q > 0.
    curvature : float
        κ, the curvature of the hill between the wells.
    tilt, constant : float
        t and c₀.

    Notes
    -----
    −f'' = κ − 3q x_j² is largest at the origin, so λ̄ = κ exactly: the loss on which Thm 3.1 and
    Lemma 3.1 of Boffi & Slotine (2020) apply with k > λ̄ though it is not convex. For κ < 0 there
    is one well and l = −κ. L and Q do not exist: f'' is unbounded, and f''' too.

    Examples
    --------
    >>> import sdeopt as so
    >>> loss = so.losses.DoubleWell(quartic=2.0, curvature=8.0)
    >>> loss.gradient([2.0])
    array([0.])
    >>> loss.constants.negative_curvature
    8.0
    """

    name = "DoubleWell"
    settings = ("dim", "quartic", "curvature", "tilt", "constant")

    def __init__(
        self,
        dim: int = 1,
        quartic: float = 1.0,
        curvature: float = 1.0,
        tilt: float = 0.0,
        constant: float = 0.0,
    ) -> None:
        self.dim = whole_number(dim, "dim", 1)
        self.quartic = finite_number(quartic, "quartic", 0.0, open_end=True)
        self.curvature = finite_number(curvature, "curvature")
        self.tilt = finite_number(tilt, "tilt")
        self.constant = finite_number(constant, "constant")

    def kernel_module(self) -> str:
        """Return the name of this module."""
        return __name__

    @property
    def parameters(self) -> tuple[Array, ...]:
        """The coefficients q, κ, t and c₀."""
        return (vector([self.quartic, self.curvature, self.tilt, self.constant], "coefficients"),)

    @property
    def constants(self) -> LossConstants:
        """λ̄ = κ, exact, and l = −κ where that is positive."""
        convex = self.curvature < 0.0
        return LossConstants(
            strong_convexity=-self.curvature if convex else None,
            negative_curvature=self.curvature,
        )

    def expression(self) -> "tuple[sympy.Expr, tuple[sympy.Symbol, ...]]":
        """Return the polynomial."""
        import sympy

        x = sympy.symbols(f"x1:{self.dim + 1}", real=True)
        wells = [self.quartic * y**4 / 4 - self.curvature * y**2 / 2 + self.tilt * y for y in x]
        return sympy.Add(self.constant, *wells), x

    def convolved(self, noise: "NoiseLaw", scale: float = 1.0) -> Loss:
        """Return the smoothed loss: for symmetric noise a double well with a lower hill."""
        factors = symmetric_factors(noise, scale, ())
        if factors is None:
            return super().convolved(noise, scale)
        second, fourth, _ = factors
        rise = self.dim * (0.25 * self.quartic * fourth - 0.5 * self.curvature * second)
        return DoubleWell(
            self.dim,
            self.quartic,
            self.curvature - 3.0 * self.quartic * second,
            self.tilt,
            self.constant + rise,
        )
