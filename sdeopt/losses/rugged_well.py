"""The rugged one-dimensional loss of Boffi & Slotine (2020), eq. (40)."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from sdeopt import math as fast
from sdeopt.arguments import Array, finite_number, vector
from sdeopt.kernels.compilation import compiled, compiled_into_loops
from sdeopt.kernels.intrinsics import any_of, fma, never_inline
from sdeopt.kernels.vectors import NARROW, load, no_words, store
from sdeopt.kernels.waves import LARGEST, add_wave, is_lost, wave
from sdeopt.losses.convolution import symmetric_factors
from sdeopt.losses.loss import Loss, LossConstants, supremum

if TYPE_CHECKING:
    import sympy

    from sdeopt.noise import NoiseLaw


def _gradient_of(width: int) -> Callable[..., Any]:
    """Return the function that writes f'(x) from one lane to another, `width` lanes at a time."""

    def gradient_of_lanes(x: Any, begin: int, end: int, parameters: Any, out: Any) -> None:
        if width == 1:
            # whole blocks have no rest, and need not keep their numbers for it
            never_inline()
        slopes, lost = parameters[0], no_words(width)
        first, second = (wave(slopes[3]), slopes[5]), (wave(slopes[4]), slopes[6])
        # the angle of the faster one is the first to be too large
        slower, faster = (first, second) if abs(slopes[5]) < abs(slopes[6]) else (second, first)
        (slow, slow_turns), (fast, fast_turns) = slower, faster
        for lane in range(begin, end, width):
            position = load(x, 0, lane, width)
            total = fma(fma(slopes[0] * position, position, slopes[1]), position, slopes[2])
            total, _ = add_wave(total, slow, slow_turns * position, lost)
            total, lost = add_wave(total, fast, fast_turns * position, lost)
            store(out, 0, lane, total)
        if any_of(is_lost(lost)):
            for lane in range(begin, end):
                if not abs(fast_turns * x[0, lane]) < LARGEST:
                    out[0, lane] = math.nan

    return (compiled if width == 1 else compiled_into_loops)(gradient_of_lanes)


_of_blocks, _of_rest = _gradient_of(NARROW), _gradient_of(1)


@compiled_into_loops
def gradient(x: Any, parameters: Any, out: Any) -> None:
    """Write f'(x) for every lane."""
    lanes = x.shape[1]
    whole = lanes - lanes % NARROW
    _of_blocks(x, 0, whole, parameters, out)
    if whole < lanes:
        _of_rest(x, whole, lanes, parameters, out)


@compiled
def value(x: Any, parameters: Any, out: Any) -> None:
    """Write f(x) for every lane."""
    coefficients = parameters[1]
    quartic, quadratic = coefficients[0], coefficients[1]
    tilt, constant = coefficients[2], coefficients[3]
    amplitude_1, amplitude_2 = coefficients[4], coefficients[5]
    frequency_1, frequency_2 = coefficients[6], coefficients[7]
    for lane in range(x.shape[1]):
        position = x[0, lane]
        total = fma(quartic * position, position, quadratic)
        total = fma(fma(total, position, tilt), position, constant)
        total = fma(amplitude_1, fast.cos(frequency_1 * position), total)
        out[lane] = fma(amplitude_2, fast.cos(frequency_2 * position), total)


