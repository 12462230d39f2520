"""Twice a product is at most the sum of the squares, where one factor is real by what a proof knows."""

from typing import Any

import sympy

from theory.proofs.errors import ProofError
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, less

__all__ = ["twice_product"]


def twice_product(proof: Proof, scale: Fact, one: Any, other: Any) -> Fact:
    """Conclude 2 c u w <= c² u² + w² from 0 < c.

    Parameters
    ----------
    proof : Proof
        Where the sign of c is a fact: sympy may not see that c is real, e.g. when it has roots.
    scale : Fact
        0 < c.
    one, other : sympy.Expr
        u and w, plainly real.

    Returns
    -------
    Fact
        The inequality.

    Examples
    --------
    >>> import sympy
    >>> a, u, w = sympy.symbols("a u w", positive=True)
    >>> proof = Proof([])
    >>> print(twice_product(proof, proof.less(0, a, "positive"), u, w).relation)
    2*a*u*w <= a**2*u**2 + w**2
    """
    factor = scale.relation.right
    proof.demand(scale, less(0, factor))
    if not (one.is_real and other.is_real):
        raise ProofError(f"{one} and {other} must be real.")
    known = sympy.Dummy("c", positive=True)
    proof.at_most(
        2 * known * one * other,
        (known * one) ** 2 + other**2,
        "for every positive number",
        certificate=(known * one - other) ** 2,
    )
    relation = at_most(2 * factor * one * other, (factor * one) ** 2 + other**2)
    return proof.take(relation, "a square is not negative", (scale,))
