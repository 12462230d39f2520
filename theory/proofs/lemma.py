"""The use of one result in the proof of another, at given values of its symbols."""

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import sympy

from theory.proofs.domains import KnownSigns, demand_constant
from theory.proofs.dynamics import PLACES
from theory.proofs.fact import Assumption, Fact
from theory.proofs.failing import rule
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, demand_no_labels
from theory.proofs.result import Result
from theory.proofs.substitution import demand_fits, demand_fixed
from theory.proofs.sums import moved, own_names
from theory.symbols import PARAMETERS

Signals = Mapping[Any, Callable[[Any], Any]]
"""What stands for each signal, coordinate by coordinate."""


@rule
def lemma(
    proof: Proof,
    result: Result,
    statement: str,
    *,
    at: Mapping[Any, Any] | None = None,
    discharging: Mapping[str, Fact] | None = None,
    signs: Iterable[Fact] = (),
    signals: Signals | None = None,
) -> Fact:
    """Use a statement of another result, whose proof is carried out too.

    Parameters
    ----------
    proof : Proof
        The proof that needs the statement.
    result : Result
        The other result.
    statement : str
        The name of one of its statements.
    at : mapping of sympy.Symbol to sympy.Expr, optional
        Values of its symbols, each with the sign of the symbol.
    discharging : mapping of str to Fact, optional
        Facts in place of its assumptions, by the names of these. Every other assumption that the
        statement uses must be made here too, with the same name and relation.
    signs : iterable of Fact, optional
        Facts 0 < value or 0 <= value, for values whose sign sympy does not determine.

    signals : mapping of sympy.IndexedBase to callable, optional
        What stands for its signals: for each, coordinate by coordinate, the same for all agents.

    Returns
    -------
    Fact
        The statement at these values.

    Raises
    ------
    ProofError
        An assumption is neither made nor discharged, or a value has not the sign of its symbol.

    Examples
    --------
    >>> import sympy
    >>> import theory
    >>> from theory.symbols import coupling
    >>> proof, d = Proof([]), sympy.Symbol("d", positive=True)
    >>> on = proof.less(0, 2 * d, "positive")
    >>> fact = lemma(
    ...     proof,
    ...     theory.load("lemma_5_2"),
    ...     "positive",
    ...     at={coupling: 2 * d},
    ...     discharging={"coupled": on},
    ... )
    >>> fact.words, fact.relation.right.has(d)
    ('Lemma 5.2, eq. (50), positive', True)
    """
    at, discharging, signals = dict(at or {}), dict(discharging or {}), dict(signals or {})
    reached = result.conclusions()[statement]
    values = KnownSigns(signs)
    for symbol, value in at.items():
        if {symbol, *sympy.sympify(value).free_symbols} & {*PLACES}:
            raise ProofError(f"{symbol} and {value}: laws of arrays are written in such symbols.")
        demand_fits(symbol, value, values)
    used = [*result.as_used()]
    premises = [*values.used, *proof.defined(*at.values())]
    _demand_constants(reached, at)
    _demand_signals(result, reached, signals)
    needed = [a for a in result.assumptions if a.name in reached.rests_on]
    stated = [one.relation for one in needed if one.relation is not None]
    demand_fixed((reached.relation, *stated), at)
    words = []
    for assumption in needed:
        if assumption.relation is None:
            if proof.assumption(assumption.name) != assumption:
                raise ProofError(f'"{assumption.name}" is not the same assumption here and there.')
            words.append(assumption)
            continue
        if {*at} & {*assumption.over}:
            raise ProofError(f'"{assumption.name}" is made for all values of {assumption.over}.')
        fact = discharging.get(assumption.name) or proof.assume(assumption.name)
        _demand_each(proof, assumption, fact, at)
        _demand_at_least(proof, fact, _taken(assumption.relation, at, signals))
        proof.demand_free(fact, *assumption.over)
        for name, end in fact.ranges:
            if name in assumption.over:
                raise ProofError(f"{fact.relation} is known for {name} up to {end} alone.")
        premises.append(fact)
        taken = (_at(one, at, signals) for one in used if one.name == assumption.name)
        proof.taken += _renamed(taken, map(proof.assumption, fact.rests_on))
    if {*at} & {name for name, _ in reached.ranges}:
        raise ProofError(f"{result.number} is known for its indices in the range of a sum.")
    reached_here = proof.take(
        reached.relation.subs(at),
        f"{result.number}, {statement}",
        premises,
        cited=reached.cites,
        required=words,
        dynamics={
            array: dataclasses.replace(
                motion, parts=tuple(_instance(part, at, signals) for part in motion.parts)
            )
            for array, motion in reached.dynamics.items()
        },
    )
    ranges = {(name, sympy.sympify(end).subs(at)) for name, end in reached.ranges}
    return proof.within(reached_here, reached_here.ranges | ranges)


