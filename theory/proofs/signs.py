"""Whether an expression is zero, and its sign, by canonical forms and sympy's assumptions."""

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import sympy
from sympy.functions.elementary.trigonometric import InverseTrigonometricFunction

from theory.proofs.indices import demand_range
from theory.proofs.sums import contains_sums, normal_sums

SIGNS = ("zero", "positive", "negative", "nonnegative", "nonpositive")


@functools.lru_cache(maxsize=4096)
def residual(expression: Any) -> Any:
    """Return a canonical form of an expression that is 0 when the expression is found to be zero."""
    expression = sympy.sympify(expression)
    if contains_sums(expression):
        expression = normal_sums(expression)
    return _with_symbols(expression, expression.atoms(sympy.Sum), _numerator)


def is_zero(expression: Any) -> bool:
    """Return whether the canonical form is 0; False means "not shown", not "false"."""
    return bool(residual(expression) == 0)


def _numerator(expression: Any) -> Any:
    if expression.has(sympy.sin, sympy.cos, sympy.sinh, sympy.cosh):
        expression = expression.rewrite(sympy.exp)
    expression = expression.expand(power_exp=True)
    numerator, _ = sympy.fraction(sympy.together(expression))
    return sympy.powsimp(_without_roots(sympy.expand(numerator)))


def _without_roots(numerator: Any) -> Any:
    """Lower every power of a square root to at most one, with one symbol for each radicand."""
    # A root inside a function is left as it is: the function is one more symbol.
    return sympy.expand(_with_symbols(numerator, _closed(numerator), _lowered))


def _closed(expression: Any) -> set[Any]:
    """Return the largest parts that are no sums, products or powers: functions, integrals, matrices."""
    if not expression.args or isinstance(expression, sympy.Indexed):
        return set()
    if isinstance(expression, sympy.Add | sympy.Mul | sympy.Pow):
        return set[Any]().union(*map(_closed, expression.args))
    return {expression}


def _lowered(numerator: Any) -> Any:
    names: dict[Any, Any] = {}
    replaced = {}
    for power in numerator.atoms(sympy.Pow):
        if power.exp.is_Rational and power.exp.q == 2 and power.exp > 0:
            name = names.setdefault(sympy.factor(power.base), sympy.Dummy("root"))
            replaced[power] = name ** int(2 * power.exp)
    numerator = numerator.xreplace(replaced)
    for radicand, name in names.items():
        lowered = sympy.rem(numerator, name**2 - radicand, name)
        numerator = sympy.expand(sympy.fraction(sympy.together(lowered))[0])
    return numerator.xreplace({name: sympy.sqrt(radicand) for radicand, name in names.items()})


def _with_symbols(expression: Any, parts: Iterable[Any], work: Callable[[Any], Any]) -> Any:
    """Work on an expression while symbols stand for some of its parts."""
    names = {part: sympy.Dummy("part") for part in parts}
    parts_of = {name: part for part, name in names.items()}
    return work(expression.xreplace(names)).xreplace(parts_of)


@functools.lru_cache(maxsize=4096)
def is_positive(expression: Any) -> bool:
    """Return whether sympy shows the expression positive; False means "not shown"."""
    return any(form.is_positive for form in _forms(sympy.sympify(expression)))


@functools.lru_cache(maxsize=4096)
def is_nonnegative(expression: Any) -> bool:
    """Return whether sympy shows the expression zero or positive; False means "not shown"."""
    return any(form.is_nonnegative for form in _forms(sympy.sympify(expression)))


