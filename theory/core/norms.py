"""Euclidean norms of vectors of any dimension, and their expectations after transients."""

from collections.abc import Callable
from typing import Any

import sympy

from theory.core.cited import JENSEN, MINKOWSKI
from theory.core.expectation import Expectation, UpperLimit
from theory.proofs.errors import ProofError
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most
from theory.proofs.signs import is_nonnegative
from theory.symbols import dimension

__all__ = ["norm", "root_mean_square", "triangle"]


def norm(vector: Callable[[Any], Any]) -> Any:
    """Return ‖v‖ of a vector given coordinate by coordinate.

    Parameters
    ----------
    vector : callable
        a to v_a, a = 1..n.

    Returns
    -------
    sympy.Expr
        √(Σ_a v_a²).

    Examples
    --------
    >>> import sympy
    >>> v = sympy.IndexedBase("v", real=True)
    >>> norm(lambda a: v[a])
    sqrt(Sum(v[a]**2, (a, 1, n)))
    """
    a = sympy.Symbol("a", integer=True)
    return sympy.sqrt(sympy.Sum(vector(a) ** 2, (a, 1, dimension)))


def root_mean_square(proof: Proof, value: Any, fact: Fact) -> Fact:
    """Conclude lim sup E √V <= √c from lim sup E V <= c.

    Parameters
    ----------
    proof : Proof
        Where the bound is a fact.
    value : sympy.Expr
        V, not negative.
    fact : Fact
        UpperLimit(Expectation(V)) <= c.

    Returns
    -------
    Fact
        UpperLimit(Expectation(√V)) <= √c.
    """
    bound = fact.relation.right
    proof.demand(fact, at_most(UpperLimit(Expectation(value)), bound))
    if not is_nonnegative(value):
        raise ProofError(f"{value} is not known to be non-negative.")
    root = UpperLimit(Expectation(sympy.sqrt(value)))
    return proof.take(
        at_most(root, sympy.sqrt(bound)), "root of the mean square", (fact,), cited=(JENSEN,)
    )


def triangle(proof: Proof, one: Callable[[Any], Any], other: Callable[[Any], Any]) -> Fact:
    """Return lim sup E ‖u + v‖ <= lim sup E ‖u‖ + lim sup E ‖v‖, as a fact.

    Parameters
    ----------
    proof : Proof
        Where the fact is made.
    one, other : callable
        u and v, coordinate by coordinate.

    Returns
    -------
    Fact
        The inequality.

    Examples
    --------
    >>> import sympy
    >>> u, v = sympy.IndexedBase("u", real=True), sympy.IndexedBase("v", real=True)
    >>> fact = triangle(Proof([]), lambda a: u[a], lambda a: v[a])
    >>> [cited.name for cited in fact.cites]
    ['triangle inequality']
    """
    whole, first, second = (
        UpperLimit(Expectation(norm(vector)))
        for vector in (lambda a: one(a) + other(a), one, other)
    )
    return proof.take(at_most(whole, first + second), "triangle inequality", (), cited=(MINKOWSKI,))
