"""Whether an interval lies in the domain that a symbol is declared to have.

sympy simplifies with the assumptions of a symbol, √(x²) to −x for a negative one, and the result says
nothing about other values.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy

Test = Callable[[Fraction, Fraction], bool]

SIGNS: dict[str, tuple[Test, Test]] = {
    "positive": (lambda low, high: low > 0, lambda low, high: high <= 0),
    "negative": (lambda low, high: high < 0, lambda low, high: low >= 0),
    "nonnegative": (lambda low, high: low >= 0, lambda low, high: high < 0),
    "nonpositive": (lambda low, high: high <= 0, lambda low, high: low > 0),
    "zero": (lambda low, high: low == high == 0, lambda low, high: not low <= 0 <= high),
    "nonzero": (lambda low, high: not low <= 0 <= high, lambda low, high: low == high == 0),
}
"""Whether a sign is that of all numbers of an interval, and whether it is of none."""
OF_ALL = {"commutative", "complex", "extended_real", "finite", "hermitian", "real"}
OF_NONE = {"imaginary", "infinite"}
OF_WHOLE_NUMBERS = ("integer", "even", "odd", "prime", "composite")
TELLING = (
    "commutative", "imaginary", "infinite", "real", "irrational", "zero",
    *OF_WHOLE_NUMBERS[::-1], "noninteger", "rational", "positive", "negative",
    "nonnegative", "nonpositive", "nonzero", "extended_positive", "extended_negative",
)  # fmt: skip
"""What users declare; the others follow from it."""
MOST = 1000
"""The largest number of integers that are examined one by one."""


def outside(symbol: Any, low: Fraction, high: Fraction) -> str:
    """Return a declared property that some number of an interval lacks, or nothing."""
    declared = symbol.assumptions0
    known = dict.fromkeys(name for name in [*TELLING, *declared] if name in declared)
    for name in sorted(known, key=lambda name: not declared[name]):
        if not _holds(name, declared[name], low, high):
            return name if declared[name] else f"not {name}"
    return ""


def _holds(name: str, value: bool, low: Fraction, high: Fraction) -> bool:
    """Return whether a property has a value for all numbers of an interval."""
    if low == high:
        number = sympy.Rational(low.numerator, low.denominator)
        return getattr(number, f"is_{name}") in (value, None)
    plain = name.removeprefix("extended_")
    if plain in SIGNS:
        return SIGNS[plain][0 if value else 1](low, high)
    if name in OF_ALL | OF_NONE:
        return value == (name in OF_ALL)
    if name == "antihermitian":
        return not value and not low <= 0 <= high
    if name == "noninteger":
        name, value = "integer", not value
    if name in OF_WHOLE_NUMBERS and not value:
        return _none_is(name, low, high)
    # an interval has rational numbers and others
    return False


def _none_is(name: str, low: Fraction, high: Fraction) -> bool:
    """Return whether no integer of an interval has a property."""
    first, last = math.ceil(low), math.floor(high)
    if name in ("prime", "composite"):
        first = max(first, 2)
    if last - first > MOST:
        return False
    return not any(getattr(sympy.Integer(one), f"is_{name}") for one in range(first, last + 1))
