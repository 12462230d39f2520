"""The logarithm of a number that is known to be positive, normal and finite."""

import math

import numpy as np

from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.intrinsics import bits_of, float_of_bits, fma

__all__ = ["log_of_normal"]

LOG_2_HIGH = math.log(2.0)
LOG_2_LOW = 2.3190468138462996e-17
MANTISSA_SHIFT = np.uint64(52)
ONE_BITS = np.uint64(0x3FF0000000000000)
SQRT_HALF_BITS = np.uint64(0x3FE6A09E667F3BCD)
MANTISSA_MASK = np.uint64(0x000FFFFFFFFFFFFF)
TWO_52_BITS = np.uint64(0x4330000000000000)
TWO_52_AND_BIAS = 2.0**52 + 1023.0


@compiled
def log_of_normal(x: float) -> float:
    """Return log(x) for a positive normal finite number, without the special cases.

    Parameters
    ----------
    x : float
        Positive, normal, finite: the caller's promise.

    Returns
    -------
    float
        ``log(x)``.
    """
    # x = 2**k m with m in [sqrt(1/2), sqrt(2)); log m = 2 atanh((m - 1) / (m + 1))
    shifted = bits_of(x) + (ONE_BITS - SQRT_HALF_BITS)
    k = float_of_bits((shifted >> MANTISSA_SHIFT) | TWO_52_BITS) - TWO_52_AND_BIAS
    f = float_of_bits((shifted & MANTISSA_MASK) + SQRT_HALF_BITS) - 1.0
    s = f / (2.0 + f)
    z = s * s
    p = fma(z, 0.14798599208587612, 0.15313803304254786)
    p = fma(z, p, 0.18183573273102596)
    p = fma(z, p, 0.22222198415508973)
    p = fma(z, p, 0.28571428743775346)
    p = fma(z, p, 0.39999999999409147)
    p = fma(z, p, 0.6666666666666735)
    # 2 s = f - s f exactly enough that the leading term f carries no rounding of the division
    return fma(k, LOG_2_HIGH, f - s * (f - z * p)) + k * LOG_2_LOW
