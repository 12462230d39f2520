"""Elementary functions that vectorize inside a kernel, from sin and exp to erf and softplus.

``math.sin`` in a compiled loop is one library call per number. These functions are straight-line
arithmetic, so the compiler turns a loop over them into vector instructions. Use them in place of
`math`'s in functions given to `sdeopt.losses.from_functions`. They take and return one float;
given an array, they say so.

Accuracy: within 3 units in the last place of the true value over the stated ranges, 5 for ``erfc``
(the tests measure it against 50-digit arithmetic). ``sin`` and ``cos`` are good to that or to 1e-32 |x|,
whichever is larger (at their zeros away from the origin), up to ``|x| <= 2**40``; beyond, they
return NaN, which a simulation reports as divergence.

The coefficients are fits of our own: minimax by iteratively reweighted least squares, and for the tail
of ``erfc`` Chebyshev's in 50 digits (`sdeopt.kernels.error_function`).
"""

import math

import numpy as np

from sdeopt.kernels.compilation import compiled, compiled_into_loops, of_one_number
from sdeopt.kernels.error_function import erf_of_small, tail_to_28, tail_to_six
from sdeopt.kernels.intrinsics import bits_of, float_of_bits, fma, log_of_normal

__all__ = [
    "atan", "cos", "cosh", "erf", "erfc", "exp", "expit", "expm1", "log", "log1p", "log_cosh", "sech",
    "sin", "sinh", "softplus", "sqrt", "tanh",
]  # fmt: skip

# Adding and subtracting 1.5 * 2**52 rounds to an integer, whose bits are then the low mantissa.
ROUNDER = 6755399441055744.0
INVERSE_PI = 1.0 / math.pi
PI_HIGH, PI_LOW = 3.141592653589793, 1.2246467991473532e-16
LARGEST_ANGLE = 2.0**40
INVERSE_LOG_2 = 1.0 / math.log(2.0)
LOG_2_HIGH, LOG_2_LOW = 0.6931471805599453, 2.3190468138462996e-17
LARGEST_EXPONENT, SMALLEST_EXPONENT = 709.782712893384, -745.1332191019412

TANGENT_OF_EIGHTH, COTANGENT_OF_EIGHTH = 0.41421356237309503, 2.414213562373095

SIGN_SHIFT = np.uint64(63)
MANTISSA_SHIFT = np.uint64(52)
ONE_BITS = np.uint64(0x3FF0000000000000)
SMALLEST_NORMAL = 2.2250738585072014e-308


@compiled
def _sine_of_remainder(remainder: float) -> float:
    """Return sin(r) for |r| a little beyond pi/2."""
    s = remainder * remainder
    p = fma(s, -7.373069578685331e-13, 1.6048073236758124e-10)
    p = fma(s, p, -2.5051879577095683e-08)
    p = fma(s, p, 2.7557316589813597e-06)
    p = fma(s, p, -0.00019841269824972846)
    p = fma(s, p, 0.008333333333285245)
    p = fma(s, p, -0.16666666666666183)
    return fma(remainder * s, p, remainder)


@compiled
def _reduced(x: float, multiple: float) -> float:
    """Return x - multiple * pi with pi to 106 bits, enough for multiples below 2**40."""
    return fma(-multiple, PI_LOW, fma(-multiple, PI_HIGH, x))


@of_one_number
@compiled
def sin(x: float) -> float:
    """Sine of an angle in radians, for ``|x| <= 2**40``.

    Parameters
    ----------
    x : float
        Angle in radians.

    Returns
    -------
    float
        The sine; NaN for a larger, infinite or undefined angle.

    Examples
    --------
    >>> from sdeopt import math
    >>> round(math.sin(1.0), 12)
    0.841470984808
    """
    rounded = fma(x, INVERSE_PI, ROUNDER)
    y = _sine_of_remainder(_reduced(x, rounded - ROUNDER))
    signed = float_of_bits(bits_of(y) ^ (bits_of(rounded) << SIGN_SHIFT))
    return signed if abs(x) <= LARGEST_ANGLE else math.nan


