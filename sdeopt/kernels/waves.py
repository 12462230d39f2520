"""Sines and cosines of angles in half and quarter turns, for losses with fixed frequencies.

sin(wx) is sin(πt) with t = (w/π)x and w/π stored: the nearest whole number is subtracted from t without
rounding, so the range reduction costs two additions where that of an angle in radians
(`sdeopt.math.sin`) costs multiplications by the digits of π. The rounding of t is as large as that of
wx would be; besides it, the error is about 1e-16 for |t| < 2**51. Beyond, t has no fractional part left,
and losses return NaN, which a simulation reports as divergence.

The coefficients are minimax fits of our own (`benchmarks/coefficients.py` remakes such fits).
"""

import numpy as np

from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.intrinsics import bits_of, choose_odd, float_of_bits, fma

ROUNDER = 6755399441055744.0
ROUNDER_BITS = np.float64(ROUNDER).view(np.uint64)
LARGEST = 2.0**51
SIGN_SHIFT, MANTISSA_BITS, ONE = np.uint64(63), np.uint64(52), np.uint64(1)

Wave = tuple[float, float, float, float, float, float, float, float]

# sin(πr) / r in powers of r², |r| <= 1/2
UNIT: Wave = (
    3.14159265358979, -5.167712780049385, 2.550164039844567, -0.5992645284957718,
    0.08214587559565845, -0.007370347464887948, 0.0004659420578713646, -2.1085678109743012e-05,
)  # fmt: skip


@compiled
def wave(amplitude: float) -> Wave:
    """Return the coefficients of amplitude * sin(πt) for `add_wave`."""
    a, b, c, d, e, f, g, h = UNIT
    return (
        amplitude * a, amplitude * b, amplitude * c, amplitude * d,
        amplitude * e, amplitude * f, amplitude * g, amplitude * h,
    )  # fmt: skip


@compiled
def add_wave(total: float, wave: Wave, t: float, lost: np.uint64) -> tuple[float, np.uint64]:
    """Return total + amplitude * sin(πt)."""
    rounded = t + ROUNDER
    r = t - (rounded - ROUNDER)
    s = r * r
    p = fma(s, wave[7], wave[6])
    p = fma(s, p, wave[5])
    p = fma(s, p, wave[4])
    p = fma(s, p, wave[3])
    p = fma(s, p, wave[2])
    p = fma(s, p, wave[1])
    p = fma(s, p, wave[0])
    whole = bits_of(rounded)
    signed = float_of_bits(bits_of(r) ^ (whole << SIGN_SHIFT))
    return fma(signed, p, total), lost | (whole ^ ROUNDER_BITS)


@compiled
def is_lost(lost: np.uint64) -> np.uint64:
    """Return a word that is not zero if an angle was `LARGEST` or more.

    A comparison for every angle would take a tenth of the time of a wave. The upper bits that rounding
    leaves in `lost` contain the same information, and are collected over many angles.
    """
    return lost >> MANTISSA_BITS


@compiled
def sine_and_cosine_of_quarter_turns(t: float, lost: np.uint64) -> tuple[float, float, np.uint64]:
    """Return sin(πt/2) and cos(πt/2), with one reduction for both."""
    rounded = t + ROUNDER
    r = t - (rounded - ROUNDER)
    s = r * r
    p = fma(s, 5.633721075556274e-08, -3.5986417551299964e-06)
    p = fma(s, p, 0.00016044115029189453)
    p = fma(s, p, -0.004681754132282454)
    p = fma(s, p, 0.07969262624603957)
    p = fma(s, p, -0.6459640975062443)
    p = r * fma(s, p, 1.5707963267948966)
    q = fma(s, 4.655301316926533e-07, -2.5200135652635974e-05)
    q = fma(s, q, 0.0009192599501521089)
    q = fma(s, q, -0.020863480734961075)
    q = fma(s, q, 0.2536695078998656)
    q = fma(s, q, -1.2337005501361513)
    q = fma(s, q, 1.0)
    quadrant = bits_of(rounded)
    sine = choose_odd(quadrant, q, p)
    cosine = choose_odd(quadrant, p, q)
    sine_sign = (quadrant >> ONE) << SIGN_SHIFT
    cosine_sign = ((quadrant + ONE) >> ONE) << SIGN_SHIFT
    signed_sine = float_of_bits(bits_of(sine) ^ sine_sign)
    signed_cosine = float_of_bits(bits_of(cosine) ^ cosine_sign)
    return signed_sine, signed_cosine, lost | (quadrant ^ ROUNDER_BITS)
