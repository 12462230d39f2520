"""Ranges of elementary functions over intervals, as Arb balls that are certain to contain them.

A ball that is not finite means "may be undefined here": the interval leaves the domain of the
function, or the function jumps. No such ball may be an argument: asin of an exact NaN is finite in Arb.
The range of a monotone function is taken from the ends, which is exact; Arb's evaluation of a wide ball
is often far wider.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

UNDEFINED = arb("nan")

Function = Callable[..., Any]


def ball(low: Fraction, high: Fraction) -> Any:
    """Return a ball around an interval; as small as the precision allows."""
    first = arb(fmpq(low.numerator, low.denominator))
    if low == high:
        return first
    return first.union(arb(fmpq(high.numerator, high.denominator)))


def exact(number: Any) -> Fraction:
    """Return the value of a ball that is one number."""
    mantissa, exponent = number.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def down(number: Any) -> Fraction:
    """Return the lower end of a finite ball."""
    return exact(number.lower())


def up(number: Any) -> Fraction:
    """Return the upper end of a finite ball."""
    return exact(number.upper())


def float_below(number: Fraction) -> float:
    """Return the largest float that is not above a number."""
    return _next_to(number, -math.inf)


def float_above(number: Fraction) -> float:
    """Return the least float that is not below a number."""
    return _next_to(number, math.inf)


def _next_to(number: Fraction, side: float) -> float:
    """Return the float next to a number, or the number itself, on the side of an infinity."""
    try:
        nearest = float(number)
    except OverflowError:
        beyond = math.inf if number > 0 else -math.inf
        return beyond if beyond == side else math.nextafter(beyond, 0.0)
    wrong = Fraction(nearest) > number if side < 0 else Fraction(nearest) < number
    return math.nextafter(nearest, side) if wrong else nearest


def even_power(number: Any, power: int) -> Any:
    """Return the range of an even power, which is never negative."""
    return _ends(lambda end: end**power, number.abs_lower(), number.abs_upper())


def odd_power(number: Any, power: int) -> Any:
    """Return the range of an odd power."""
    return _ends(lambda end: end**power, number.lower(), number.upper())


def root(number: Any, order: int) -> Any:
    """Return the range of a root; undefined where the number may be negative."""
    return _ends(lambda end: end.root(order), number.lower(), number.upper())


def real_power(base: Any, power: Any) -> Any:
    """Return the range of a power with any real exponent; undefined unless the base is positive."""
    logarithm = _monotone(arb.log)(base)
    return _monotone(arb.exp)(power * logarithm) if logarithm.is_finite() else UNDEFINED


def _ends(function: Function, low: Any, high: Any) -> Any:
    """Return the interval between the values at two ends; undefined where one of them is."""
    first, last = function(low), function(high)
    return first.union(last) if first.is_finite() and last.is_finite() else UNDEFINED


def _monotone(function: Function) -> Function:
    """Return the range of a function that is monotone on its domain, which must be one interval."""
    return lambda number: _ends(function, number.lower(), number.upper())


def _even(function: Function) -> Function:
    """Return the range of an even function that is monotone for positive arguments."""
    return lambda number: _ends(function, number.abs_lower(), number.abs_upper())


def _sign(number: Any) -> Any:
    """Return the derivatives of |x|; at 0 all between the two one-sided ones."""
    return _step(number) * 2 - 1


def _step(number: Any) -> Any:
    """Return the derivatives of max(x, 0); at 0 all between the two one-sided ones."""
    if number > 0:
        return arb(1)
    if number < 0:
        return arb(0)
    return arb(0).union(arb(1))


def _pulse(number: Any) -> Any:
    """Return the derivatives of the step: 0, and undefined where it jumps."""
    return arb(0) if number > 0 or number < 0 else UNDEFINED


def _largest(*numbers: Any) -> Any:
    result = numbers[0]
    for number in numbers[1:]:
        result = result.max(number)
    return result


def _smallest(*numbers: Any) -> Any:
    return -_largest(*(-number for number in numbers))


CONTINUOUS: dict[str, Function] = {
    "exp": _monotone(arb.exp),
    "log": _monotone(arb.log),
    "sin": arb.sin,
    "cos": arb.cos,
    "tan": arb.tan,
    "cot": arb.cot,
    "sec": arb.sec,
    "csc": arb.csc,
    "sinh": _monotone(arb.sinh),
    "cosh": _even(arb.cosh),
    "tanh": _monotone(arb.tanh),
    "coth": arb.coth,
    "sech": _even(arb.sech),
    "csch": arb.csch,
    "asin": _monotone(arb.asin),
    "acos": _monotone(arb.acos),
    "atan": _monotone(arb.atan),
    "asinh": _monotone(arb.asinh),
    "acosh": _monotone(arb.acosh),
    "atanh": _monotone(arb.atanh),
    "erf": _monotone(arb.erf),
    "erfc": _monotone(arb.erfc),
    "Abs": _even(abs),
    "Max": _largest,
    "Min": _smallest,
}
"""Functions that a system may contain: continuous on their domains.

No function that jumps may be added here: its derivative is 0 almost everywhere and does not show the
jump. A function with poles is undefined on a ball that contains one.
"""

FUNCTIONS: dict[str, Function] = {
    **CONTINUOUS,
    "sign": _sign,
    "Heaviside": lambda number, *at_zero: _step(number),
    "DiracDelta": _pulse,
}
"""With the functions that only derivatives of a system may contain."""
