"""What the kernels of formulas call besides `sdeopt.math`: choices, and checks of their own numbers."""

import math

from sdeopt.kernels.compilation import compiled

SMALL, LARGE = 1e-290, 1e290


@compiled
def is_within(number: float) -> bool:
    """Return whether a number is far from where float64 overflows or loses digits."""
    return SMALL <= abs(number) <= LARGE


@compiled
def is_within_or_zero(number: float) -> bool:
    """Return the same for a number that may well be zero."""
    return abs(number) <= LARGE and (abs(number) >= SMALL or number == 0.0)


@compiled
def rounding(a: float, b: float, total: float) -> float:
    """Return the error that was made in total = a + b, exactly."""
    part = total - a
    return (a - (total - part)) + (b - part)


@compiled
def step(x: float) -> float:
    """Return 0 below zero, 1 above and 1/2 at zero."""
    y = 1.0 if x > 0.0 else (0.5 if x == 0.0 else 0.0)
    return y if x == x else x


@compiled
def sign(x: float) -> float:
    """Return −1 below zero, 1 above and 0 at zero."""
    y = 1.0 if x > 0.0 else (-1.0 if x < 0.0 else 0.0)
    return y if x == x else x


@compiled
def larger(a: float, b: float) -> float:
    """Return the larger of two numbers, NaN if one of them is."""
    y = a if a > b else b
    return y if a == a else a


@compiled
def smaller(a: float, b: float) -> float:
    """Return the smaller of two numbers, NaN if one of them is."""
    y = a if a < b else b
    return y if a == a else a


@compiled
def pick(a: float, b: float, first: float, second: float) -> float:
    """Return `first` where a > b, `second` where a < b and their mean where a = b."""
    y = first if a > b else second
    y = 0.5 * first + 0.5 * second if a == b else y
    return y if a == a and b == b else math.nan
