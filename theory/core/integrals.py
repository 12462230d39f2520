"""Inequalities under an integral over the unit interval, as in Taylor's formula."""

from typing import Any

import sympy

from theory.proofs.errors import ProofError
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, Sign
from theory.proofs.signs import is_nonnegative

__all__ = ["integrated", "weighted"]


def weighted(value: Any, weight: Any, place: Any) -> Any:
    """Return ∫₀¹ w(s) X(s) ds, worked out where X does not depend on s, else unevaluated.

    Parameters
    ----------
    value : sympy.Expr
        X.
    weight : sympy.Expr
        w, a polynomial in s.
    place : sympy.Symbol
        s.

    Returns
    -------
    sympy.Expr
        The integral.

    Examples
    --------
    >>> import sympy
    >>> s, c = sympy.symbols("s c")
    >>> weighted(c, 1 - s, s)
    c/2
    """
    if not value.has(place):
        return value * sympy.integrate(sympy.Poly(weight, place).as_expr(), (place, 0, 1))
    return sympy.Integral(weight * value, (place, 0, 1))


def integrated(proof: Proof, fact: Fact, weight: Any, place: Any) -> Fact:
    """Conclude ∫ w X ds <= ∫ w Y ds over the unit interval from X(s) <= Y(s) at all s.

    Parameters
    ----------
    proof : Proof
        Where the relation is a fact.
    fact : Fact
        X <= Y (or < or =), with s free.
    weight : sympy.Expr
        w, a polynomial in s that is not negative between 0 and 1.
    place : sympy.Symbol
        s.

    Returns
    -------
    Fact
        The relation between the integrals.
    """
    if place in proof.fixed:
        raise ProofError(f"{place} has one value throughout this proof.")
    inside = 1 / (1 + sympy.Dummy(nonnegative=True))
    if not is_nonnegative(weight.subs(place, inside)):
        raise ProofError(f"{weight} is not known to be non-negative between 0 and 1.")
    left, right = (
        weighted(side, weight, place) for side in (fact.relation.left, fact.relation.right)
    )
    sign: Sign = "=" if fact.relation.sign == "=" else "<="
    return proof.take(Relation(left, sign, right), "under the integral", (fact,))
