"""Ranges of elementary functions over balls of Arb, or over intervals: certain to contain them.

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

from theory.certify.intervals import Interval

Box = tuple[tuple[Fraction, Fraction], ...]
"""The ends of one interval a coordinate."""

UNDEFINED = arb("nan")
LARGEST = 2**16
"""The largest exponent of two that is written out as a fraction."""

Function = Callable[..., Any]


def ball(low: Fraction, high: Fraction) -> Any:
    """Return a ball around an interval; as small as the precision allows."""
    first = arb(fmpq(low.numerator, low.denominator))
    if low == high:
        return first
    return first.union(arb(fmpq(high.numerator, high.denominator)))


def interval(low: Fraction, high: Fraction) -> Interval:
    """Return the interval between two numbers, exact where they have few bits."""
    return Interval(ball(low, low), ball(high, high))


def down(number: Any) -> Fraction | None:
    """Return a fraction not above a finite ball: its lower end, if that can be written out."""
    return _exact(number.lower(), upward=False)


def up(number: Any) -> Fraction | None:
    """Return a fraction not below a finite ball: its upper end, if that can be written out."""
    return _exact(number.upper(), upward=True)


def _exact(number: Any, upward: bool) -> Fraction | None:
    """Return the value of a ball that is one number, or if that is too long the next one on a side."""
    mantissa, exponent = (int(part) for part in number.man_exp())
    if abs(exponent) <= LARGEST:
        return Fraction(mantissa) * Fraction(2) ** exponent
    outward = (mantissa > 0) == upward
    if exponent > 0:
        # exp(exp(40)) has as many digits as there are seconds in a billion years.
        return None if outward else Fraction(2) ** LARGEST * (1 if mantissa > 0 else -1)
    return Fraction((1 if mantissa > 0 else -1) * int(outward), 2**LARGEST)


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
    return _between(number, lambda end: end**power, number.abs_lower(), number.abs_upper())


def odd_power(number: Any, power: int) -> Any:
    """Return the range of an odd power."""
    return _between(number, lambda end: end**power, number.lower(), number.upper())


def root(number: Any, order: int) -> Any:
    """Return the range of a root; undefined where the number may be negative."""
    return _between(number, lambda end: end.root(order), number.lower(), number.upper())


def real_power(base: Any, power: Any) -> Any:
    """Return the range of a power with any real exponent; undefined unless the base is positive."""
    logarithm = _monotone(arb.log)(base)
    return _monotone(arb.exp)(power * logarithm) if logarithm.is_finite() else UNDEFINED


def step(number: Any) -> Any:
    """Return the derivatives of max(x, 0); at 0 all between the two one-sided ones."""
    if number > 0:
        return arb(1)
    if number < 0:
        return arb(0)
    return arb(0).union(arb(1))


def _between(number: Any, function: Function, low: Any, high: Any) -> Any:
    """Return the range between the values at two ends; undefined where one of them is."""
    first, last = function(low), function(high)
    if not (first.is_finite() and last.is_finite()):
        return UNDEFINED
    return Interval(first, last) if isinstance(number, Interval) else first.union(last)


def _monotone(function: Function) -> Function:
    """Return the range of a function that is monotone on its domain, which must be one interval."""
    return lambda number: _between(number, function, number.lower(), number.upper())


def _even(function: Function) -> Function:
    """Return the range of an even function that is monotone for positive arguments."""
    return lambda number: _between(number, function, number.abs_lower(), number.abs_upper())


def _other(function: Function) -> Function:
    """Return the range of a function that Arb evaluates for balls."""

    def range_of(number: Any) -> Any:
        if not isinstance(number, Interval):
            return function(number)
        found = function(number.ball())
        return Interval(found) if found.is_finite() else UNDEFINED

    return range_of


def _wave(function: Function) -> Function:
    """Return the range of sine or cosine."""
    inside = _other(function)

    def range_of(number: Any) -> Any:
        found = inside(number)
        if not isinstance(found, Interval):
            return found
        return Interval(found.low.max(arb(-1)), found.high.min(arb(1)))

    return range_of


def larger(first: Any, second: Any) -> Any:
    """Return the range of the larger one of two numbers."""
    return second.max(first) if isinstance(second, Interval) else first.max(second)


CONTINUOUS: dict[str, Function] = {
    "exp": _monotone(arb.exp),
    "log": _monotone(arb.log),
    "sin": _wave(arb.sin),
    "cos": _wave(arb.cos),
    "tan": _other(arb.tan),
    "cot": _other(arb.cot),
    "sec": _other(arb.sec),
    "csc": _other(arb.csc),
    "sinh": _monotone(arb.sinh),
    "cosh": _even(arb.cosh),
    "tanh": _monotone(arb.tanh),
    "coth": _other(arb.coth),
    "sech": _even(arb.sech),
    "csch": _other(arb.csch),
    "asin": _monotone(arb.asin),
    "acos": _monotone(arb.acos),
    "atan": _monotone(arb.atan),
    "asinh": _monotone(arb.asinh),
    "acosh": _monotone(arb.acosh),
    "atanh": _monotone(arb.atanh),
    "erf": _monotone(arb.erf),
    "erfc": _monotone(arb.erfc),
    "Abs": _even(abs),
}
"""Functions that a system may contain, besides Max and Min: continuous on their domains.

No function that jumps may be added here: its derivative is 0 almost everywhere and does not show the
jump. A function with poles is undefined on a ball that contains one.
"""
