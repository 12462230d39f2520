"""Reading and differentiating the expressions of a system, within a limit of time.

Parts that expressions have in common are treated once: an iterated map is small as a graph and
exponentially large as a tree, which sympy's own functions walk.
"""

import functools
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sympy

from sdeopt.errors import InvalidArgumentError

LARGEST_POWER = 1000
"""The largest power of a number that sympy may write out."""
LARGEST_EXPONENT = 20_000
"""Floats are powers of two times less than this exponent."""
BOUND = (sympy.Derivative, sympy.Subs, sympy.Lambda, sympy.Order)
"""Expressions with symbols of their own, as integrals and sums have."""


class OutOfTimeError(Exception):
    """The limit of time has passed."""


class Deadline:
    """The end of the time that an answer may take."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self._end - time.monotonic()

    def check(self) -> None:
        """Raise an error when the time is over."""
        if self.left <= 0.0:
            raise OutOfTimeError


class KinkSide(sympy.Function):  # type: ignore[misc]
    """The slope of max(u, 0): 1 for positive u, 0 for negative u, and at 0 either of them."""

    @classmethod
    def eval(cls, argument: Any) -> Any:
        """Write every kink in one way: with the one of u and −u that sympy puts first."""
        if argument.is_Rational and argument != 0:
            return sympy.Integer(int(argument > 0))
        return 1 - cls(-argument) if argument.could_extract_minus_sign() else None

    def _eval_is_real(self) -> bool:
        return True


class Larger(sympy.Function):  # type: ignore[misc]
    """The larger one of two numbers; sympy's `Max` compares its arguments, which can take minutes."""

    @classmethod
    def eval(cls, first: Any, second: Any) -> Any:
        """Leave all as it is but for equal arguments."""
        return first if first == second else None

    def _eval_is_real(self) -> bool:
        return True


def power(base: Any, exponent: Any) -> Any:
    """Return a power; a large one of a number is not written out."""
    large = exponent.is_Rational and abs(exponent) > LARGEST_POWER
    return sympy.Pow(base, exponent, evaluate=not (large and (base.is_Number or base.is_Mul)))


def _largest(*numbers: Any) -> Any:
    return functools.reduce(lambda rest, one: Larger(one, rest), reversed(numbers))


def _least(*numbers: Any) -> Any:
    return -_largest(*(-number for number in numbers))


MAKERS: dict[Any, Callable[..., Any]] = {
    sympy.Pow: power,
    sympy.Abs: functools.partial(sympy.Abs, evaluate=False),
    sympy.Max: _largest,
    sympy.Min: _least,
}
"""How to make an expression anew where sympy's own way can take long."""


def parts(expressions: Iterable[Any], deadline: Deadline) -> list[Any]:
    """Return every part of some expressions once."""
    found: dict[int, Any] = {}
    waiting = list(expressions)
    while waiting:
        deadline.check()
        one = waiting.pop()
        if id(one) not in found:
            found[id(one)] = one
            waiting += one.args
    return list(found.values())


def symbols_of(expressions: Iterable[Any], deadline: Deadline) -> set[Any]:
    """Return the symbols that some expressions depend on."""
    found = parts(expressions, deadline)
    for one in found:
        if isinstance(one, BOUND) or hasattr(one, "limits"):
            raise InvalidArgumentError(
                f"certify cannot enclose {one.func.__name__}; evaluate it first, with .doit() for one."
            )
    return {one for one in found if isinstance(one, sympy.Symbol)}


class Reader:
    """Expressions with every float as its exact fraction, and with other symbols."""

    def __init__(self, symbols: Mapping[Any, Any], deadline: Deadline) -> None:
        self._symbols, self._deadline = symbols, deadline
        self._read: dict[int, tuple[Any, Any]] = {}
        self._made: dict[Any, Any] = {}

    def __call__(self, expression: Any) -> Any:
        """Return one expression."""
        if id(expression) not in self._read:
            self._deadline.check()
            # The expression is kept so that its id stays its own.
            self._read[id(expression)] = expression, self._new(expression)
        return self._read[id(expression)][1]

    def _new(self, expression: Any) -> Any:
        if expression in (sympy.nan, sympy.oo, -sympy.oo, sympy.zoo):
            raise InvalidArgumentError(
                f"the system contains {expression}; every number in it must be finite."
            )
        if expression.is_Float:
            return _fraction(expression)
        if not expression.args:
            return self._symbols.get(expression, expression)
        arguments = [self(part) for part in expression.args]
        key = (expression.func, *map(id, arguments))
        if key not in self._made:
            make: Callable[..., Any] = MAKERS.get(expression.func, expression.func)
            self._made[key] = make(*arguments), arguments
        return self._made[key][0]


def _fraction(number: Any) -> Any:
    _, _, exponent, length = number._mpf_
    if abs(exponent + length) > LARGEST_EXPONENT:
        raise InvalidArgumentError(
            f"the number {number} in the system is too large or too small; scale the variables."
        )
    return sympy.Rational(number)


class Differentiation:
    """Derivatives by the chain rule; at a kink with the steps between its two sides."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._known: dict[tuple[Any, Any], Any] = {}

    def __call__(self, expression: Any, symbol: Any) -> Any:
        """Return one derivative."""
        if not expression.args:
            return sympy.Integer(int(expression == symbol))
        if (expression, symbol) not in self._known:
            self._deadline.check()
            self._known[expression, symbol] = self._derivative(expression, symbol)
        return self._known[expression, symbol]

    def _derivative(self, expression: Any, symbol: Any) -> Any:
        arguments = expression.args
        slopes = [self(part, symbol) for part in arguments]
        if isinstance(expression, KinkSide) or not any(slopes):
            return sympy.S.Zero
        if expression.is_Add:
            return sympy.Add(*slopes)
        if expression.is_Mul:
            terms = [
                sympy.Mul(*arguments[:place], slope, *arguments[place + 1 :])
                for place, slope in enumerate(slopes)
                if slope != 0
            ]
            return sympy.Add(*terms)
        if expression.is_Pow:
            (base, exponent), (rise, growth) = arguments, slopes
            total = exponent * power(base, exponent - 1) * rise if rise != 0 else sympy.S.Zero
            return total + expression * sympy.log(base) * growth if growth != 0 else total
        if isinstance(expression, sympy.Abs):
            return (2 * KinkSide(arguments[0]) - 1) * slopes[0]
        if isinstance(expression, Larger):
            side = KinkSide(arguments[0] - arguments[1])
            return side * slopes[0] + (1 - side) * slopes[1]
        terms = [
            expression.fdiff(place) * slope for place, slope in enumerate(slopes, 1) if slope != 0
        ]
        return sympy.Add(*terms)


def smooth_form(expression: Any) -> Any:
    """Return |u| or a maximum as the smooth function on one side of its kink."""
    if isinstance(expression, sympy.Abs):
        return (2 * KinkSide(expression.args[0]) - 1) * expression.args[0]
    first, second = expression.args
    side = KinkSide(first - second)
    return side * first + (1 - side) * second
