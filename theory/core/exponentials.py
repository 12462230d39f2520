"""The order of exponentials."""

from typing import Any

import sympy

from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation

__all__ = ["decayed", "exponentials"]


def exponentials(proof: Proof, fact: Fact) -> Fact:
    """Conclude e^X <= e^Y from X <= Y (or < or =).

    Parameters
    ----------
    proof : Proof
        Where the relation is a fact.
    fact : Fact
        X <= Y.

    Returns
    -------
    Fact
        The relation between the exponentials.
    """
    left, right = (sympy.exp(side) for side in (fact.relation.left, fact.relation.right))
    return proof.take(
        Relation(left, fact.relation.sign, right), "the exponential is increasing", (fact,)
    )


def decayed(proof: Proof, exponent: Any) -> Fact:
    """Show e^{−z} <= 1 for z >= 0.

    Parameters
    ----------
    proof : Proof
        Where the fact is made.
    exponent : sympy.Expr
        z, of plain sign.

    Returns
    -------
    Fact
        The inequality.

    Examples
    --------
    >>> import sympy
    >>> print(decayed(Proof([]), sympy.Symbol("t", nonnegative=True)).relation)
    exp(-t) <= 1
    """
    sign = proof.at_most(-exponent, 0, "z is not negative")
    larger = exponentials(proof, sign)
    return proof.chain(larger, proof.at_most(1, 1, "e⁰"))
