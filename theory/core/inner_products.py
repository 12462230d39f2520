"""The Cauchy-Schwarz inequality for vectors of any dimension, proved by Lagrange's identity."""

from collections.abc import Callable
from typing import Any

import sympy

from theory.core.norms import norm
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most
from theory.symbols import dimension

__all__ = ["Vector", "cauchy_schwarz", "inner", "squared_product"]

Vector = Callable[[Any], Any]


def inner(one: Vector, other: Vector) -> Any:
    """Return Σ_a u_a w_a.

    Parameters
    ----------
    one, other : callable
        u and w, coordinate by coordinate.

    Returns
    -------
    sympy.Expr
        The inner product.

    Examples
    --------
    >>> import sympy
    >>> u, w = sympy.IndexedBase("u"), sympy.IndexedBase("w")
    >>> inner(lambda a: u[a], lambda a: w[a])
    Sum(u[a]*w[a], (a, 1, n))
    """
    a = sympy.Symbol("a", integer=True)
    return sympy.Sum(one(a) * other(a), (a, 1, dimension))


def squared_product(proof: Proof, one: Vector, other: Vector, count: Any = dimension) -> Fact:
    """Show (Σ u_a w_a)² <= Σ u_a² Σ w_a², by Lagrange's identity.

    Parameters
    ----------
    proof : Proof
        Where the fact is made.
    one, other : callable
        u and w, index by index.
    count : sympy.Expr
        The number of indices, n unless said.

    Returns
    -------
    Fact
        The inequality for these families; it is proved for any two.
    """
    u, w = (sympy.IndexedBase(sympy.Dummy(letter, real=True), real=True) for letter in "uw")
    # Indices that nothing else uses: u and w may themselves have a free index.
    a, c = (sympy.Dummy(letter, integer=True) for letter in "ac")

    def sides(one: Vector, other: Vector) -> Relation:
        total = sympy.Sum(one(a) * other(a), (a, 1, count))
        squares = (sympy.Sum(vector(a) ** 2, (a, 1, count)) for vector in (one, other))
        return at_most(total**2, sympy.Mul(*squares))

    stated = sides(lambda a: u[a], lambda a: w[a])
    crossed = sympy.Sum((u[a] * w[c] - u[c] * w[a]) ** 2, (a, 1, count), (c, 1, count))
    whole = proof.at_most(stated.left, stated.right, "Lagrange's identity", certificate=crossed / 2)
    return proof.take(sides(one, other), "for these", (whole,))


def cauchy_schwarz(proof: Proof, one: Vector, other: Vector) -> Fact:
    """Show Σ_a u_a w_a <= ‖u‖ ‖w‖.

    Parameters
    ----------
    proof : Proof
        Where the fact is made.
    one, other : callable
        u and w, coordinate by coordinate.

    Returns
    -------
    Fact
        The inequality.

    Examples
    --------
    >>> import sympy
    >>> u, w = sympy.IndexedBase("u", real=True), sympy.IndexedBase("w", real=True)
    >>> cauchy_schwarz(Proof([]), lambda a: u[a], lambda a: w[a]).cites
    frozenset()
    """
    squared = squared_product(proof, one, other)
    return proof.take(
        at_most(inner(one, other), norm(one) * norm(other)),
        "Cauchy and Schwarz: a number is at most the root of its square",
        (squared,),
    )