def _forms(expression: Any) -> Iterator[Any]:
    """Yield expressions whose sign implies the sign of the given one."""
    # Sums as they stand can be sums of squares; in normal form, equal ones cancel.
    bases = [expression, normal_sums(expression)] if contains_sums(expression) else [expression]
    for shifted in itertools.chain(*(_shifted(_without_sums(base)) for base in bases)):
        shifted = as_real(shifted)
        yield shifted
        # before the factors: sympy finds those of many symbols in seconds or, by bad luck, never
        yield sympy.expand(shifted)
        factored = _factored(sympy.together(shifted))
        yield factored
        # sympy does not see that u + v > 0 inside a product unless each factor is multiplied out.
        yield sympy.Mul(*[sympy.expand(part) for part in sympy.Mul.make_args(factored)])


def _factored(expression: Any) -> Any:
    """Return an expression in factors; a derivation goes the same way every time."""
    sympy.core.random.seed(0)  # sympy draws the points at which it looks for factors
    return sympy.factor(expression)


def _without_sums(expression: Any) -> Any:
    """Replace sums of terms of known sign by symbols of that sign: no sum here is empty."""
    parts = expression.atoms(sympy.Sum, sympy.Integral)
    return expression.xreplace({part: _stand_in(part) for part in parts})


def _stand_in(total: Any) -> Any:
    if isinstance(total, sympy.Integral):
        return sympy.Dummy()  # of no sign: sympy takes that of what is under it for the whole
    demand_range(total)
    names = {name: sympy.Dummy(integer=True, positive=True) for name in total.variables}
    terms = [*map(as_real, _shifted(_without_sums(total.function.xreplace(names))))]
    if any(term.is_positive for term in terms):
        return sympy.Dummy(positive=True)
    if any(term.is_nonnegative for term in terms):
        return sympy.Dummy(nonnegative=True)
    # The sum of imaginary terms is imaginary: only real terms have a real sum.
    return sympy.Dummy(real=True) if has_real_parts(total.function) else sympy.Dummy()


def has_real_parts(expression: Any) -> bool:
    """Return whether an expression is made of what is real, without roots of what may be negative."""
    parts = expression.atoms(sympy.Indexed, sympy.Symbol, sympy.Function, sympy.I)
    return all(part.is_real for part in parts) and not any(
        power.exp.is_Integer is not True and not is_nonnegative(power.base)
        for power in expression.atoms(sympy.Pow)
    )


def as_real(expression: Any) -> Any:
    """Let real numbers stand for integers and for angles: of these sympy knows what is not so.

    It takes 1/(n p) for at least 1 where n and p are positive integers, and atan(n − 1) for nonzero.
    """
    divisors = [power for power in expression.atoms(sympy.Pow) if not power.exp.is_nonnegative]
    if not expression.has(InverseTrigonometricFunction) and not any(
        symbol.is_rational for power in divisors for symbol in power.free_symbols
    ):
        return expression
    # what sums stays as it is: their ends are integers
    whole = expression.atoms(sympy.Function, sympy.Sum, sympy.Integral)
    names = {part: _like(part) for part in whole if part.has(sympy.Sum, sympy.Integral)}
    for angle in expression.atoms(InverseTrigonometricFunction):
        inner = as_real(angle.args[0])
        follows = isinstance(angle, sympy.atan | sympy.asin)
        names[angle] = _like(inner) if follows else sympy.Dummy()
    expression = expression.xreplace(names)
    numbers = {s: _like(s) for s in expression.free_symbols if s.is_Symbol and s.is_rational}
    return expression.xreplace(numbers)


def _like(value: Any) -> Any:
    """Return a number of the same sign."""
    if not value.is_real:
        return sympy.Dummy()
    signs = {name: True for name in SIGNS if getattr(value, f"is_{name}")}
    return sympy.Dummy(real=True, **signs)


def _shifted(expression: Any) -> Iterable[Any]:
    """Write a positive integer as 1 + a non-negative one, so that p − 1 has a sign."""
    counts = [s for s in expression.free_symbols if s.is_integer and s.is_positive]
    if not counts:
        return [expression]
    shift = {s: 1 + sympy.Dummy(s.name, integer=True, nonnegative=True) for s in counts}
    return [expression, expression.xreplace(shift)]
