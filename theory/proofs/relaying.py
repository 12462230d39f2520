"""Whether a conclusion says no more than one hypothesis: a multiple, or a function of both sides."""

import functools
import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import sympy

from theory.proofs.relation import Relation
from theory.proofs.signs import is_nonnegative, is_positive, is_zero
from theory.proofs.sums import normal_sums

IMPLIED = {"=": ("=", "<="), "<": ("<", "<="), "<=": ("<=",)}
"""What a relation implies by its sign alone."""
SMALL = 1e-9
"""What is taken for zero where an expression is tried at numbers."""


@functools.lru_cache(maxsize=4096)
def relays(given: Relation, conclusion: Relation) -> bool:
    """Return whether a conclusion follows from one relation without another thought.

    So do a non-negative multiple of its slack, for an equation any multiple, and what is left of
    both when the same function is taken off the two sides, as of e^X <= e^Y.
    """
    if conclusion.sign not in IMPLIED[given.sign]:
        return False
    stated = [one for one in _opened(given.slack) if not one.is_number]
    sign = "=" if given.sign == "=" else conclusion.sign
    return any(
        _is_multiple(one, other, sign) for other in _opened(conclusion.slack) for one in stated
    )


def _is_multiple(given: Any, wanted: Any, sign: str) -> bool:
    """Return whether one slack is the other times a factor that is defined, and not negative."""
    if not given.free_symbols <= wanted.free_symbols or not _may_divide(given, wanted):
        return False
    if is_zero(given) or is_zero(wanted):
        return False
    return _is_factor(sympy.cancel(wanted / given), sign)


def _has_term_alone(given: Any, wanted: Any) -> bool:
    """Return whether the slope of an expression along a part of one term is not 0 where another is."""
    terms, stated = [_parts(term) for term in sympy.Add.make_args(wanted)], _parts(given)
    times = Counter(itertools.chain(*terms))
    return any(
        not term & stated and any(times[part] == 1 and _is_linear(one, part) for part in term)
        for one, term in zip(sympy.Add.make_args(wanted), terms, strict=True)
    )


def _is_linear(term: Any, part: Any) -> bool:
    return part in sympy.Mul.make_args(term)


def _may_divide(given: Any, wanted: Any) -> bool:
    """Return False where one expression does not vanish with the other, tried at numbers."""
    if _has_term_alone(given, wanted):
        return False
    parts = sorted(_parts(given) | _parts(wanted), key=sympy.default_sort_key)
    names = {part: sympy.Dummy() for part in parts}
    both = [side.xreplace(names) for side in (given, wanted)]
    values = sympy.lambdify(list(names.values()), both, modules="cmath")
    start = [complex(0.7 + 0.61 * k % 1.9) for k in range(len(parts))]

    def at(place: int, value: complex) -> Any:
        return values(*start[:place], value, *start[place + 1 :])

    for place, part in enumerate(parts):
        if not given.has(part):
            continue
        try:
            (first, scale), (second, _), (third, _) = (at(place, complex(k)) for k in range(1, 4))
            if abs(third - 2 * second + first) < SMALL < abs(second - first):
                _, missed = at(place, 1 - first / (second - first))
                return bool(abs(missed) < SMALL * (1 + abs(scale)))
        except (ArithmeticError, ValueError):
            continue
    return True


def _parts(expression: Any) -> set[Any]:
    """Return what stands in an expression for one number each."""
    if isinstance(expression, sympy.Add | sympy.Mul | sympy.Pow):
        return set[Any]().union(*map(_parts, expression.args))
    return set() if expression.is_number else {expression}


def _is_factor(value: Any, sign: str) -> bool:
    """Return whether a factor is shown to be defined, and of a sign that keeps a relation."""
    divisor = sympy.denom(sympy.together(value))
    defined = is_positive(divisor) or is_positive(-divisor)
    keeps = sign == "=" or (is_nonnegative(value) if sign == "<=" else is_positive(value))
    return bool(defined and keeps)


@functools.lru_cache(maxsize=1024)
def _opened(slack: Any) -> tuple[Any, ...]:
    """Return a slack in normal form, and that of what stands inside one function on both sides."""
    found = [normal_sums(slack)]
    factors = sympy.Mul.make_args(sympy.factor_terms(slack))
    for place, factor in enumerate(factors):
        terms = sympy.Add.make_args(factor)
        rest = sympy.Mul(*factors[:place], *factors[place + 1 :])
        if len(terms) == 2 and (is_positive(rest) or is_positive(-rest)):
            for inner in _inside(terms[0], -terms[1]):
                found += [*_opened(inner), *_opened(-inner)]
    return tuple(found)


def _inside(one: Any, other: Any) -> Iterator[Any]:
    """Yield the difference of the only arguments in which two calls of a function differ."""
    for here, there in ((one, other), (-one, -other), (other, one), (-other, -one)):
        if there.is_number and not here.is_number:
            if isinstance(here, sympy.exp) and there.is_positive:
                yield here.args[0] - sympy.log(there)
            if here.is_Pow and here.exp.is_number and there.is_nonnegative:
                yield here.base - there ** (1 / here.exp)
        elif here.args and here.func is there.func and not here.is_Add and not here.is_Mul:
            differing = [(a, b) for a, b in zip(here.args, there.args, strict=False) if a != b]
            alike = len(here.args) == len(there.args) and len(differing) == 1
            if alike and all(isinstance(part, sympy.Expr) for part in differing[0]):
                yield differing[0][1] - differing[0][0]
