"""Order and multiplication: what sympy's signs do not give at once."""

from typing import Any

from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, less

__all__ = ["cancelled"]


def cancelled(proof: Proof, factor: Fact, left: Any, right: Any, product: Fact, words: str) -> Fact:
    """Conclude X <= Y from c X <= c Y and 0 < c (or the same with < or =).

    Parameters
    ----------
    proof : Proof
        Where the premises are facts.
    factor : Fact
        0 < c.
    left, right : sympy.Expr
        X and Y.
    product : Fact
        c X <= c Y.
    words : str
        What for.

    Returns
    -------
    Fact
        X <= Y.

    Examples
    --------
    >>> import sympy
    >>> a, b = sympy.symbols("a b", positive=True)
    >>> proof = Proof([])
    >>> factor = proof.less(0, a, "positive")
    >>> product = proof.less(a, a + a * b, "multiplied")
    >>> print(cancelled(proof, factor, 1, 1 + b, product, "divided by a").relation)
    1 < b + 1
    """
    multiplier = factor.relation.right
    proof.demand(factor, less(0, multiplier))
    sign = product.relation.sign
    proof.demand(product, Relation(multiplier * left, sign, multiplier * right))
    return proof.take(Relation(left, sign, right), words, (factor, product))