@of_one_number
@compiled
def cos(x: float) -> float:
    """Cosine of an angle in radians, for ``|x| <= 2**40``.

    Parameters
    ----------
    x : float
        Angle in radians.

    Returns
    -------
    float
        The cosine; NaN for a larger, infinite or undefined angle.

    Examples
    --------
    >>> from sdeopt import math
    >>> round(math.cos(1.0), 12)
    0.540302305868
    """
    # x = (n + 1/2) pi + r, so cos x = -(-1)^n sin r
    rounded = fma(x, INVERSE_PI, -0.5) + ROUNDER
    y = -_sine_of_remainder(_reduced(x, rounded - ROUNDER + 0.5))
    signed = float_of_bits(bits_of(y) ^ (bits_of(rounded) << SIGN_SHIFT))
    return signed if abs(x) <= LARGEST_ANGLE else math.nan


@compiled
def _power_of_two(exponent_plus_rounder: float) -> float:
    """Return 2**k from k + ROUNDER, -1022 <= k <= 1023."""
    return float_of_bits((bits_of(exponent_plus_rounder) << MANTISSA_SHIFT) + ONE_BITS)


@compiled
def _expm1_of_remainder(r: float) -> float:
    """Return exp(r) - 1 for |r| <= log(2) / 2."""
    p = fma(r, 2.5053823723919508e-08, 2.7626163485322016e-07)
    p = fma(r, p, 2.755740772246063e-06)
    p = fma(r, p, 2.4801504972895207e-05)
    p = fma(r, p, 0.0001984126971849142)
    p = fma(r, p, 0.0013888888931800954)
    p = fma(r, p, 0.008333333333389896)
    p = fma(r, p, 0.041666666666576084)
    p = fma(r, p, 0.16666666666666588)
    p = fma(r, p, 0.5)
    return fma(r * r, p, r)


@of_one_number
@compiled
def exp(x: float) -> float:
    """Exponential.

    Parameters
    ----------
    x : float
        Exponent.

    Returns
    -------
    float
        ``e**x``; infinite above 709.78, zero below -745.13.

    Examples
    --------
    >>> from sdeopt import math
    >>> round(math.exp(1.0), 12)
    2.718281828459
    """
    bounded = min(max(x, -746.0), 710.0)
    rounded = fma(bounded, INVERSE_LOG_2, ROUNDER)
    k = rounded - ROUNDER
    r = fma(-k, LOG_2_LOW, fma(-k, LOG_2_HIGH, bounded))
    # Two factors, because 2**1024 and 2**-1074 are not normal numbers.
    half = fma(k, 0.5, ROUNDER)
    rest = (k - (half - ROUNDER)) + ROUNDER
    y = (1.0 + _expm1_of_remainder(r)) * _power_of_two(half) * _power_of_two(rest)
    y = math.inf if x > LARGEST_EXPONENT else y
    y = 0.0 if x < SMALLEST_EXPONENT else y
    return y if x == x else x


@of_one_number
@compiled
def expm1(x: float) -> float:
    """Exponential minus one, accurate near zero.

    Parameters
    ----------
    x : float
        Exponent.

    Returns
    -------
    float
        ``e**x - 1``.

    Examples
    --------
    >>> from sdeopt import math
    >>> math.expm1(1e-20)
    1e-20
    """
    bounded = min(max(x, -60.0), 710.0)
    rounded = fma(bounded, INVERSE_LOG_2, ROUNDER)
    k = rounded - ROUNDER
    r = fma(-k, LOG_2_LOW, fma(-k, LOG_2_HIGH, bounded))
    # half of it, because 2**1024 is not a number
    scale = _power_of_two(rounded - 1.0)
    y = 2.0 * fma(scale, _expm1_of_remainder(r), scale - 0.5)
    return y if x == x else x


@of_one_number
@compiled
def tanh(x: float) -> float:
    """Hyperbolic tangent.

    Parameters
    ----------
    x : float
        Any real number.

    Returns
    -------
    float
        ``tanh(x)``.

    Examples
    --------
    >>> from sdeopt import math
    >>> round(math.tanh(0.5), 12)
    0.46211715726
    """
    doubled = 2.0 * min(abs(x), 20.0)
    rounded = fma(doubled, INVERSE_LOG_2, ROUNDER)
    k = rounded - ROUNDER
    r = fma(-k, LOG_2_LOW, fma(-k, LOG_2_HIGH, doubled))
    scale = _power_of_two(rounded)
    grown = fma(scale, _expm1_of_remainder(r), scale - 1.0)
    y = math.copysign(grown / (grown + 2.0), x)
    return y if x == x else x


