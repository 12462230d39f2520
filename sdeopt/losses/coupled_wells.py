"""The coupled n-dimensional loss of Boffi & Slotine (2020), eq. (44)."""

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.arguments import finite_number, whole_number
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.intrinsics import fma
from sdeopt.kernels.memory import aligned_rows
from sdeopt.kernels.waves import sine_and_cosine_of_quarter_turns
from sdeopt.losses.arrays import Array, vector
from sdeopt.losses.extremum import supremum
from sdeopt.losses.loss import Loss, LossConstants

if TYPE_CHECKING:
    import sympy

    from sdeopt.noise import NoiseLaw

__all__ = ["CoupledWells"]

QUARTER_TURNS = 2.0 / np.pi


@compiled
def waves_and_sums(
    x: Any, frequency: float, sines: Any, cosines: Any, sine_sum: Any, cosine_sum: Any
) -> None:
    """Write sin wx_j and cos wx_j, and their sums over the coordinates j."""
    turns = frequency * QUARTER_TURNS
    sine_sum[:] = 0.0
    cosine_sum[:] = 0.0
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            sine, cosine = sine_and_cosine_of_quarter_turns(turns * x[d, lane])
            sines[d, lane] = sine
            cosines[d, lane] = cosine
            sine_sum[lane] += sine
            cosine_sum[lane] += cosine


@compiled
def gradient(x: Any, parameters: Any, out: Any) -> None:
    """Write ∇f for every lane: a sine and a cosine for each coordinate and frequency.

    With z_j = exp(iwx_j) and Z = Σ z_j, Σ_{j≠i} sin w(x_i + x_j) = Im[z_i (Z − z_i)].
    """
    polynomial, slopes, frequencies = parameters[0], parameters[1], parameters[3]
    cubic, linear, tilt = 4.0 * polynomial[0], 2.0 * polynomial[1], polynomial[2]
    waves, sums = aligned_rows(2 * x.shape[0], x.shape[1]), aligned_rows(2, x.shape[1])
    sines, cosines, sine_sum, cosine_sum = (
        waves[: x.shape[0]],
        waves[x.shape[0] :],
        sums[0],
        sums[1],
    )
    for m in range(frequencies.shape[0]):
        waves_and_sums(x, frequencies[m], sines, cosines, sine_sum, cosine_sum)
        slope, first = slopes[m], m == 0
        for d in range(x.shape[0]):
            for lane in range(x.shape[1]):
                sine, cosine = sines[d, lane], cosines[d, lane]
                others = fma(-2.0, sine, sine_sum[lane])
                pairs = fma(sine, cosine_sum[lane], cosine * others)
                total = out[d, lane]
                if first:
                    position = x[d, lane]
                    total = fma(fma(cubic * position, position, linear), position, tilt)
                out[d, lane] = fma(slope, pairs, total)


@compiled
def value(x: Any, parameters: Any, out: Any) -> None:
    """Write f for every lane, with Σ_{i<j} cos w(x_i + x_j) = ½ Re[Z² − Σ z_j²]."""
    polynomial, amplitudes, frequencies = parameters[0], parameters[2], parameters[3]
    quartic, quadratic, tilt = polynomial[0], polynomial[1], polynomial[2]
    out[:] = polynomial[3]
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            position = x[d, lane]
            total = fma(fma(quartic * position, position, quadratic), position, tilt)
            out[lane] = fma(total, position, out[lane])
    waves, sums = aligned_rows(2 * x.shape[0], x.shape[1]), aligned_rows(2, x.shape[1])
    sines, cosines, sine_sum, cosine_sum = (
        waves[: x.shape[0]],
        waves[x.shape[0] :],
        sums[0],
        sums[1],
    )
    for m in range(frequencies.shape[0]):
        waves_and_sums(x, frequencies[m], sines, cosines, sine_sum, cosine_sum)
        half = 0.5 * amplitudes[m]
        for lane in range(x.shape[1]):
            square = cosine_sum[lane] * cosine_sum[lane] - sine_sum[lane] * sine_sum[lane]
            out[lane] = fma(half, square, out[lane])
        for d in range(x.shape[0]):
            for lane in range(x.shape[1]):
                sine, cosine = sines[d, lane], cosines[d, lane]
                out[lane] = fma(-half, cosine * cosine - sine * sine, out[lane])


