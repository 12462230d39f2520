"""The rules that make facts without sympy test their premises: each refuses what does not fit."""

import pytest
import sympy

from theory.core.contraction import (
    ContractionRate,
    exact_rate,
    generalized_jacobian,
    minors,
    rate_at_least,
)
from theory.core.expectation import Expectation, UpperLimit, expected, in_the_limit
from theory.core.inequalities import root_above, root_at_most, root_below
from theory.core.moments import REGULAR, Diffusion, moment_at, moment_limit
from theory.core.norms import root_mean_square
from theory.proofs.fact import Assumption
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, less
from theory.symbols import agents, dimension, time

a, b = sympy.symbols("a b", positive=True)
i, c = sympy.symbols("i c", integer=True)
x = sympy.IndexedBase("x", real=True)
SQUARES = sympy.Sum(x[i, c] ** 2, (i, 1, agents), (c, 1, dimension))
DECAY = Diffusion(x, lambda i, c: -a * x[i, c], lambda i, c, d: b * sympy.KroneckerDelta(c, d))
"""Ornstein–Uhlenbeck: E V -> n p b / (2 a)."""
SOURCE = agents * dimension * b


def granted(relation: Relation, *others: Assumption) -> Proof:
    return Proof([Assumption("granted", "granted", relation), *others])


def test_the_moment_of_ornstein_and_uhlenbeck() -> None:
    proof = Proof([REGULAR])
    growth = proof.at_most(DECAY.generator(SQUARES), SOURCE - 2 * a * SQUARES, "exact")
    rate = proof.less(0, 2 * a, "rate")
    fact = moment_limit(proof, DECAY, SQUARES, growth, rate, SOURCE)
    assert proof.holds(fact, at_most(UpperLimit(Expectation(SQUARES)), SOURCE / (2 * a)))
    later = moment_at(proof, DECAY, SQUARES, growth, rate, SOURCE)
    assert later.relation.right.subs(time, 0) == Expectation(SQUARES, 0)
    assert fact.rests_on == {REGULAR.name}


def test_moments_need_the_growth_of_this_very_function() -> None:
    proof = Proof([REGULAR])
    growth = proof.at_most(DECAY.generator(SQUARES), SOURCE - 2 * a * SQUARES, "exact")
    rate, other_rate = proof.less(0, 2 * a, "rate"), proof.less(0, a, "another rate")
    with pytest.raises(ProofError, match="is needed"):
        moment_limit(proof, DECAY, 2 * SQUARES, growth, rate, SOURCE)
    with pytest.raises(ProofError, match="is needed"):
        moment_limit(proof, DECAY, SQUARES, growth, other_rate, SOURCE)
    with pytest.raises(ProofError, match="is needed"):
        moment_limit(proof, DECAY, SQUARES, growth, rate, SOURCE + 1)
    loose_source = SOURCE + SQUARES
    loose = proof.at_most(DECAY.generator(SQUARES), loose_source - 2 * a * SQUARES, "loose")
    with pytest.raises(ProofError, match="same at all states"):
        moment_limit(proof, DECAY, SQUARES, loose, rate, loose_source)


def test_moments_need_a_solution() -> None:
    bare = Proof([])
    growth = bare.at_most(DECAY.generator(SQUARES), SOURCE - 2 * a * SQUARES, "exact")
    rate = bare.less(0, 2 * a, "rate")
    with pytest.raises(ProofError, match="regular solutions"):
        moment_limit(bare, DECAY, SQUARES, growth, rate, SOURCE)


def test_roots() -> None:
    proof = Proof([])
    root_above(proof, -a, a**2 + b, "negative sides too")
    root_below(proof, a**2 + b**2, a + b, "below")
    root_at_most(proof, a**2, a, "equal")
    with pytest.raises(ProofError, match="squared"):
        root_above(proof, a, a**2, "equal is not above")
    with pytest.raises(ProofError, match="no negative side"):
        root_below(proof, a**2, -2 * a, "squares forget the sign")
    with pytest.raises(ProofError, match="root is real"):
        root_at_most(proof, a - b, a + b + 1, "no real root")


def test_rates() -> None:
    matrix = sympy.Matrix([[-3, 4], [0, -3]])
    proof = Proof([])
    one = sympy.Integer(1)
    signs = [proof.at_most(0, minor, "minor") for minor in minors(matrix, one)]
    bound = rate_at_least(proof, matrix, one, signs)
    singular = proof.equal(minors(matrix, one)[-1], 0, "singular")
    assert exact_rate(proof, bound, singular).relation.left == ContractionRate(matrix)
    with pytest.raises(ProofError, match="is needed for the rate"):
        rate_at_least(proof, matrix, sympy.Integer(2), signs)
    with pytest.raises(ProofError, match="is needed"):
        exact_rate(proof, bound, signs[0])


def test_a_negative_diagonal_is_not_overlooked() -> None:
    """Both diagonal entries of −A − rI are −1: the determinant alone would pass."""
    matrix, proof = sympy.eye(2), Proof([])
    determinant = proof.at_most(0, 1, "determinant")
    with pytest.raises(ProofError, match="is needed for the rate"):
        rate_at_least(proof, matrix, sympy.S.Zero, [determinant])


def test_the_metric_changes_the_jacobian() -> None:
    u, v = sympy.symbols("u v")
    changed = generalized_jacobian([-u + a * v, -v], [u, v], sympy.diag(1, a))
    assert changed == sympy.Matrix([[-1, 1], [0, -1]])


def test_limits_keep_the_order_under_positive_factors_only() -> None:
    y = sympy.IndexedBase("y", real=True)
    proof = granted(at_most(x[i], a * y[i]), Assumption("turned", "", at_most(x[i], -a * y[i])))
    fact, turned = proof.assume("granted"), proof.assume("turned")
    limit = in_the_limit(proof, x[i], a, y[i], fact)
    assert limit.relation.right == a * UpperLimit(Expectation(y[i]))
    with pytest.raises(ProofError, match="non-negative constant"):
        in_the_limit(proof, x[i], -a, y[i], turned)


def test_expectations_are_linear_and_no_more() -> None:
    proof = Proof([])
    fact = proof.at_most(0, (x[i] + a) ** 2, "a square")
    assert proof.holds(
        expected(proof, fact, 0, ""),
        at_most(0, Expectation((x[i] + a) ** 2, 0)),
    ) or proof.holds(
        expected(proof, fact, 0, ""),
        at_most(0, Expectation(x[i] ** 2, 0) + 2 * a * Expectation(x[i], 0) + a**2),
    )


def test_root_mean_square_needs_a_square() -> None:
    proof = granted(at_most(UpperLimit(Expectation(x[i])), a))
    with pytest.raises(ProofError, match="non-negative"):
        root_mean_square(proof, x[i], proof.assume("granted"))
    squared = granted(at_most(UpperLimit(Expectation(SQUARES)), a))
    fact = root_mean_square(squared, SQUARES, squared.assume("granted"))
    assert fact.relation.right == sympy.sqrt(a)
    assert not squared.holds(fact, less(fact.relation.left, sympy.sqrt(a)))
