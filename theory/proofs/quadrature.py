"""Integrals as weighted sums of values, with weights that are positive: these keep every order.

Numbers that satisfy hypotheses on integrals and on what is under them are looked for with such sums,
since rules of proof integrate relations. The sums are exact for the polynomials that are weights, times
functions of the second degree.
"""

import functools
from collections.abc import Iterable, Iterator
from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.integrals.quadrature import gauss_legendre

from theory.proofs.relation import Relation

FEWEST = 3
"""How many places there are between the ends; one more for each power of a weight."""


def count(relations: Iterable[Relation]) -> int:
    """Return how many places the polynomials under the integrals of relations need."""
    powers = 0
    for side in (side for one in relations for side in (one.left, one.right)):
        for integral in sympy.sympify(side).atoms(sympy.Integral):
            parts = integral.function.atoms(AppliedUndef, sympy.Indexed)
            form = integral.function.xreplace({part: sympy.Dummy() for part in parts})
            for name in integral.variables:
                if form.is_polynomial(name):
                    powers = max(powers, int(sympy.degree(form, name)))
    return FEWEST + powers


@functools.cache
def rule_of(places: int) -> list[tuple[Any, Any]]:
    """Return rational places between 0 and 1 near those of Gauss, and their weights."""
    near = [sympy.Rational(round(500 * (1 + x)), 1000) for x in gauss_legendre(places, 12)[0]]
    powers = sympy.Matrix(places, places, lambda row, column: near[column] ** row)
    whole = sympy.Matrix([sympy.Rational(1, row + 1) for row in range(places)])
    return list(zip(near, powers.LUsolve(whole), strict=True))


def _terms(integral: Any, places: int) -> Iterator[tuple[Any, Any, Any]]:
    """Yield each value under an integral, with its place and weight."""
    *others, (name, lower, upper) = integral.limits
    inner = sympy.Integral(integral.function, *others) if others else integral.function
    for share, weight in rule_of(places):
        place = lower + (upper - lower) * share
        yield inner.subs(name, place), place, weight * (upper - lower)


def is_finite(integral: Any) -> bool:
    """Return whether an integral has two ends, and none is infinite."""
    return all(
        len(limit) == 3 and not any(end.has(sympy.oo, -sympy.oo) for end in limit[1:])
        for limit in integral.limits
    )


def as_sum(integral: Any, places: int) -> Any:
    """Return an integral as a weighted sum of values, or as it is if its ends are infinite."""
    if not is_finite(integral):
        return integral
    return sympy.Add(*[weight * value for value, _, weight in _terms(integral, places)])


def places_of(expression: Any, places: int) -> Iterator[Any]:
    """Yield the places at which functions are taken under the integrals of an expression."""
    for integral in filter(is_finite, expression.atoms(sympy.Integral)):
        for value, place, _ in _terms(integral, places):
            yield place
            yield from (part for call in value.atoms(AppliedUndef) for part in call.args)
            yield from places_of(value, places)
