"""Euclidean norms of vectors of any dimension: triangle inequality, Cauchy-Schwarz, joint norms, limits."""

from collections.abc import Callable, Sequence
from typing import Any

import sympy

from theory.core.cited import JENSEN, MINKOWSKI
from theory.core.expectation import Expectation, UpperLimit, in_the_limit
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most
from theory.proofs.signs import is_nonnegative, is_positive
from theory.symbols import dimension


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


def squares(vector: Vector) -> Any:
    """Return Σ_a v_a².

    Parameters
    ----------
    vector : callable
        a to v_a, a = 1..n.

    Returns
    -------
    sympy.Expr
        The squared norm.

    Examples
    --------
    >>> import sympy
    >>> v = sympy.IndexedBase("v", real=True)
    >>> squares(lambda a: v[a])
    Sum(v[a]**2, (a, 1, n))
    """
    a = sympy.Symbol("a", integer=True)
    return sympy.Sum(vector(a) ** 2, (a, 1, dimension))


def joint_norm(vectors: Sequence[Vector]) -> Any:
    """Return ‖(u, w, …)‖.

    Parameters
    ----------
    vectors : sequence of callable
        u, w, …, coordinate by coordinate.

    Returns
    -------
    sympy.Expr
        √(‖u‖² + ‖w‖² + …).

    Examples
    --------
    >>> import sympy
    >>> u, w = sympy.IndexedBase("u", real=True), sympy.IndexedBase("w", real=True)
    >>> joint_norm([lambda a: u[a], lambda a: w[a]])
    sqrt(Sum(u[a]**2, (a, 1, n)) + Sum(w[a]**2, (a, 1, n)))
    """
    return sympy.sqrt(sympy.Add(*map(squares, vectors)))


def joint_triangle(proof: Proof, ones: Sequence[Vector], others: Sequence[Vector]) -> Fact:
    """Return lim sup E ‖u + v‖ <= lim sup E ‖u‖ + lim sup E ‖v‖ for vectors made of several.

    Parameters
    ----------
    proof : Proof
        Where the fact is made.
    ones, others : sequence of callable
        The parts of u and of v, as many of one as of the other.

    Returns
    -------
    Fact
        The inequality.
    """
    if len(ones) != len(others):
        raise ProofError(f"{len(ones)} parts cannot be added to {len(others)}.")

    def added(one: Vector, other: Vector) -> Vector:
        return lambda a: one(a) + other(a)

    sums = [added(one, other) for one, other in zip(ones, others, strict=True)]
    whole, first, second = (
        UpperLimit(Expectation(joint_norm(vectors))) for vectors in (sums, ones, others)
    )
    return proof.take(at_most(whole, first + second), "triangle inequality", (), cited=(MINKOWSKI,))


def shorter_in_the_limit(proof: Proof, smaller: Any, factor: Any, larger: Any, fact: Fact) -> Fact:
    """Conclude lim sup E √X <= c lim sup E √Y from X <= c² Y, c a positive constant.

    Parameters
    ----------
    proof : Proof
        Where the relation is a fact.
    smaller, factor, larger : sympy.Expr
        X, c and Y, all of plain sign.
    fact : Fact
        X <= c² Y.

    Returns
    -------
    Fact
        The inequality between the upper limits.
    """
    proof.demand(fact, at_most(smaller, factor**2 * larger))
    if not (is_positive(factor) and is_nonnegative(smaller) and is_nonnegative(larger)):
        raise ProofError(f"the signs of {smaller}, {factor} and {larger} are not plain.")
    one, other = sympy.sqrt(smaller), sympy.sqrt(larger)
    rooted = proof.take(at_most(one, factor * other), "roots keep the order", (fact,))
    return in_the_limit(proof, one, factor, other, rooted)


def out_of_the_metric(
    proof: Proof,
    factor: Any,
    vectors: tuple[Sequence[Vector], Sequence[Vector]],
    limits: tuple[Fact, Fact],
    shorter: Sequence[Fact],
    bound: Any,
) -> Fact:
    """Conclude lim sup E ‖u + v‖ <= c (a + b) from lim sup E √V <= a and lim sup E √W <= b.

    Parameters
    ----------
    proof : Proof
        Where all are facts.
    factor : sympy.Expr
        c, a positive constant.
    vectors : tuple of sequences of callable
        The parts of u and those of v.
    limits : tuple of Fact
        The bounds on lim sup E √V and lim sup E √W, squared norms in a metric.
    shorter : sequence of Fact
        ‖u‖² <= c² V and ‖v‖² <= c² W.
    bound : sympy.Expr
        c (a + b), in any form.

    Returns
    -------
    Fact
        The bound on the sum.
    """
    triangle = joint_triangle(proof, *vectors)
    using: dict[Fact, Any] = {triangle: sympy.S.One}
    for parts, limit, fact in zip(vectors, limits, shorter, strict=True):
        measured = limit.relation.left.args[0].args[0] ** 2
        length = sympy.Add(*map(squares, parts))
        using[shorter_in_the_limit(proof, length, factor, measured, fact)] = sympy.S.One
        using[limit] = factor
    words = "out of the metric, and joined"
    return proof.at_most(triangle.relation.left, bound, words, using=using, certificate=0)
