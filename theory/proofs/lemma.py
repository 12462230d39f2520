"""The use of one result in the proof of another, at given values of its symbols."""

from collections.abc import Iterable, Mapping
from typing import Any

import sympy

from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, less
from theory.proofs.result import Result
from theory.proofs.signs import is_nonnegative, is_positive


def lemma(
    proof: Proof,
    result: Result,
    statement: str,
    *,
    at: Mapping[Any, Any] | None = None,
    discharging: Mapping[str, Fact] | None = None,
    signs: Iterable[Fact] = (),
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
    at, discharging, signs = dict(at or {}), dict(discharging or {}), tuple(signs)
    reached = result.derive().conclusions[statement]
    premises = [_sign(proof, symbol, value, signs) for symbol, value in at.items()]
    needed = [a for a in result.assumptions if a.name in reached.rests_on]
    words = []
    for assumption in needed:
        if assumption.relation is None:
            if proof.assumption(assumption.name) != assumption:
                raise ProofError(f'"{assumption.name}" is not the same assumption here and there.')
            words.append(assumption)
            continue
        fact = discharging.get(assumption.name) or proof.assume(assumption.name)
        _demand_at_least(proof, fact, assumption.relation.subs(at))
        premises.append(fact)
    return proof.take(
        reached.relation.subs(at),
        f"{result.number}, {statement}",
        [fact for fact in premises if fact is not None],
        cited=reached.cites,
        required=words,
    )


def _demand_at_least(proof: Proof, fact: Fact, relation: Relation) -> None:
    """Demand the relation, or the strict one or the equality, which imply it."""
    if relation.sign == "<=" and fact.relation.sign in ("<", "="):
        relation = Relation(relation.left, fact.relation.sign, relation.right)
    proof.demand(fact, relation)


def _sign(proof: Proof, symbol: Any, value: Any, signs: tuple[Fact, ...]) -> Fact | None:
    """Check that a value has the sign of its symbol; return the fact that this used, if any."""
    value = sympy.sympify(value)
    if symbol.is_integer and not value.is_integer:
        raise ProofError(f"{symbol} is an integer, {value} is not known to be one.")
    # A value with a sign is real.
    if symbol.is_positive and not is_positive(value):
        return _find(proof, [less(0, value)], signs)
    if symbol.is_nonnegative and not is_nonnegative(value):
        return _find(proof, [less(0, value), at_most(0, value)], signs)
    if not (symbol.is_nonnegative or value.is_real):
        raise ProofError(f"{symbol} is real, {value} is not known to be.")
    return None


def _find(proof: Proof, relations: list[Relation], signs: tuple[Fact, ...]) -> Fact:
    for fact in signs:
        if any(proof.holds(fact, relation) for relation in relations):
            return fact
    raise ProofError(f"{relations[-1]} is needed among the signs.")
