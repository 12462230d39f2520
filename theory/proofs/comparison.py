"""Whether an inequality follows from known relations, multiplied or solved for symbols."""

from collections.abc import Mapping
from typing import Any

import sympy
from sympy.logic.boolalg import BooleanAtom

from theory.proofs.fact import Fact
from theory.proofs.relation import ProofError, Relation, bound_symbols, demand_uncaught
from theory.proofs.signs import is_nonnegative, is_positive, is_zero, residual


def solved(given: Mapping[Fact, Any], expression: Any) -> Any:
    """Eliminate symbols in favour of slacks: given c < k for k, k becomes c + δ with δ positive."""
    expression = sympy.sympify(expression)
    for fact, symbol in given.items():
        strict = fact.relation.sign == "<"
        slack = sympy.Dummy("delta", positive=True) if strict else sympy.Dummy(nonnegative=True)
        slope = sympy.diff(fact.slack, symbol)
        if slope.has(symbol) or not (is_positive(slope) or is_positive(-slope)):
            raise ProofError(f"{fact.relation} cannot be solved for {symbol}.")
        offset = sympy.expand(fact.slack - slope * symbol)
        value = (slack - offset) / slope
        if expression.has(symbol):
            demand_uncaught(value, value.free_symbols & bound_symbols(expression))
        expression = expression.subs(symbol, value)
    return expression


def difference(left: Any, right: Any) -> str:
    """Return why two expressions or matrices are not shown to be equal, or an empty string."""
    shapes = {side.shape if isinstance(side, sympy.MatrixBase) else () for side in (left, right)}
    if len(shapes) > 1 or any(isinstance(side, BooleanAtom) for side in (left, right)):
        return f"{left} and {right} cannot be compared"
    rest = right - left
    for entry in map(residual, rest if isinstance(rest, sympy.MatrixBase) else [rest]):
        if entry != 0:
            return f"{entry} is not zero"
    return ""


def gap(
    relation: Relation, using: Mapping[Fact, Any], given: Mapping[Fact, Any], certificate: Any
) -> str:
    """Return why an inequality is not shown, or an empty string."""
    rest, strict = relation.slack, False
    for fact, multiplier in using.items():
        factor = solved(given, multiplier)
        if fact.relation.sign != "=" and not is_nonnegative(factor):
            return f"the sign of the multiplier {multiplier} is open"
        strict |= fact.relation.sign == "<" and is_positive(factor)
        rest -= multiplier * fact.slack
    if certificate is not None:
        gap = residual(rest - certificate)
        if gap != 0:
            return f"the certificate misses {gap}"
        rest = sympy.sympify(certificate)
    if is_zero(rest) and (strict or relation.sign == "<="):
        return ""
    shown = is_positive if relation.sign == "<" and not strict else is_nonnegative
    return "" if shown(solved(given, rest)) else f"the sign of {residual(rest)} is open"


def same_sides(one: Relation, other: Relation) -> bool:
    """Return whether the sides of two relations are shown to be equal."""
    return is_zero(one.left - other.left) and is_zero(one.right - other.right)


def needed(
    relation: Relation, using: Mapping[Fact, Any], given: Mapping[Fact, Any], certificate: Any
) -> tuple[Mapping[Fact, Any], Mapping[Fact, Any]]:
    """Return the relations without which a step is not shown: no other is a premise of it."""
    for fact in given:
        fewer = {one: symbol for one, symbol in given.items() if one is not fact}
        if not gap(relation, using, fewer, certificate):
            given = fewer
    for fact in using:
        fewer = {one: factor for one, factor in using.items() if one is not fact}
        if certificate is None and not gap(relation, fewer, given, None):
            using = fewer
    return using, given
