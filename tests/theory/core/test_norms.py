"""Rules on vectors and their lengths: each refuses premises that do not fit."""

import pytest
import sympy

from theory.core.expectation import Expectation, UpperLimit
from theory.core.norms import (
    cauchy_schwarz,
    inner,
    joint_norm,
    joint_triangle,
    norm,
    root_mean_square,
    shorter_in_the_limit,
    squares,
)
from theory.proofs.fact import Assumption
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, less

a = sympy.Symbol("a", positive=True)
u, v, w = (sympy.IndexedBase(letter, real=True) for letter in "uvw")
SQUARES = squares(lambda a: u[a])


def test_cauchy_schwarz_needs_no_analysis() -> None:
    proof = Proof([])
    fact = cauchy_schwarz(proof, lambda a: u[a] - w[a], lambda a: v[a])
    assert proof.holds(
        fact,
        at_most(
            inner(lambda a: u[a] - w[a], lambda a: v[a]),
            norm(lambda a: u[a] - w[a]) * norm(lambda a: v[a]),
        ),
    )
    assert not fact.cites


def test_a_norm_is_the_root_of_the_squares() -> None:
    assert norm(lambda a: u[a]) == sympy.sqrt(SQUARES)


def test_the_triangle_adds_part_by_part() -> None:
    one, other = (lambda a: u[a] - w[a]), (lambda a: w[a])
    fact = joint_triangle(Proof([]), [one, one], [other, other])
    whole = joint_norm([lambda a: u[a], lambda a: u[a]])
    assert fact.relation.left == UpperLimit(Expectation(whole))
    with pytest.raises(ProofError, match="cannot be added"):
        joint_triangle(Proof([]), [one], [other, other])


def test_a_distance_is_shorter_by_a_positive_factor_only() -> None:
    length, proof = squares(lambda a: u[a]), Proof([])
    fact = proof.at_most(length, 4 * length, "a quarter")
    shorter = shorter_in_the_limit(proof, length, sympy.Integer(2), length, fact)
    root = UpperLimit(Expectation(sympy.sqrt(length)))
    assert shorter.relation == at_most(root, 2 * root)
    with pytest.raises(ProofError, match="must be non-negative"):
        shorter_in_the_limit(proof, length, -sympy.Integer(2), length, fact)
    with pytest.raises(ProofError, match="is needed"):
        shorter_in_the_limit(proof, length, sympy.S.One, length, fact)


def test_root_mean_square_needs_a_square() -> None:
    proof = granted(at_most(UpperLimit(Expectation(u[1])), a))
    with pytest.raises(ProofError, match="non-negative"):
        root_mean_square(proof, u[1], proof.assume("granted"))
    squared = granted(at_most(UpperLimit(Expectation(SQUARES)), a))
    fact = root_mean_square(squared, SQUARES, squared.assume("granted"))
    assert fact.relation.right == sympy.sqrt(a)
    assert not squared.holds(fact, less(fact.relation.left, sympy.sqrt(a)))


def granted(relation: Relation) -> Proof:
    return Proof([Assumption("granted", "granted", relation)])
