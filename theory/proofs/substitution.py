"""What may stand in place of a symbol: values in its domain, and in an expectation fixed ones."""

from collections.abc import Iterable, Mapping
from typing import Any

import sympy

from theory.proofs.domains import KnownSigns, demand_constant, demand_real_sides
from theory.proofs.dynamics import speaks_of_solutions
from theory.proofs.fact import Assumption
from theory.proofs.indices import demand_bound, is_index
from theory.proofs.limits import limits_in
from theory.proofs.relation import ProofError, Relation
from theory.symbols import PARAMETERS, step_size

OTHER = (
    "negative", "nonpositive", "even", "odd", "prime", "composite", "rational", "irrational",
    "noninteger", "algebraic", "transcendental", "imaginary",
)  # fmt: skip
"""Properties of a symbol that sympy must show of a value in its place."""


def relation_at(assumption: Assumption, at: Mapping[Any, Any], signs: KnownSigns) -> Relation:
    """Return the relation of a hypothesis at values of the symbols for all values of which it holds."""
    name = assumption.name
    if assumption.relation is None:
        raise ProofError(f'the assumption "{name}" has no relation; only a rule can require it.')
    foreign = set(at) - set(assumption.over)
    if foreign:
        raise ProofError(f'the assumption "{name}" is not stated for all {foreign}.')
    for symbol, value in at.items():
        demand_fits(symbol, value, signs)
        signs.demand_defined(value)
        if not symbol.is_integer:
            demand_fixed([assumption.relation], {symbol: value})
    relation: Relation = assumption.relation.subs(dict(at))
    demand_real_sides(relation)
    demand_bound(relation.left, relation.right)
    return relation


def demand_fits(symbol: Any, value: Any, signs: KnownSigns) -> None:
    """Raise ProofError unless a value is shown to lie in the domain of a symbol."""
    value = sympy.sympify(value)
    for limit in limits_in(value):
        raise ProofError(f"{limit} may be infinite, in place of {symbol}.")
    if symbol.is_integer and not value.is_integer:
        raise ProofError(f"{symbol} is an integer, {value} is not known to be one.")
    if symbol.is_integer and symbol not in PARAMETERS and not is_index(value):
        raise ProofError(f"{value} is no index, in place of {symbol}.")
    # A value with a sign is real.
    if symbol.is_positive:
        signs.demand_positive(value)
    elif symbol.is_nonnegative:
        signs.demand_nonnegative(value)
    elif symbol.is_real and not symbol.is_integer:
        signs.demand_real(value)
    if symbol.is_zero is False and not symbol.is_positive:
        signs.demand_defined(1 / value)
    if symbol.is_integer is False and value.is_integer is not False:
        raise ProofError(f"{symbol} is no integer, {value} may be one.")
    for name in OTHER:
        if getattr(symbol, f"is_{name}") and not getattr(value, f"is_{name}"):
            raise ProofError(f"{symbol} is {name}, {value} is not known to be.")


def demand_fixed(relations: Iterable[Relation], at: Mapping[Any, Any]) -> None:
    """Raise ProofError where a value that is random or moves would be put into an expectation.

    What is closed, such as a derivative, is not determined by values: into it go numbers alone.
    """
    relations, values = tuple(relations), tuple(map(sympy.sympify, at.values()))
    calls = {
        call for one in relations for side in (one.left, one.right)
        for call in sympy.sympify(side).atoms(sympy.Function)
    }  # fmt: skip
    closed = {call for call in calls if getattr(call, "is_closed", False)}
    for symbol, value in at.items():
        inside = [call for call in closed if call.has(symbol)]
        varies = sympy.sympify(value).has(sympy.IndexedBase, step_size)
        if inside and (varies or symbol == step_size):
            raise ProofError(f"{value} in place of {symbol} may change what {inside[0]} is.")
    if any(map(speaks_of_solutions, relations)):
        demand_constant(*values)
    if any(map(_averages, calls)):
        for value in values:
            means = {c: sympy.Dummy() for c in value.atoms(sympy.Function) if _averages(c)}
            bases = value.xreplace(means).atoms(sympy.IndexedBase)
            if any(getattr(base, "random", False) for base in bases):
                raise ProofError(f"{value} is random, in place of a number in an expectation.")


def _averages(call: Any) -> bool:
    return bool(getattr(call, "averages", False))