class RuggedWell(Loss):
    """A tilted double well with ripples of two wavelengths.

    f(x) = q x⁴ + r x² + t x + c₀ + A₁ cos(w₁x) + A₂ cos(w₂x)

    Parameters
    ----------
    quartic, quadratic, tilt, constant : float
        The coefficients q > 0, r, t and c₀.
    amplitudes : array_like, shape (2,)
        A₁ and A₂, the overall factor of eq. (40) multiplied in.
    frequencies : array_like, shape (2,)
        w₁ and w₂.

    Notes
    -----
    The form is eq. (40) of Boffi & Slotine (2020). The numbers are RECONSTRUCTED, not the paper's:
    the defaults were searched so that what Sec. 4.3 says about Figs 1 to 3 holds (with noise of
    half-width 7 and step size 0.04). `RuggedWell.robust` has a second such set.

    f is not convex. λ̄ = sup −f'' is computed (about 199.6 for the defaults, from the fast
    ripple); L and Q do not exist because f'' and f''' are unbounded.

    Examples
    --------
    >>> import sdeopt as so
    >>> loss = so.losses.RuggedWell()
    >>> float(loss.value([0.0]).round(12))
    -0.7
    >>> smooth = loss.convolved(so.noise.Uniform(7.0), scale=0.04)
    >>> smooth.amplitudes.round(4)
    array([-0.2297,  0.008 ])
    """

    name = "RuggedWell"
    dim = 1
    settings = ("quartic", "quadratic", "tilt", "constant", "amplitudes", "frequencies")

    def __init__(
        self,
        quartic: float = 0.1,
        quadratic: float = -0.4,
        tilt: float = -0.06,
        constant: float = 0.0,
        amplitudes: ArrayLike = (-0.3, -0.4),
        frequencies: ArrayLike = (4.4, 22.0),
    ) -> None:
        self.quartic = finite_number(quartic, "quartic", 0.0, open_end=True)
        self.quadratic = finite_number(quadratic, "quadratic")
        self.tilt = finite_number(tilt, "tilt")
        self.constant = finite_number(constant, "constant")
        self.amplitudes = vector(amplitudes, "amplitudes", 2)
        self.frequencies = vector(frequencies, "frequencies", 2)

    @classmethod
    def robust(cls) -> "RuggedWell":
        """Return the second RECONSTRUCTED set, whose window of good couplings is less narrow.

        Returns
        -------
        RuggedWell
            f(x) = 0.1 (x⁴ − 4x² − 0.4x − 2.5 cos 4.5x − 0.3 cos 40x), made for noise of half-width
            9 and step size 0.05.

        Examples
        --------
        >>> import sdeopt as so
        >>> so.losses.RuggedWell.robust().frequencies
        array([ 4.5, 40. ])
        """
        return cls(tilt=-0.04, amplitudes=(-0.25, -0.03), frequencies=(4.5, 40.0))

    def kernel_module(self) -> str:
        """Return the name of this module."""
        return __name__

    @property
    def parameters(self) -> tuple[Array, ...]:
        """Coefficients of f', with its frequencies in half turns, then of f."""
        polynomial = [4.0 * self.quartic, 2.0 * self.quadratic, self.tilt]
        slopes = np.concatenate(
            [polynomial, -self.amplitudes * self.frequencies, self.frequencies / np.pi]
        )
        coefficients = [self.quartic, self.quadratic, self.tilt, self.constant]
        return slopes, np.concatenate([coefficients, self.amplitudes, self.frequencies])

    @property
    def constants(self) -> LossConstants:
        """λ̄, to about 1e-12 relative; the others do not exist.

        None where the quartic is so flat that ripples outweigh it over millions of waves.
        """
        curvatures = self.amplitudes * self.frequencies**2

        def negative_curvature(x: Array) -> Array:
            waves = np.cos(x[..., None] * self.frequencies) @ curvatures
            return np.asarray(waves - 12.0 * self.quartic * x**2 - 2.0 * self.quadratic)

        # beyond this radius the quartic outweighs the sum of all ripples
        radius = math.sqrt(float(np.abs(curvatures).sum()) / (6.0 * self.quartic))
        largest = supremum(negative_curvature, radius + 1.0, float(np.abs(self.frequencies).max()))
        return LossConstants(negative_curvature=largest)

    def expression(self) -> "tuple[sympy.Expr, tuple[sympy.Symbol, ...]]":
        """Return eq. (40) with these coefficients."""
        import sympy

        x = sympy.Symbol("x", real=True)
        polynomial = self.quartic * x**4 + self.quadratic * x**2 + self.tilt * x + self.constant
        waves = [
            amplitude * sympy.cos(frequency * x)
            for amplitude, frequency in zip(
                self.amplitudes.tolist(), self.frequencies.tolist(), strict=True
            )
        ]
        return polynomial + sum(waves), (x,)

    def convolved(self, noise: "NoiseLaw", scale: float = 1.0) -> Loss:
        """Return the smoothed loss: of the same form when the noise is symmetric.

        E(x − sζ)⁴ = x⁴ + 6s²E[ζ²]x² + s⁴E[ζ⁴], and E cos w(x − sζ) = φ(sw) cos wx with φ the
        characteristic function of ζ (sin(swW)/(swW) for U(−W, W)).
        """
        factors = symmetric_factors(noise, scale, self.frequencies)
        if factors is None:
            return super().convolved(noise, scale)
        second, fourth, damping = factors
        return RuggedWell(
            self.quartic,
            self.quadratic + 6.0 * self.quartic * second,
            self.tilt,
            self.constant + self.quadratic * second + self.quartic * fourth,
            self.amplitudes * damping,
            self.frequencies,
        )
