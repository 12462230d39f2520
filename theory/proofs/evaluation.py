"""Numerical values of proved expressions, with numpy broadcasting and checks of the assumptions."""

import contextlib
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import sympy
from numpy.typing import ArrayLike, NDArray

from sdeopt.arguments import real_array
from sdeopt.errors import InvalidArgumentError
from theory.proofs.fact import Assumption
from theory.proofs.relation import AssumptionError, Relation
from theory.proofs.rounding import bounded
from theory.symbols import PARAMETERS

Values = dict[Any, NDArray[np.float64]]
DIGITS, MOST_DIGITS = 30, 2000
"""The digits of a value for which floats are too short, and with how many it may be computed."""

LOST = 1e-10
"""The relative error from which on they are."""
SHORT = 64
"""The largest exponent of a power of fractions that is written out: its digits grow with it."""


ELEMENTARY = (sympy.exp, sympy.log, sympy.Abs)
"""Functions that numpy evaluates; others, such as an expectation, have no number."""


@functools.cache
def is_numeric(expression: Any) -> bool:
    """Return whether an expression contains parameters and numbers only."""
    calls = expression.atoms(sympy.Function)
    return bool(
        expression.free_symbols <= PARAMETERS.keys()
        and not expression.has(sympy.Indexed)
        and all(isinstance(call, ELEMENTARY) for call in calls)
    )


def checkable(assumptions: Iterable[Assumption]) -> list[tuple[Assumption, Relation]]:
    """Return the assumptions that are relations between parameters."""
    return [
        (assumption, assumption.relation)
        for assumption in assumptions
        if assumption.relation is not None
        if is_numeric(assumption.relation.left) and is_numeric(assumption.relation.right)
    ]


def parameter_symbols(expression: Any, assumptions: Iterable[Assumption]) -> list[Any]:
    """Return the symbols of a formula and of its conditions."""
    symbols = set(expression.free_symbols)
    for _, relation in checkable(assumptions):
        symbols |= relation.left.free_symbols | relation.right.free_symbols
    return sorted(symbols, key=lambda symbol: PARAMETERS[symbol].name)


