"""Sympy expressions compiled for evaluation in balls; common parts are evaluated once."""

import dataclasses
from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, fmpq

from sdeopt.errors import InvalidArgumentError
from theory.certify import balls

CONSTANTS = {sympy.pi: arb.pi, sympy.E: arb.const_e, sympy.EulerGamma: arb.const_euler}


@dataclasses.dataclass(frozen=True)
class Operation:
    """One operation on the values at some earlier places."""

    action: Callable[..., Any]
    places: tuple[int, ...]


class Tape:
    """Expressions as a list of operations on balls."""

    def __init__(
        self, expressions: Sequence[Any], symbols: Sequence[Any], allowed: Collection[str]
    ) -> None:
        self._allowed = allowed
        self._places: dict[Any, int] = {symbol: place for place, symbol in enumerate(symbols)}
        self._steps: list[Operation] = []
        self._offset = len(self._places)
        self._results = [self._place(sympy.sympify(expression)) for expression in expressions]

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        """Return the ranges of all expressions."""
        held = list(values)
        for step in self._steps:
            arguments = [held[place] for place in step.places]
            # A function of something undefined is undefined.
            defined = all(argument.is_finite() for argument in arguments)
            held.append(step.action(*arguments) if defined else balls.UNDEFINED)
        return [held[place] for place in self._results]

    def _place(self, expression: Any) -> int:
        """Return the place of the value of an expression; adds the steps that compute it."""
        if expression not in self._places:
            action, parts = self._operation(expression)
            step = Operation(action, tuple(self._place(part) for part in parts))
            self._steps.append(step)
            self._places[expression] = self._offset + len(self._steps) - 1
        return self._places[expression]

    def _operation(self, expression: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        if expression.is_Rational:
            return _constant(arb(fmpq(int(expression.p), int(expression.q)))), ()
        if expression in CONSTANTS:
            return _constant(CONSTANTS[expression]()), ()
        if expression.is_Add:
            return _sum, expression.args
        if expression.is_Mul:
            return _product, expression.args
        if expression.is_Pow:
            return _power(expression)
        name = expression.func.__name__
        if name not in self._allowed or not expression.args:
            raise InvalidArgumentError(
                f"certify cannot enclose {name}; a system may contain sums, products, powers and "
                f"{', '.join(balls.CONTINUOUS)} of its real symbols."
            )
        return balls.FUNCTIONS[name], expression.args


def _constant(value: Any) -> Callable[..., Any]:
    return lambda: value


def _sum(*terms: Any) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _product(*factors: Any) -> Any:
    total = factors[0]
    for factor in factors[1:]:
        total = total * factor
    return total


def _power(expression: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    base, power = expression.args
    if not power.is_Rational:
        return balls.real_power, (base, power)
    exponent = Fraction(int(power.p), int(power.q))
    return lambda value: _rational_power(value, exponent), (base,)


def _rational_power(base: Any, exponent: Fraction) -> Any:
    if exponent.denominator > 1:
        base = balls.root(base, exponent.denominator)
        if not base.is_finite():
            return balls.UNDEFINED
    power = abs(exponent.numerator)
    value = balls.odd_power(base, power) if power % 2 else balls.even_power(base, power)
    return value if exponent > 0 else 1 / value