def _taken(relation: Relation, at: Mapping[Any, Any], signals: Signals) -> Relation:
    """Return a hypothesis with values for its symbols and its signals."""
    for array, place in signals.items():
        left, right = (moved(side, array, place) for side in (relation.left, relation.right))
        relation = Relation(left, relation.sign, right)
    return relation.subs(at)


def _at(one: Assumption, at: Mapping[Any, Any], signals: Signals) -> Assumption:
    """Return what a lemma uses of a hypothesis: it must not contradict those that are made here."""
    assert one.relation is not None
    caught = {*at}.union(*(sympy.sympify(value).free_symbols for value in at.values()))
    over = tuple(name for name in one.over if name not in caught)
    return dataclasses.replace(one, relation=_taken(one.relation, at, signals), over=over)


def _renamed(taken: Iterable[Assumption], sources: Iterable[Assumption]) -> Iterator[Assumption]:
    """Yield what a lemma uses under the names of the hypotheses that it follows from here."""
    names = [source.name for source in sources if source.relation is not None]
    for one, name in itertools.product(taken, names):
        yield dataclasses.replace(one, name=name)


def _instance(part: Any, at: Mapping[Any, Any], signals: Signals) -> Any:
    """Return a part of a law with values for its symbols and its signals."""
    demand_no_labels([part], at)
    part = own_names(part).subs(at, simultaneous=True)
    for array, place in signals.items():
        part = moved(part, array, place)
    return part


def _demand_constants(reached: Fact, at: Mapping[Any, Any]) -> None:
    """Refuse values that change in time in a statement about solutions."""
    if not all(sympy.sympify(symbol).is_Symbol for symbol in at):
        raise ProofError(f"{', '.join(map(str, at))}: a lemma takes values for symbols alone.")
    if reached.dynamics:
        demand_constant(*at.values())


def _demand_signals(result: Result, reached: Fact, signals: Signals) -> None:
    """Refuse a signal that the lemma is not proved for, or that differs between agents."""
    for array, place in signals.items():
        constant = getattr(array, "constant", False)
        if constant or array not in result.signals or array in reached.dynamics:
            raise ProofError(f"{result.number} is not proved for any signal in place of {array}.")
        if reached.relation.contains(array):
            raise ProofError(f"the statement itself speaks of {array}.")
        index = sympy.Dummy("a", integer=True)
        free = sympy.sympify(place(index)).free_symbols - {index} - PARAMETERS.keys()
        if any(name.is_Symbol and name.is_integer for name in free):
            raise ProofError(f"{place(index)} is not the same for all agents.")


def _demand_each(proof: Proof, assumption: Assumption, fact: Fact, at: Mapping[Any, Any]) -> None:
    """Refuse one number in place of any of several, and the same relation with another meaning."""
    if not assumption.each:
        return
    stands = {*map(sympy.sympify, assumption.each)}
    if any(stands & ({symbol} | sympy.sympify(value).free_symbols) for symbol, value in at.items()):
        raise ProofError(f'"{assumption.name}" is made for each {assumption.each}, not for one.')
    sources = [proof.assumption(name) for name in fact.rests_on]
    if fact.kind != "assumed" or any(one.each != assumption.each for one in sources):
        raise ProofError(f'"{assumption.name}" is needed as it is made: of each {assumption.each}.')


def _demand_at_least(proof: Proof, fact: Fact, relation: Relation) -> None:
    """Demand the relation, or the strict one or the equality, which imply it."""
    if relation.sign == "<=" and fact.relation.sign in ("<", "="):
        relation = Relation(relation.left, fact.relation.sign, relation.right)
    proof.demand(fact, relation)
