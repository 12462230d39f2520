"""Square roots against other expressions, by squaring."""

from typing import Any

import sympy

from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most, less

__all__ = ["ordered_squares", "root_above", "root_at_least", "root_at_most", "root_below", "roots"]


def root_above(proof: Proof, side: Any, radicand: Any, words: str, **reasons: Any) -> Fact:
    """Show side < √radicand, from side² < radicand.

    Parameters
    ----------
    proof : Proof
        Where the fact is made.
    side, radicand : sympy.Expr
        Real expressions.
    words : str
        What for.
    **reasons
        ``using``, ``given`` and ``certificate`` of `Proof.less`.

    Returns
    -------
    Fact
        side < √radicand.

    Examples
    --------
    >>> import sympy
    >>> a, b = sympy.symbols("a b", positive=True)
    >>> print(root_above(Proof([]), a, a**2 + b, "example").relation)
    a < sqrt(a**2 + b)
    """
    squared = proof.less(side**2, radicand, f"{words}, squared", **reasons)
    return proof.take(less(side, sympy.sqrt(radicand)), words, (squared,))


def root_at_least(proof: Proof, side: Any, radicand: Any, words: str, **reasons: Any) -> Fact:
    """Show side <= √radicand, from side² <= radicand; the arguments are those of `root_above`."""
    squared = proof.at_most(side**2, radicand, f"{words}, squared", **reasons)
    return proof.take(at_most(side, sympy.sqrt(radicand)), words, (squared,))


def root_below(proof: Proof, radicand: Any, side: Any, words: str, **reasons: Any) -> Fact:
    """Show √radicand < side, from 0 <= radicand < side² and 0 <= side.

    Parameters
    ----------
    proof : Proof
        Where the fact is made.
    radicand, side : sympy.Expr
        Real expressions.
    words : str
        What for.
    **reasons
        ``given`` of `Proof.less`, for all three conditions.

    Returns
    -------
    Fact
        √radicand < side.
    """
    squared = proof.less(radicand, side**2, f"{words}, squared", **reasons)
    premises = (*_signs(proof, radicand, side, words, reasons), squared)
    return proof.take(less(sympy.sqrt(radicand), side), words, premises)


def root_at_most(proof: Proof, radicand: Any, side: Any, words: str, **reasons: Any) -> Fact:
    """Show √radicand <= side, from 0 <= radicand <= side² and 0 <= side.

    Parameters
    ----------
    proof : Proof
        Where the fact is made.
    radicand, side : sympy.Expr
        Real expressions.
    words : str
        What for.
    **reasons
        ``given`` of `Proof.at_most`, for all three conditions.

    Returns
    -------
    Fact
        √radicand <= side.
    """
    squared = proof.at_most(radicand, side**2, f"{words}, squared", **reasons)
    premises = (*_signs(proof, radicand, side, words, reasons), squared)
    return proof.take(at_most(sympy.sqrt(radicand), side), words, premises)


def roots(proof: Proof, fact: Fact, words: str) -> Fact:
    """Conclude √X <= √Y from X <= Y, for X of plain sign.

    Parameters
    ----------
    proof : Proof
        Where the relation is a fact.
    fact : Fact
        X <= Y (or < or =).
    words : str
        What for.

    Returns
    -------
    Fact
        The relation between the roots.

    Examples
    --------
    >>> import sympy
    >>> a, b = sympy.symbols("a b", positive=True)
    >>> proof = Proof([])
    >>> print(roots(proof, proof.less(a, a + b, "more"), "roots").relation)
    sqrt(a) < sqrt(a + b)
    """
    left, right = fact.relation.left, fact.relation.right
    sign = proof.at_most(0, left, f"{words}: the root is real")
    relation = Relation(sympy.sqrt(left), fact.relation.sign, sympy.sqrt(right))
    return proof.take(relation, words, (fact, sign))


def ordered_squares(
    proof: Proof, smaller: Any, larger: Any, squares: Fact, sign: Fact, words: str
) -> Fact:
    """Conclude X <= Y from X² <= Y² and 0 <= Y.

    Parameters
    ----------
    proof : Proof
        Where the premises are facts.
    smaller, larger : sympy.Expr
        X and Y.
    squares : Fact
        X² <= Y².
    sign : Fact
        0 <= Y.
    words : str
        What for.

    Returns
    -------
    Fact
        X <= Y.
    """
    proof.demand(squares, at_most(smaller**2, larger**2))
    proof.demand(sign, at_most(0, larger))
    return proof.take(at_most(smaller, larger), words, (squares, sign))


def _signs(proof: Proof, radicand: Any, side: Any, words: str, reasons: Any) -> tuple[Fact, Fact]:
    return (
        proof.at_most(0, radicand, f"{words}: the root is real", **reasons),
        proof.at_most(0, side, f"{words}: no negative side", **reasons),
    )