@of_one_number
@compiled
def log(x: float) -> float:
    """Natural logarithm.

    Parameters
    ----------
    x : float
        A positive number.

    Returns
    -------
    float
        ``log(x)``; minus infinity at zero, NaN below.

    Examples
    --------
    >>> from sdeopt import math
    >>> round(math.log(10.0), 12)
    2.302585092994
    """
    tiny = x < SMALLEST_NORMAL
    y = log_of_normal(x * 2.0**54 if tiny else x)
    y = y - 54.0 * LOG_2_HIGH if tiny else y
    y = -math.inf if x == 0.0 else y
    y = x if x == math.inf else y
    return y if x >= 0.0 else math.nan


@of_one_number
@compiled
def sqrt(x: float) -> float:
    """Square root.

    Parameters
    ----------
    x : float
        A non-negative number.

    Returns
    -------
    float
        The root; NaN below zero.

    Examples
    --------
    >>> from sdeopt import math
    >>> math.sqrt(2.25)
    1.5
    """
    return math.sqrt(1.0 * x)


@of_one_number
@compiled_into_loops
def log1p(x: float) -> float:
    """Logarithm of one plus a number, accurate near zero.

    Parameters
    ----------
    x : float
        A number above -1.

    Returns
    -------
    float
        ``log(1 + x)``; minus infinity at -1, NaN below.

    Examples
    --------
    >>> from sdeopt import math
    >>> math.log1p(1e-20)
    1e-20
    """
    total = 1.0 + x
    # what the sum lost, to first order
    rest = (x - (total - 1.0)) / total
    y = log(total) + (rest if abs(x) < 1e17 and total > 0.0 else 0.0)
    return x if x == 0.0 else y


@compiled_into_loops
def _sinh_of_small(x: float) -> float:
    """Return sinh(x) for |x| <= 1/2."""
    s = x * x
    p = fma(s, 1.0 / 1307674368000.0, 1.0 / 6227020800.0)
    p = fma(s, p, 1.0 / 39916800.0)
    p = fma(s, p, 1.0 / 362880.0)
    p = fma(s, p, 1.0 / 5040.0)
    p = fma(s, p, 1.0 / 120.0)
    p = fma(s, p, 1.0 / 6.0)
    return fma(x * s, p, x)


@of_one_number
@compiled_into_loops
def sinh(x: float) -> float:
    """Hyperbolic sine.

    Parameters
    ----------
    x : float
        Any real number.

    Returns
    -------
    float
        ``sinh(x)``, accurate near zero; infinite beyond 710.47.

    Examples
    --------
    >>> from sdeopt import math
    >>> math.sinh(1e-20)
    1e-20
    """
    size = abs(x)
    grown, half = expm1(size), exp(0.5 * size)
    middle, large = 0.5 * (grown + grown / (grown + 1.0)), (0.5 * half) * half
    y = math.copysign(middle if size < 700.0 else large, x)
    small = _sinh_of_small(x)
    return small if size < 0.5 else y


@of_one_number
@compiled_into_loops
def cosh(x: float) -> float:
    """Hyperbolic cosine.

    Parameters
    ----------
    x : float
        Any real number.

    Returns
    -------
    float
        ``cosh(x)``; infinite beyond 710.47.

    Examples
    --------
    >>> from sdeopt import math
    >>> round(math.cosh(1.0), 12)
    1.543080634815
    """
    size = abs(x)
    grown, half = exp(size), exp(0.5 * size)
    middle, large = 0.5 * grown + 0.5 / grown, (0.5 * half) * half
    return middle if size < 700.0 else large


@of_one_number
@compiled_into_loops
def sech(x: float) -> float:
    """Hyperbolic secant.

    Parameters
    ----------
    x : float
        Any real number.

    Returns
    -------
    float
        ``1 / cosh(x)``, without overflow.

    Examples
    --------
    >>> from sdeopt import math
    >>> round(math.sech(1.0), 12)
    0.648054273664
    """
    shrunk = exp(-abs(x))
    return 2.0 * shrunk / fma(shrunk, shrunk, 1.0)


@of_one_number
@compiled_into_loops
def expit(x: float) -> float:
    """Logistic function.

    Parameters
    ----------
    x : float
        Any real number.

    Returns
    -------
    float
        ``1 / (1 + exp(-x))``, without overflow and accurate near 0.

    Examples
    --------
    >>> from sdeopt import math
    >>> math.expit(0.0)
    0.5
    """
    shrunk = exp(-abs(x))
    return (1.0 if x >= 0.0 else shrunk) / (1.0 + shrunk)


