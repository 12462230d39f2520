"""Sympy expressions compiled for evaluation in balls or intervals; common parts are evaluated once."""

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, fmpq

from sdeopt.errors import InvalidArgumentError
from theory.certify import balls
from theory.certify.expressions import Deadline, KinkSide, Larger, smooth_form

CONSTANTS = {
    sympy.pi: arb.pi,
    sympy.E: arb.const_e,
    sympy.EulerGamma: arb.const_euler,
    sympy.Catalan: arb.const_catalan,
    sympy.GoldenRatio: lambda: (1 + arb(5).sqrt()) / 2,
}
OFTEN = 256
"""Operations between two looks at the clock."""

Sides = Mapping[KinkSide, Any]
"""Of some kinks, which of their two sides holds: 1 or 0, as balls."""


@dataclasses.dataclass(frozen=True)
class Operation:
    """One operation on the values at some earlier places."""

    action: Callable[..., Any]
    places: tuple[int, ...]
    step: KinkSide | None = None
    """The kink whose side this is."""
    smooth: int | None = None
    """Of a function with a kink, the place of its form on one side."""


class Tape:
    """Expressions as a list of operations."""

    def __init__(
        self,
        expressions: Sequence[Any],
        symbols: Sequence[Any],
        allowed: Collection[str],
        deadline: Deadline,
    ) -> None:
        self._allowed, self._deadline = allowed, deadline
        self._places: dict[Any, int] = {symbol: place for place, symbol in enumerate(symbols)}
        self._steps: list[Operation] = []
        self._offset = len(self._places)
        self._results = [self._place(sympy.sympify(expression)) for expression in expressions]

    @property
    def kinks(self) -> list[KinkSide]:
        """The kinks whose sides decide on the values."""
        return [operation.step for operation in self._steps if operation.step is not None]

    def __call__(
        self, values: Sequence[Any], sides: Sides | None = None, smooth: bool = False
    ) -> list[Any]:
        """Return the ranges of all expressions where the kinks have the sides that are given.

        If smooth, functions with kinks are continued over them, as from the side that is given.
        """
        known = sides or {}
        held = list(values)
        for number, operation in enumerate(self._steps):
            if number % OFTEN == 0:
                self._deadline.check()
            if operation.step is not None and operation.step in known:
                held.append(known[operation.step])
                continue
            if smooth and operation.smooth is not None:
                held.append(held[operation.smooth])
                continue
            arguments = [held[place] for place in operation.places]
            # A function of something undefined is undefined.
            defined = all(argument.is_finite() for argument in arguments)
            held.append(operation.action(*arguments) if defined else balls.UNDEFINED)
        return [held[place] for place in self._results]

    def _place(self, expression: Any) -> int:
        """Return the place of the value of an expression; adds the steps that compute it."""
        if expression not in self._places:
            self._deadline.check()
            action, parts = self._operation(expression)
            kinked = isinstance(expression, sympy.Abs | Larger)
            operation = Operation(
                action,
                tuple(self._place(part) for part in parts),
                expression if isinstance(expression, KinkSide) else None,
                self._place(smooth_form(expression)) if kinked else None,
            )
            self._steps.append(operation)
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
        if isinstance(expression, KinkSide | Larger):
            return balls.step if isinstance(expression, KinkSide) else balls.larger, expression.args
        name = expression.func.__name__
        # A function of one's own may have the name of a known one.
        known = getattr(sympy, name, None) is expression.func
        if not known or name not in self._allowed or not expression.args:
            raise InvalidArgumentError(
                f"certify cannot enclose {name}; a system may contain sums, products, powers and "
                f"{', '.join(balls.CONTINUOUS)}, Max, Min of its real symbols, so write what is made of "
                "pieces with Max, Min and Abs."
            )
        return balls.CONTINUOUS[name], expression.args


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
