"""The coupled n-dimensional loss of Boffi & Slotine (2020), eq. (44)."""

import math
from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.arguments import Array, finite_number, vector, whole_number
from sdeopt.kernels.compilation import compiled, compiled_inline
from sdeopt.kernels.intrinsics import choose_zero, fma
from sdeopt.kernels.state import aligned_rows
from sdeopt.kernels.vectors import NARROW, load, no_words, splat, store
from sdeopt.kernels.waves import is_lost, sine_and_cosine_of_quarter_turns
from sdeopt.losses.convolution import symmetric_factors
from sdeopt.losses.loss import Loss, LossConstants, supremum

if TYPE_CHECKING:
    import sympy

    from sdeopt.noise import NoiseLaw

QUARTER_TURNS = 2.0 / np.pi


@compiled
def _pairs(sine: float, cosine: float, sines: float, cosines: float) -> float:
    """Return Σ_{j≠i} sin w(x_i + x_j).

    With z_j = exp(iwx_j) and Z = Σ z_j it is Im[z_i (Z − z_i)].
    """
    return fma(sine, cosines, cosine * fma(-2.0, sine, sines))


def _gradient_of(width: int) -> Callable[..., None]:
    """Return the function that writes ∇f for `width` lanes, with two frequencies at a time.

    It needs memory for one vector of lanes only, and the sums stay in registers.
    """

    @compiled_inline
    def gradient_of_lanes(x: Any, lane: int, parameters: Any, waves: Any, out: Any) -> None:
        polynomial, slopes, frequencies = parameters[0], parameters[1], parameters[3]
        cubic, linear, tilt = 4.0 * polynomial[0], 2.0 * polynomial[1], polynomial[2]
        for m in range(0, frequencies.shape[0], 2):
            turns_1, turns_2 = QUARTER_TURNS * frequencies[m], QUARTER_TURNS * frequencies[m + 1]
            lost = no_words(width)
            sines_1, cosines_1 = splat(0.0, width), splat(0.0, width)
            sines_2, cosines_2 = splat(0.0, width), splat(0.0, width)
            for d in range(x.shape[0]):
                position = load(x, d, lane, width)
                sine, cosine, _ = sine_and_cosine_of_quarter_turns(turns_1 * position, lost)
                store(waves, d, 0, sine)
                store(waves, d, width, cosine)
                sines_1 += sine
                cosines_1 += cosine
                sine, cosine, lost = sine_and_cosine_of_quarter_turns(turns_2 * position, lost)
                store(waves, d, 2 * width, sine)
                store(waves, d, 3 * width, cosine)
                sines_2 += sine
                cosines_2 += cosine
            sines_1 = choose_zero(is_lost(lost), sines_1, math.nan)
            slope_1, slope_2 = slopes[m], slopes[m + 1]
            for d in range(x.shape[0]):
                if m == 0:
                    position = load(x, d, lane, width)
                    total = fma(fma(cubic * position, position, linear), position, tilt)
                else:
                    total = load(out, d, lane, width)
                sine, cosine = load(waves, d, 0, width), load(waves, d, width, width)
                total = fma(slope_1, _pairs(sine, cosine, sines_1, cosines_1), total)
                sine, cosine = load(waves, d, 2 * width, width), load(waves, d, 3 * width, width)
                store(out, d, lane, fma(slope_2, _pairs(sine, cosine, sines_2, cosines_2), total))

    return gradient_of_lanes


_gradient_of_block, _gradient_of_lane = _gradient_of(NARROW), _gradient_of(1)


@compiled
def gradient(x: Any, parameters: Any, out: Any) -> None:
    """Write ∇f for every lane: a sine and a cosine for each coordinate and frequency."""
    waves = aligned_rows(x.shape[0], 4 * NARROW)
    lane = 0
    while lane + NARROW <= x.shape[1]:
        _gradient_of_block(x, lane, parameters, waves, out)
        lane += NARROW
    while lane < x.shape[1]:
        _gradient_of_lane(x, lane, parameters, waves, out)
        lane += 1


def _value_of(width: int) -> Callable[..., None]:
    """Return what writes f for `width` lanes.

    With z_j and Z as above, Σ_{i<j} cos w(x_i + x_j) = ½ Re[Z² − Σ z_j²].
    """

    @compiled_inline
    def value_of_lanes(x: Any, lane: int, parameters: Any, out: Any) -> None:
        polynomial, amplitudes, frequencies = parameters[0], parameters[2], parameters[3]
        quartic, quadratic, tilt = polynomial[0], polynomial[1], polynomial[2]
        total = splat(polynomial[3], width)
        for d in range(x.shape[0]):
            position = load(x, d, lane, width)
            slope = fma(fma(quartic * position, position, quadratic), position, tilt)
            total = fma(slope, position, total)
        for m in range(frequencies.shape[0]):
            turns = QUARTER_TURNS * frequencies[m]
            sines, cosines, squares = splat(0.0, width), splat(0.0, width), splat(0.0, width)
            lost = no_words(width)
            for d in range(x.shape[0]):
                angle = turns * load(x, d, lane, width)
                sine, cosine, lost = sine_and_cosine_of_quarter_turns(angle, lost)
                sines += sine
                cosines += cosine
                squares += cosine * cosine - sine * sine
            pairs = cosines * cosines - sines * sines - squares
            pairs = choose_zero(is_lost(lost), pairs, math.nan)
            total = fma(0.5 * amplitudes[m], pairs, total)
        store(out, 0, lane, total)

    return value_of_lanes


_value_of_block, _value_of_lane = _value_of(NARROW), _value_of(1)


@compiled
def value(x: Any, parameters: Any, out: Any) -> None:
    """Write f for every lane."""
    lane = 0
    while lane + NARROW <= x.shape[1]:
        _value_of_block(x, lane, parameters, out)
        lane += NARROW
    while lane < x.shape[1]:
        _value_of_lane(x, lane, parameters, out)
        lane += 1


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
        """Polynomial, slopes −A w/n, amplitudes A/n, frequencies.

        An even number of waves; the second of two is the faster, so the first whose angle is lost.
        """
        polynomial = np.array([self.quartic, self.quadratic, self.tilt, self.constant])
        slowest_first, even = np.argsort(np.abs(self.frequencies)), (self.amplitudes.size % 2, 0)
        amplitudes = np.pad(self.amplitudes[slowest_first] / self.dim, even)
        frequencies = np.pad(self.frequencies[slowest_first], even)
        return polynomial, -amplitudes * frequencies, amplitudes, frequencies

    @property
    def constants(self) -> LossConstants:
        """The bound λ̄ of the notes; the others do not exist.

        None where the quartic is so flat that ripples outweigh it over millions of waves.
        """
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
        near = supremum(largest_of_pair, radius, float(np.abs(self.frequencies).max()))
        if near is None:
            return LossConstants()
        far = most + most**2 * (n - 1) / (12.0 * self.quartic * radius**2)
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
        factors = symmetric_factors(noise, scale, self.frequencies)
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