def evaluate(
    expression: Any,
    assumptions: Iterable[Assumption],
    given: Mapping[str, ArrayLike],
    theorem: str,
) -> NDArray[np.float64]:
    """Return the value of an expression where the assumptions hold, else raise AssumptionError."""
    assumptions = tuple(assumptions)
    symbols = parameter_symbols(expression, assumptions)
    names = {PARAMETERS[symbol].name: symbol for symbol in symbols}
    if names.keys() != given.keys():
        raise AssumptionError(
            f"{theorem} takes the parameters {', '.join(names)}, but was given "
            f"{', '.join(given) or 'none'}."
        )
    values = {names[name]: _numbers(names[name], value, theorem) for name, value in given.items()}
    try:
        shape = np.broadcast_shapes(*(value.shape for value in values.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {values[symbol].shape}" for name, symbol in names.items())
        raise AssumptionError(
            f"the arrays given to {theorem} must broadcast, but their shapes are {shapes}."
        ) from None
    for assumption, relation in checkable(assumptions):
        _test(assumption, relation, values, theorem)
    numbers = [values[symbol] for symbol in symbols]
    result = _evaluated(expression, tuple(symbols), numbers)
    if not np.isfinite(result).all():
        raise AssumptionError(
            f"the value of {theorem} at these parameters is too large for a float."
        )
    return np.broadcast_to(result, shape)[()]


def _evaluated(expression: Any, symbols: tuple[Any, ...], numbers: Any) -> NDArray[np.float64]:
    """Return the values of an expression; where floats overflow or cancel, with more digits."""
    function = _function(expression, symbols)
    try:
        with np.errstate(all="raise"):
            result = np.asarray(function(*numbers), dtype=np.float64)
        lost = np.zeros(result.shape, dtype=bool)
    except FloatingPointError:
        # what vanishes may be multiplied by what is large, so each such value is computed anew
        alike = np.broadcast_arrays(*numbers)
        result = np.zeros(alike[0].shape)
        lost = np.ones(result.shape, dtype=bool)
        for place in np.ndindex(result.shape):
            with contextlib.suppress(FloatingPointError), np.errstate(all="raise"):
                result[place] = function(*(each[place] for each in alike))
                lost[place] = False
    with np.errstate(all="ignore"):
        value, error = bounded(expression, dict(zip(symbols, numbers, strict=True)))
        lost = lost | np.broadcast_to(~(error <= LOST * np.abs(value)), result.shape)
    if lost.any():
        result = np.array(result)
        places = [np.broadcast_to(each, result.shape)[lost] for each in numbers]
        result[lost] = [
            _with_digits(expression, dict(zip(symbols, one, strict=True)))
            for one in zip(*places, strict=True)
        ]
    return result


def _with_digits(expression: Any, at: Mapping[Any, float]) -> float:
    """Return a value at one point, whose numbers count exactly, with as many digits as it takes.

    In fractions a value that is zero is seen to be zero; where powers have too many digits for that,
    sympy raises its precision until enough of the digits are certain.
    """
    exactly = {symbol: sympy.Rational(float(value)) for symbol, value in at.items()}
    exponents = [power.exp.subs(exactly) for power in _powers(expression)]
    if all(one.is_Integer and abs(one) <= SHORT for one in exponents):
        return float(expression.subs(exactly).evalf(DIGITS, maxn=MOST_DIGITS))
    return float(expression.evalf(DIGITS, subs=exactly, maxn=MOST_DIGITS))


@functools.cache
def _powers(expression: Any) -> tuple[Any, ...]:
    """Return the powers in an expression whose exponents depend on parameters."""
    return tuple(power for power in expression.atoms(sympy.Pow) if power.exp.free_symbols)


def _numbers(symbol: Any, value: ArrayLike, theorem: str) -> NDArray[np.float64]:
    """Return the values as floats; raise AssumptionError outside the domain of the parameter."""
    parameter = PARAMETERS[symbol]
    try:
        numbers = real_array(value, parameter.name)
    except InvalidArgumentError as problem:
        raise AssumptionError(f"{theorem} takes numbers: {problem}") from None
    allowed = np.isfinite(numbers)
    if symbol.is_positive:
        allowed &= numbers > 0.0
    elif symbol.is_nonnegative:
        allowed &= numbers >= 0.0
    if symbol.is_integer:
        allowed &= numbers == np.rint(numbers)
    if not allowed.all():
        domain = f"finite {parameter.domain}".strip().replace("finite positive", "positive")
        raise AssumptionError(
            f"{theorem} assumes {parameter.name} ({parameter.words}) to be {domain}, but "
            f"{parameter.name} = {numbers[~allowed].flat[0]:g}."
        )
    return numbers


def _test(assumption: Assumption, relation: Relation, values: Values, theorem: str) -> None:
    symbols = sorted(relation.left.free_symbols | relation.right.free_symbols, key=str)
    numbers = np.broadcast_arrays(*(values[symbol] for symbol in symbols))
    left, right = (
        _evaluated(side, tuple(symbols), numbers) for side in (relation.left, relation.right)
    )
    compare: Callable[..., Any] = {"=": np.equal, "<": np.less, "<=": np.less_equal}[relation.sign]
    broken = np.broadcast_to(~compare(left, right), numbers[0].shape)
    if broken.any():
        found = " and ".join(
            f"{PARAMETERS[symbol].name} = {number[broken].flat[0]:g}"
            for symbol, number in zip(symbols, numbers, strict=True)
        )
        raise AssumptionError(
            f"{theorem} assumes {assumption.name} ({named(relation)}), but {found}."
        )


@functools.cache
def named(relation: Relation) -> str:
    """Return a relation between parameters in their keywords instead of their symbols."""
    symbols = relation.left.free_symbols | relation.right.free_symbols
    names = {symbol: sympy.Symbol(PARAMETERS[symbol].name) for symbol in symbols}
    return str(
        Relation(relation.left.xreplace(names), relation.sign, relation.right.xreplace(names))
    )


@functools.cache
def _function(expression: Any, symbols: tuple[Any, ...]) -> Callable[..., Any]:
    function: Callable[..., Any] = sympy.lambdify(symbols, expression, modules="numpy")
    return function
