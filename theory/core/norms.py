"""Euclidean norms in any dimension: triangle inequality, Cauchy-Schwarz, joint norms, limits."""

from collections.abc import Callable, Sequence
from typing import Any

import sympy

from theory.core.cited import JENSEN, MINKOWSKI
from theory.core.expectation import Expectation, UpperLimit, in_the_limit
from theory.proofs.fact import Fact
from theory.proofs.failing import rule
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, demand_uncaught
from theory.proofs.signs import is_nonnegative, is_positive
from theory.proofs.sums import called_once
from theory.symbols import dimension

Vector = Callable[[Any], Any]
"""A vector, given coordinate by coordinate."""


def inner(one: Vector, other: Vector) -> Any:
    """Return Σ_a u_a w_a."""
    a, place = sympy.Symbol("a", integer=True), sympy.Dummy("a", integer=True)
    product = sympy.sympify(one(place) * other(place))
    demand_uncaught(product, product.free_symbols & {a})
    return sympy.Sum(product.xreplace({place: a}), (a, 1, dimension))


def squares(vector: Vector) -> Any:
    """Return Σ_a v_a²."""
    fixed = called_once(vector)
    return inner(fixed, fixed)


def norm(vector: Vector) -> Any:
    """Return ‖v‖."""
    return joint_norm([vector])


def joint_norm(vectors: Sequence[Vector]) -> Any:
    """Return ‖(u, w, …)‖."""
    return sympy.sqrt(sympy.Add(*map(squares, vectors)))


@rule
def squared_product(proof: Proof, one: Vector, other: Vector, count: Any = dimension) -> Fact:
    """Show (Σ u_a w_a)² <= Σ u_a² Σ w_a², by Lagrange's identity."""
    u, w = (sympy.IndexedBase(sympy.Dummy(letter, real=True), real=True) for letter in "uw")
    # Indices that nothing else uses: u and w may themselves have a free index.
    a, c = (sympy.Dummy(letter, integer=True) for letter in "ac")

    def sides(first: Any, second: Any) -> Relation:
        total = sympy.Sum(first * second, (a, 1, count))
        squares = (sympy.Sum(entry**2, (a, 1, count)) for entry in (first, second))
        return at_most(total**2, sympy.Mul(*squares))

    stated = sides(u[a], w[a])
    crossed = sympy.Sum((u[a] * w[c] - u[c] * w[a]) ** 2, (a, 1, count), (c, 1, count))
    whole = proof.at_most(stated.left, stated.right, "Lagrange's identity", certificate=crossed / 2)
    # each is called once, so that both sides have the same entries
    return proof.take(sides(one(a), other(a)), "for these", (whole,))


@rule
def cauchy_schwarz(proof: Proof, one: Vector, other: Vector) -> Fact:
    """Show Σ_a u_a w_a <= ‖u‖ ‖w‖."""
    one, other = called_once(one), called_once(other)
    squared = squared_product(proof, one, other)
    return proof.take(
        at_most(inner(one, other), norm(one) * norm(other)),
        "Cauchy and Schwarz: a number is at most the root of its square",
        (squared,),
    )


@rule
def triangle(proof: Proof, one: Vector, other: Vector) -> Fact:
    """Return lim sup E ‖u + v‖ <= lim sup E ‖u‖ + lim sup E ‖v‖, as a fact."""
    return joint_triangle(proof, [one], [other])


@rule
def joint_triangle(proof: Proof, ones: Sequence[Vector], others: Sequence[Vector]) -> Fact:
    """Return lim sup E ‖u + v‖ <= lim sup E ‖u‖ + lim sup E ‖v‖ for tuples of vectors."""
    if len(ones) != len(others):
        raise ProofError(f"{len(ones)} parts cannot be added to {len(others)}.")

    def added(one: Vector, other: Vector) -> Vector:
        return lambda a: one(a) + other(a)

    ones, others = [*map(called_once, ones)], [*map(called_once, others)]
    sums = [added(one, other) for one, other in zip(ones, others, strict=True)]
    whole, first, second = (
        UpperLimit(Expectation(joint_norm(vectors))) for vectors in (sums, ones, others)
    )
    return proof.take(at_most(whole, first + second), "triangle inequality", (), cited=(MINKOWSKI,))


@rule
def root_mean_square(proof: Proof, value: Any, fact: Fact) -> Fact:
    """Conclude lim sup E √V <= √c from lim sup E V <= c."""
    bound = fact.relation.right
    proof.demand(fact, at_most(UpperLimit(Expectation(value)), bound))
    if not is_nonnegative(value):
        raise ProofError(f"{value} is not known to be non-negative.")
    root = UpperLimit(Expectation(sympy.sqrt(value)))
    return proof.take(
        at_most(root, sympy.sqrt(bound)), "root of the mean square", (fact,), cited=(JENSEN,)
    )


@rule
def shorter_in_the_limit(proof: Proof, smaller: Any, factor: Any, larger: Any, fact: Fact) -> Fact:
    """Conclude lim sup E √X <= c lim sup E √Y from X <= c² Y, c a positive constant."""
    proof.demand(fact, at_most(smaller, factor**2 * larger))
    if not (is_positive(factor) and is_nonnegative(smaller) and is_nonnegative(larger)):
        raise ProofError(
            f"{smaller}, {factor} and {larger} must be non-negative, {factor} positive."
        )
    one, other = sympy.sqrt(smaller), sympy.sqrt(larger)
    rooted = proof.take(at_most(one, factor * other), "roots keep the order", (fact,))
    return in_the_limit(proof, one, factor, other, rooted)


@rule
def out_of_the_metric(
    proof: Proof,
    factor: Any,
    vectors: tuple[Sequence[Vector], Sequence[Vector]],
    limits: tuple[Fact, Fact],
    shorter: Sequence[Fact],
    bound: Any,
) -> Fact:
    """Conclude lim sup E ‖u + v‖ <= c (a + b) from lim sup E √V <= a and lim sup E √W <= b."""
    vectors = ([*map(called_once, vectors[0])], [*map(called_once, vectors[1])])
    triangle = joint_triangle(proof, *vectors)
    using: dict[Fact, Any] = {triangle: sympy.S.One}
    for parts, limit, fact in zip(vectors, limits, shorter, strict=True):
        measured = limit.relation.left.args[0].args[0] ** 2
        length = sympy.Add(*map(squares, parts))
        using[shorter_in_the_limit(proof, length, factor, measured, fact)] = sympy.S.One
        using[limit] = factor
    words = "out of the metric, and joined"
    return proof.at_most(triangle.relation.left, bound, words, using=using, certificate=0)
