"""What holds for every positive number, however small, holds without it."""

from typing import Any

import sympy

from theory.proofs.errors import ProofError
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation

__all__ = ["arbitrarily_small", "without_small"]


def arbitrarily_small() -> Any:
    """Return a positive number that nothing else speaks of."""
    return sympy.Dummy("delta", positive=True)


def without_small(proof: Proof, fact: Fact, small: Any) -> Fact:
    """Conclude X <= Y(0) from X <= Y(δ) for every δ > 0, Y a polynomial in δ.

    Parameters
    ----------
    proof : Proof
        Where the relation is a fact; none of its assumptions speaks of δ.
    fact : Fact
        X <= Y or X < Y.
    small : sympy.Symbol
        δ, from `arbitrarily_small`.

    Returns
    -------
    Fact
        X <= Y(0).
    """
    left, right = fact.relation.left, sympy.expand(fact.relation.right)
    if not (isinstance(small, sympy.Dummy) and small.is_positive):
        raise ProofError(f"{small} is not arbitrarily small.")
    relations = [one.relation for one in proof.assumptions if one.relation is not None]
    if any(one.left.has(small) or one.right.has(small) for one in relations):
        raise ProofError(f"an assumption speaks of {small}.")
    if left.has(small) or not right.is_polynomial(small):
        raise ProofError(f"{fact.relation} does not tend to a limit as {small} tends to 0.")
    return proof.take(Relation(left, "<=", right.subs(small, 0)), "as δ tends to 0", (fact,))
