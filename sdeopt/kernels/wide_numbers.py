"""Numbers that cannot overflow: (m, e, f, g) stands for m · 2^e · exp(f · 2^g).

m and f are of float64 with a size in [1/2, 1), or zero; e and g are whole. f is zero up to exp(1e14),
whose digits e keeps; beyond, the argument is kept as it is, and may itself be beyond float64, so that
quotients of exp(x²) are right at 1e200 too.
"""

import math

import numpy as np

from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.intrinsics import fma

LOG_2, LOG_2_LOW = 0.6931471805599453, 2.3190468138462996e-17
FARTHEST = 1e14
"""Beyond this exp(u) keeps u."""
LARGEST_SHIFT = 2**48
"""The most that e is, a little more than that of exp(FARTHEST)."""
LARGEST_POWER = 1e9
"""Beyond this a power is the exponential of a logarithm."""

Pair = tuple[float, int]
"""m · 2^e."""

Wide = tuple[float, int, float, int]

NONE: Pair = (0.0, 0)


@compiled
def pair(m: float, e: int) -> Pair:
    """Return m · 2^e with the size of m in [1/2, 1), zero, infinite or NaN."""
    if m == 0.0 or not math.isfinite(m):
        return m, 0
    mantissa, shift = math.frexp(m)
    return mantissa, e + shift


@compiled
def pair_sum(a: Pair, b: Pair) -> Pair:
    """Return a + b."""
    if a[0] == 0.0:
        return b
    if b[0] == 0.0:
        return a
    high, low = (a, b) if a[1] >= b[1] else (b, a)
    return pair(high[0] + math.ldexp(low[0], max(low[1] - high[1], -200)), high[1])


@compiled
def in_range(a: Pair) -> float:
    """Return the nearest float64."""
    return math.ldexp(a[0], min(max(a[1], -3000), 3000))


@compiled
def near_exponential(u: float) -> Pair:
    """Return exp(u) = m · 2^e, right up to |u| = 1e15."""
    k = np.rint(u / LOG_2)
    return math.exp(fma(-k, LOG_2_LOW, fma(-k, LOG_2, u))), int(k)


@compiled
def scaled(m: float, e: int, far: Pair) -> Wide:
    """Return m · 2^e · exp(far)."""
    if m == 0.0 or not math.isfinite(m):
        return m, 0, 0.0, 0
    mantissa, exponent = pair(m, e)
    if abs(exponent) > LARGEST_SHIFT:
        far, exponent = pair_sum(far, pair(exponent * LOG_2, 0)), 0
    if far[0] != 0.0 and abs(in_range(far)) < FARTHEST:
        factor, more = near_exponential(in_range(far))
        mantissa, exponent = pair(mantissa * factor, exponent + more)
        far = NONE
    return mantissa, exponent, far[0], far[1]


@compiled
def wide(m: float, e: int) -> Wide:
    """Return m · 2^e."""
    mantissa, exponent = pair(m, e)
    return mantissa, exponent, 0.0, 0


@compiled
def narrow(a: Wide) -> float:
    """Return the nearest float64."""
    m, e, f, g = a
    if f == 0.0:
        return in_range((m, e))
    far = in_range((f, g))
    if abs(far) > 1e15:
        return m * (math.inf if far > 0.0 else 0.0)
    factor, more = near_exponential(far)
    return in_range((m * factor, e + more))


@compiled
def plus(a: Wide, b: Wide) -> Wide:
    """Return a + b."""
    if not (math.isfinite(a[0]) and math.isfinite(b[0])):
        return wide(a[0] + b[0], 0)
    if a[0] == 0.0:
        return b
    if b[0] == 0.0:
        return a
    between = in_range(pair_sum((b[2], b[3]), (-a[2], a[3])))
    apart = between + (b[1] - a[1]) * LOG_2
    high, low, turned = (a, b, between) if apart <= 0.0 else (b, a, -between)
    m, shift = low[0], low[1] - high[1]
    if turned != 0.0:
        if abs(apart) > 200.0:
            return high
        factor, more = near_exponential(turned)
        m, shift = m * factor, shift + more
    return scaled(high[0] + math.ldexp(m, max(shift, -200)), high[1], (high[2], high[3]))


@compiled
def times(a: Wide, b: Wide) -> Wide:
    """Return a b."""
    return scaled(a[0] * b[0], a[1] + b[1], pair_sum((a[2], a[3]), (b[2], b[3])))


@compiled
def compared(a: Wide, b: Wide) -> float:
    """Return a number of the sign of a − b."""
    return plus(a, (-b[0], b[1], b[2], b[3]))[0]


@compiled
def is_near_one(a: Wide) -> bool:
    """Return whether a number is far from the limits of float64."""
    return abs(a[1]) < 1000 and a[2] == 0.0


@compiled
def exponential(u: Wide) -> Wide:
    """Return exp(u)."""
    if u[2] != 0.0:
        # u is beyond the exponential of 1e14, or 1 over it
        return wide(math.exp(narrow((math.copysign(1.0, u[0]), 0, u[2], u[3]))), 0)
    size = in_range((u[0], u[1]))
    if abs(size) < FARTHEST:
        m, e = near_exponential(size)
        return wide(m, e)
    if not math.isfinite(u[0]):
        return wide(math.exp(u[0]), 0)
    return 0.5, 1, u[0], u[1]


@compiled
def logarithm(a: Wide) -> Wide:
    """Return log(a)."""
    if is_near_one(a):
        return wide(math.log(narrow(a)), 0)
    if a[0] < 0.0 or not math.isfinite(a[0]):
        return wide(math.log(a[0]), 0)
    far = math.log(a[0]) + a[1] * LOG_2
    return plus(wide(far, 0), (a[2], a[3], 0.0, 0))


@compiled
def whole_power(a: Wide, count: int) -> Wide:
    """Return the product of `count` times the same number."""
    left, factor, result = count, a, wide(1.0, 0)
    while left > 0:
        if left & 1:
            result = times(result, factor)
        factor = times(factor, factor)
        left >>= 1
    return result


@compiled
def mantissa_to_power(m: float, exponent: float) -> Wide:
    """Return a positive number near 1 to a power, as a power of powers within the range of float64."""
    parts = np.ceil(abs(exponent * math.log(m)) / 500.0)
    if parts <= 1.0:
        return wide(m**exponent, 0)
    part = exponent / parts
    lost = fma(-part, parts, exponent)
    return times(whole_power(wide(m**part, 0), int(parts)), wide(m**lost, 0))


@compiled
def raised(a: Wide, b: Wide) -> Wide:
    """Return a to the power b."""
    exponent = narrow(b)
    if a[0] == 0.0 or not math.isfinite(a[0]) or exponent != exponent:
        return wide(a[0] ** exponent, 0)
    sign = wide(1.0 if a[0] > 0.0 else (-1.0) ** exponent, 0)
    size = abs(a[0]), a[1], a[2], a[3]
    if not abs(exponent) <= LARGEST_POWER:
        return times(sign, exponential(times(logarithm(size), b)))
    m, e = (size[0], size[1]) if size[0] > 0.7 else (2.0 * size[0], size[1] - 1)
    total, far = e * exponent, pair(a[2] * exponent, a[3])
    lost = fma(float(e), exponent, -total)
    if not abs(total) < 1e15:
        far, total, lost = pair_sum(far, pair(total * LOG_2, 0)), 0.0, 0.0
    whole = np.floor(total)
    shifted = scaled(2.0 ** ((total - whole) + lost), int(whole), far)
    return times(sign, times(mantissa_to_power(m, exponent), shifted))
