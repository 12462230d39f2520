"""Whether an inequality follows from known relations, multiplied or solved for symbols."""

from collections.abc import Mapping
from typing import Any

import sympy

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