class CoupledWells(Loss):
    """Double wells in every coordinate, with ripples in the sum of every two.

    f(x) = c₀ + Σ_i (q x_i⁴ + r x_i² + t x_i) + Σ_m (A_m/n) Σ_{i<j} cos(w_m (x_i + x_j))

    Parameters
    ----------
    dim : int
        The number of coordinates n, at least 2.
    quartic, quadratic, tilt, constant : float
        The coefficients q > 0, r, t and c₀.
    amplitudes, frequencies : array_like, shape (M,)
        A_m and w_m, the overall factor of eq. (44) multiplied in.

    Notes
    -----
    The form is eq. (44) of Boffi & Slotine (2020). The numbers are RECONSTRUCTED, not the paper's:
    c = 0.05 times x⁴ − 4x² + 0.4x, A = (−5, −1), w = (2π/1.4, 10π/1.4), n = 30.

    λ̄ in `constants` is a proven bound, and exact where its maximum falls on a point with all
    coordinates equal, as it does for the defaults. For a unit vector v,

    −vᵀ∇²f v = Σ_i (−2r − 12q x_i²) v_i² + (1/n) Σ_{i<j} h(x_i + x_j) (v_i + v_j)²

    with h(s) = Σ_m A_m w_m² cos w_m s. Share x_i² v_i² equally among the n − 1 pairs of i. A pair
    of weight v_i² + v_j² = ω then contributes at most ω times the largest
    (1 + 2ρ) h(s)/n − 12q s²ρ²/(n − 1) over its sum s and ρ = v_i v_j/ω in [−½, ½], because
    x_i² v_i² + x_j² v_j² ≥ s² v_i² v_j²/ω. The weights add up to n − 1.

    Examples
    --------
    >>> import sdeopt as so
    >>> loss = so.losses.CoupledWells(dim=3)
    >>> float(loss.value([0.0, 0.0, 0.0]).round(12))
    -0.3
    """

    name = "CoupledWells"
    settings = ("dim", "quartic", "quadratic", "tilt", "constant", "amplitudes", "frequencies")

    def __init__(
        self,
        dim: int = 30,
        quartic: float = 0.05,
        quadratic: float = -0.2,
        tilt: float = 0.02,
        constant: float = 0.0,
        amplitudes: ArrayLike = (-0.25, -0.05),
        frequencies: ArrayLike = (2.0 * np.pi / 1.4, 10.0 * np.pi / 1.4),
    ) -> None:
        self.dim = whole_number(dim, "dim", 2)
        self.quartic = finite_number(quartic, "quartic", 0.0, open_end=True)
        self.quadratic = finite_number(quadratic, "quadratic")
        self.tilt = finite_number(tilt, "tilt")
        self.constant = finite_number(constant, "constant")
        self.amplitudes = vector(amplitudes, "amplitudes")
        self.frequencies = vector(frequencies, "frequencies", self.amplitudes.size)

    def kernel_module(self) -> str:
        """Return the name of this module."""
        return __name__

    @property
    def parameters(self) -> tuple[Array, ...]:
        """Polynomial, slopes −A w/n, amplitudes A/n, frequencies."""
        polynomial = np.array([self.quartic, self.quadratic, self.tilt, self.constant])
        amplitudes = self.amplitudes / self.dim
        return polynomial, -amplitudes * self.frequencies, amplitudes, self.frequencies

    @property
    def constants(self) -> LossConstants:
        """The bound λ̄ of the notes; the others do not exist."""
        n, curvatures = self.dim, self.amplitudes * self.frequencies**2
        most = float(np.abs(curvatures).sum()) / n

        def largest_of_pair(s: Array) -> Array:
            ripple = np.cos(s[..., None] * self.frequencies) @ curvatures / n
            penalty = 12.0 * self.quartic * s**2 / (n - 1)
            # (1 + 2ρ) ripple − penalty ρ² is largest at ρ = ripple / penalty, or at an end
            vertex = np.copysign(np.inf, ripple)
            np.divide(ripple, penalty, out=vertex, where=penalty > 0.0)
            share = np.clip(vertex, -0.5, 0.5)
            return np.asarray((1.0 + 2.0 * share) * ripple - penalty * share**2)

        # beyond the radius a pair gives at most ripple + ripple² / penalty
        radius = float(np.sqrt(10.0 * most * n / self.quartic)) + 1.0
        far = most + most**2 * (n - 1) / (12.0 * self.quartic * radius**2)
        near = supremum(largest_of_pair, radius, float(np.abs(self.frequencies).max()))
        return LossConstants(negative_curvature=(n - 1) * max(near, far) - 2.0 * self.quadratic)

    def expression(self) -> "tuple[sympy.Expr, tuple[sympy.Symbol, ...]]":
        """Return eq. (44) with these coefficients."""
        import sympy

        x = sympy.symbols(f"x1:{self.dim + 1}", real=True)
        wells = [self.quartic * y**4 + self.quadratic * y**2 + self.tilt * y for y in x]
        terms = zip((self.amplitudes / self.dim).tolist(), self.frequencies.tolist(), strict=True)
        waves = [a * sympy.cos(w * y + w * z) for a, w in terms for y, z in combinations(x, 2)]
        return sympy.Add(self.constant, *wells, *waves), x

    def convolved(self, noise: "NoiseLaw", scale: float = 1.0) -> Loss:
        """Return the smoothed loss: of the same form when the noise is symmetric.

        A pair term keeps its form and gains φ(sw)², the square of the characteristic function
        (sinc² for uniform noise): x_i and x_j carry independent noise.
        """
        from sdeopt.losses.convolution import symmetric_factors

        factors = symmetric_factors(noise, finite_number(scale, "scale"), self.frequencies)
        if factors is None:
            return super().convolved(noise, scale)
        second, fourth, damping = factors
        return CoupledWells(
            self.dim,
            self.quartic,
            self.quadratic + 6.0 * self.quartic * second,
            self.tilt,
            self.constant + self.dim * (self.quadratic * second + self.quartic * fourth),
            self.amplitudes * damping**2,
            self.frequencies,
        )
