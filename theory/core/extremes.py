"""Largest values and absolute values."""

from collections.abc import Iterable
from typing import Any

import sympy

from theory.proofs.errors import ProofError
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most

__all__ = ["above_smallest", "absolute_at_most", "below_largest", "largest_at_most"]


def below_largest(proof: Proof, value: Any, largest: Any) -> Fact:
    """Return x <= max(x, …), as a fact.

    Parameters
    ----------
    proof : Proof
        Where the fact is made.
    value : sympy.Expr
        x, one of the values of the maximum.
    largest : sympy.Max
        The maximum.

    Returns
    -------
    Fact
        The relation, by the definition of the maximum.

    Examples
    --------
    >>> import sympy
    >>> x, y = sympy.symbols("x y", real=True)
    >>> print(below_largest(Proof([]), x, sympy.Max(x, y)).relation)
    x <= Max(x, y)
    """
    if not isinstance(largest, sympy.Max) or value not in largest.args:
        raise ProofError(f"{value} is none of the values of {largest}.")
    return proof.take(at_most(value, largest), "one of several", ())


def above_smallest(proof: Proof, value: Any, smallest: Any) -> Fact:
    """Return min(x, …) <= x, as a fact.

    Parameters
    ----------
    proof : Proof
        Where the fact is made.
    value : sympy.Expr
        x, one of the values of the minimum.
    smallest : sympy.Min
        The minimum.

    Returns
    -------
    Fact
        The relation, by the definition of the minimum.

    Examples
    --------
    >>> import sympy
    >>> x, y = sympy.symbols("x y", real=True)
    >>> print(above_smallest(Proof([]), x, sympy.Min(x, y)).relation)
    Min(x, y) <= x
    """
    if not isinstance(smallest, sympy.Min) or value not in smallest.args:
        raise ProofError(f"{value} is none of the values of {smallest}.")
    return proof.take(at_most(smallest, value), "one of several", ())


def absolute_at_most(proof: Proof, most: Fact, least: Fact) -> Fact:
    """Conclude |x| <= c from x <= c and −x <= c.

    Parameters
    ----------
    proof : Proof
        Where the premises are facts.
    most, least : Fact
        x <= c and −x <= c.

    Returns
    -------
    Fact
        The bound on the absolute value.
    """
    value, bound = most.relation.left, most.relation.right
    proof.demand(most, at_most(value, bound))
    proof.demand(least, at_most(-value, bound))
    if not value.is_real:
        raise ProofError(f"{value} is not known to be real.")
    return proof.take(at_most(sympy.Abs(value), bound), "both signs", (most, least))


def largest_at_most(proof: Proof, facts: Iterable[Fact]) -> Fact:
    """Conclude max(x, y, …) <= c from x <= c, y <= c, ….

    Parameters
    ----------
    proof : Proof
        Where the premises are facts.
    facts : iterable of Fact
        The bounds, all with the same c.

    Returns
    -------
    Fact
        The bound on the maximum.
    """
    facts = tuple(facts)
    bound = facts[0].relation.right
    for fact in facts:
        proof.demand(fact, at_most(fact.relation.left, bound))
    largest = sympy.Max(*[fact.relation.left for fact in facts])
    return proof.take(at_most(largest, bound), "each of them", facts)
