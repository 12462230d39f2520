"""The arguments of `theory.certify.certify`, checked and made exact."""

import contextlib
import math
import numbers
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from sdeopt.arguments import what_it_is
from sdeopt.errors import InvalidArgumentError, shown
from theory.certify.balls import Box
from theory.certify.domain import outside
from theory.certify.expressions import Deadline, Reader, symbols_of
from theory.metrics.exact import listed

LARGEST = Fraction(10) ** 300
"""The largest end of an interval, and the largest rate."""
SEARCH = "search"
"""What is given in place of a metric to have one searched for."""


def exact_number(value: Any, what: str) -> Fraction:
    """Return a finite number exactly; a float has its exact binary value."""
    if isinstance(value, sympy.Basic) and (value.is_Rational or value.is_Float):
        value = Reader({}, Deadline(math.inf))(value)
        return Fraction(int(value.p), int(value.q))
    if isinstance(value, numbers.Rational) and not isinstance(value, bool):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, numbers.Real) and math.isfinite(value) and not isinstance(value, bool):
        return Fraction(float(value))
    raise InvalidArgumentError(
        f"{what} is {shown(value)}; give a finite number: an integer, a float, a Fraction or a sympy "
        "Rational (math.pi for pi)."
    )


def fielded(expressions: Any, symbols: Sequence[Any]) -> list[Any]:
    """Return the right sides as sympy expressions, one for each symbol."""
    several = listed(expressions)
    field = [_expression(one) for one in ([expressions] if several is None else several)]
    if len(field) != len(symbols):
        raise InvalidArgumentError(
            f"there are {len(field)} expressions for {len(symbols)} symbols; give dx/dt for each "
            "symbol."
        )
    return field


def rate_of(value: Any) -> Fraction | None:
    """Return the rate that is asked for, if one is."""
    rate = None if value is None else exact_number(value, "the rate")
    if rate is not None and abs(rate) > LARGEST:
        raise InvalidArgumentError("the rate is beyond 1e300; ask for a smaller one.")
    return rate


def seconds_of(value: Any) -> float:
    """Return the limit of time; it may be infinite."""
    seconds = math.nan
    if isinstance(value, numbers.Real | sympy.Number) and not isinstance(value, bool):
        with contextlib.suppress(OverflowError):
            seconds = float(value)
    if not seconds > 0.0:
        raise InvalidArgumentError(
            f"seconds is {shown(value)}; give a positive number, or math.inf for no limit."
        )
    return seconds


def stated(symbols: Any) -> list[Any]:
    """Return the symbols of the state as a list."""
    several = listed(symbols)
    state = [symbols] if several is None else several
    right = all(isinstance(symbol, sympy.Symbol) for symbol in state)
    if not right or not len(set(state)) == len(state) > 0:
        raise InvalidArgumentError(
            f"the symbols are {shown(symbols)}; give sympy symbols, each once, at least one."
        )
    return state


def boxed(
    box: Any, state: Sequence[Any], field: Sequence[Any], deadline: Deadline
) -> tuple[list[Any], Box]:
    """Return the symbols outside the state, and all intervals, those of the state first."""
    given = None if isinstance(box, Mapping) else listed(box)
    if given is None and not isinstance(box, Mapping):
        raise InvalidArgumentError(
            f"the box is {shown(box)}; give (low, high) for each symbol, or one for all."
        )
    if given is not None:
        box = dict(zip(state, _of_length(given, len(state)), strict=True))
    used = set(state) | symbols_of(field, deadline)
    named = [one for one in [*used, *box] if not isinstance(one, sympy.Dummy)]
    for twin in sorted({str(one) for one in named}):
        if len({one for one in named if str(one) == twin}) > 1:
            raise InvalidArgumentError(
                f"several symbols are called {twin}, with other assumptions or as text; use one "
                "sympy symbol for the system, the state and the box."
            )
    for missing in sorted(used - box.keys(), key=str):
        raise InvalidArgumentError(f"the box has no interval for {missing}; give its (low, high).")
    for foreign in sorted(box.keys() - used, key=str):
        raise InvalidArgumentError(f"the box has {foreign}, which the system does not depend on.")
    others = sorted(used - set(state), key=str)
    intervals = tuple(_interval(symbol, box[symbol]) for symbol in [*state, *others])
    for symbol, ends in zip([*state, *others], intervals, strict=True):
        if reason := outside(symbol, *ends):
            raise InvalidArgumentError(
                f"{symbol} is declared {reason}, which not every number of its interval "
                f"{tuple(box[symbol])} is; give an interval of such numbers, or write the system in "
                "a symbol that is declared real=True."
            )
    return others, intervals


def metric_of(metric: Any, size: int, deadline: Deadline) -> Any:
    """Return M as an exact symmetric matrix."""
    if metric is None:
        return sympy.eye(size)
    read = Reader({}, deadline)
    try:
        if what_it_is(metric):
            raise TypeError
        matrix = sympy.Matrix(metric).applyfunc(lambda entry: read(_expression(entry)))
    except (TypeError, ValueError, NotImplementedError):
        matrix = None
    if matrix is None or matrix.shape != (size, size) or matrix != matrix.T:
        raise InvalidArgumentError(
            f"the metric must be a symmetric {size} × {size} matrix M, of xᵀMx; given a Θ, that is "
            f"Θ.T * Θ. It is {shown(metric)}."
        )
    if matrix.free_symbols:
        raise InvalidArgumentError(
            f"the metric must be constant, but it contains symbols: {metric}."
        )
    return matrix


def _expression(expression: Any) -> Any:
    array = isinstance(expression, np.ndarray)
    with contextlib.suppress(sympy.SympifyError):
        expression = expression if array else sympy.sympify(expression, strict=True)
    if not isinstance(expression, sympy.Expr) or expression.is_Matrix:
        raise InvalidArgumentError(
            f"{shown(expression)} is no sympy expression; give dx/dt as one."
        )
    return expression


def _of_length(pairs: list[Any], length: int) -> list[Any]:
    if len(pairs) == 2 and not any(isinstance(end, Iterable) for end in pairs):
        return [pairs] * length
    if len(pairs) != length:
        raise InvalidArgumentError(
            f"the box has {len(pairs)} intervals for {length} symbols; give (low, high) for each."
        )
    return pairs


def _interval(symbol: Any, ends: Any) -> tuple[Fraction, Fraction]:
    try:
        low, high = listed(ends) or []
    except ValueError:
        raise InvalidArgumentError(
            f"the box gives {shown(ends)} for {symbol}; give a pair (low, high)."
        ) from None
    first, last = (exact_number(end, f"an end of the interval of {symbol}") for end in (low, high))
    if max(-first, last) > LARGEST:
        raise InvalidArgumentError(
            f"the interval of {symbol} has an end beyond 1e300; scale the variable."
        )
    if first > last:
        raise InvalidArgumentError(
            f"the interval of {symbol} has its ends in the wrong order: {shown(low)}, {shown(high)}."
        )
    return first, last