@of_one_number
@compiled_into_loops
def softplus(x: float) -> float:
    """Softplus, the integral of the logistic function.

    Parameters
    ----------
    x : float
        Any real number.

    Returns
    -------
    float
        ``log(1 + exp(x))``, without overflow and accurate near 0.

    Examples
    --------
    >>> from sdeopt import math
    >>> math.softplus(800.0)
    800.0
    """
    y = max(x, 0.0) + log1p(exp(-abs(x)))
    return y if x == x else x


@of_one_number
@compiled_into_loops
def log_cosh(x: float) -> float:
    """Logarithm of the hyperbolic cosine.

    Parameters
    ----------
    x : float
        Any real number.

    Returns
    -------
    float
        ``log(cosh(x))``, without overflow and accurate near zero.

    Examples
    --------
    >>> from sdeopt import math
    >>> math.log_cosh(2.0**-30) == 2.0**-61
    True
    """
    size = abs(x)
    # cosh(a) = 1 + 2 sinh²(a/2) = exp(a) (1 + exp(-2a)) / 2
    near = _sinh_of_small(0.5 * min(size, 1.0))
    small, shrunk = 2.0 * near * near, exp(-2.0 * size)
    inner = log1p(small if size < 1.0 else shrunk)
    y = inner + (0.0 if size < 1.0 else size - LOG_2_HIGH)
    return y if x == x else x


@of_one_number
@compiled_into_loops
def atan(x: float) -> float:
    """Arc tangent.

    Parameters
    ----------
    x : float
        Any real number.

    Returns
    -------
    float
        The angle in radians, between -pi/2 and pi/2.

    Examples
    --------
    >>> from sdeopt import math
    >>> round(math.atan(1.0), 12)
    0.785398163397
    """
    size = abs(x)
    # atan a = pi/4 + atan((a - 1)/(a + 1)) = pi/2 + atan(-1/a)
    near, far = size <= TANGENT_OF_EIGHTH, size > COTANGENT_OF_EIGHTH
    above = size if near else (-1.0 if far else size - 1.0)
    below = 1.0 if near else (size if far else size + 1.0)
    turned = 0.0 if near else (0.5 * PI_HIGH if far else 0.25 * PI_HIGH)
    lost = 0.0 if near else (0.5 * PI_LOW if far else 0.25 * PI_LOW)
    r = above / below
    s = r * r
    p = fma(s, -0.01792881487686344, 0.03808479461027858)
    p = fma(s, p, -0.05040123450359924)
    p = fma(s, p, 0.058480766634173724)
    p = fma(s, p, -0.06663130696725132)
    p = fma(s, p, 0.07692062652872914)
    p = fma(s, p, -0.09090897901285451)
    p = fma(s, p, 0.11111110788747243)
    p = fma(s, p, -0.14285714280310588)
    p = fma(s, p, 0.19999999999954846)
    p = fma(s, p, -0.33333333333333204)
    y = turned + (fma(r * s, p, lost) + r)
    return math.copysign(y, x) if x == x else x


@of_one_number
@compiled_into_loops
def erf(x: float) -> float:
    """Error function.

    Parameters
    ----------
    x : float
        Any real number.

    Returns
    -------
    float
        The share of a normal law of variance 1/2 that lies within ``|x|``, with the sign of x.

    Examples
    --------
    >>> from sdeopt import math
    >>> round(math.erf(1.0), 12)
    0.84270079295
    """
    size = min(abs(x), 6.0)
    near = erf_of_small(math.copysign(size, x))
    far = math.copysign(1.0 - exp(-size * size) * tail_to_six(size), x)
    y = near if size < 1.0 else far
    return y if x == x else x


@of_one_number
@compiled_into_loops
def erfc(x: float) -> float:
    """Complementary error function.

    Parameters
    ----------
    x : float
        Any real number.

    Returns
    -------
    float
        ``1 - erf(x)``, accurate where that is small; zero beyond 27.23.

    Examples
    --------
    >>> from sdeopt import math
    >>> f"{math.erfc(10.0):.12e}"
    '2.088487583763e-45'
    """
    size = min(abs(x), 28.0)
    s = size * size
    shrunk = exp(-s)
    tail = fma(-shrunk, fma(size, size, -s), shrunk) * tail_to_28(size)
    y = 1.0 - erf_of_small(max(x, -1.0)) if x < 0.5 else tail
    y = 2.0 - tail if x < -1.0 else y
    return y if x == x else x
