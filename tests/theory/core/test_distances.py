"""Rules on distances: each refuses premises that do not fit."""

import pytest
import sympy

from theory.core.expectation import Expectation, UpperLimit
from theory.core.flows import SOLVED, Flow, Part, on_solutions
from theory.core.inequalities import twice_product
from theory.core.norms import joint_norm, joint_triangle, shorter_in_the_limit, squares
from theory.core.pushed import held_off
from theory.proofs.fact import Assumption
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, less
from theory.symbols import time

r, d = sympy.symbols("r d", positive=True)
y = sympy.Symbol("y", real=True)
x = sympy.IndexedBase("x", real=True)
FLOW = Flow((Part(x, lambda i, a: -r * x[i, a] + d * sympy.KroneckerDelta(a, 1), sympy.S.One),))
VALUE = x[1, 1] ** 2


def test_a_constant_push_holds_off_by_itself_over_the_rate() -> None:
    along = Assumption("forwards", "", at_most(x[1, 1], sympy.sqrt(VALUE)))
    proof = Proof([SOLVED, along])
    growth = proof.at_most(
        FLOW.derivative(VALUE),
        2 * sympy.sqrt(VALUE) * d - 2 * r * VALUE,
        "pushed",
        using={proof.assume("forwards"): 2 * d},
    )
    rate = proof.less(0, r, "rate")
    fact = held_off(proof, FLOW, VALUE, growth, rate, d)
    assert fact.relation == at_most(
        UpperLimit(Expectation(sympy.sqrt(VALUE))), UpperLimit(Expectation(d)) / r
    )
    assert fact.rests_on == {SOLVED.name, "forwards"}
    with pytest.raises(ProofError, match="is needed"):
        held_off(proof, FLOW, VALUE, growth, rate, d / 2)
    with pytest.raises(ProofError, match="is needed"):
        held_off(proof, FLOW, VALUE, growth, proof.less(0, 2 * r, "twice"), d)
    with pytest.raises(ProofError, match="is needed"):
        held_off(proof, FLOW, 2 * VALUE, growth, rate, d)


def test_the_triangle_adds_part_by_part() -> None:
    u, w = sympy.IndexedBase("u", real=True), sympy.IndexedBase("w", real=True)
    one, other = (lambda a: u[a] - w[a]), (lambda a: w[a])
    fact = joint_triangle(Proof([]), [one, one], [other, other])
    whole = joint_norm([lambda a: u[a], lambda a: u[a]])
    assert fact.relation.left == UpperLimit(Expectation(whole))
    with pytest.raises(ProofError, match="cannot be added"):
        joint_triangle(Proof([]), [one], [other, other])


def test_a_distance_is_shorter_by_a_positive_factor_only() -> None:
    u = sympy.IndexedBase("u", real=True)
    length, proof = squares(lambda a: u[a]), Proof([])
    fact = proof.at_most(length, 4 * length, "a quarter")
    shorter = shorter_in_the_limit(proof, length, sympy.Integer(2), length, fact)
    root = UpperLimit(Expectation(sympy.sqrt(length)))
    assert shorter.relation == at_most(root, 2 * root)
    with pytest.raises(ProofError, match="not plain"):
        shorter_in_the_limit(proof, length, -sympy.Integer(2), length, fact)
    with pytest.raises(ProofError, match="is needed"):
        shorter_in_the_limit(proof, length, sympy.S.One, length, fact)


def test_twice_a_product_needs_a_known_sign() -> None:
    proof = Proof([Assumption("sign", "", less(0, y))])
    fact = twice_product(proof, proof.assume("sign"), r, d)
    assert fact.rests_on == {"sign"}
    with pytest.raises(ProofError, match="is needed"):
        twice_product(proof, proof.at_most(0, y**2, "weak"), r, d)
    with pytest.raises(ProofError, match="must be real"):
        twice_product(proof, proof.assume("sign"), r, sympy.Symbol("z"))


def test_relations_hold_on_solutions() -> None:
    proof = Proof([])
    fact = on_solutions(proof, proof.less(0, 1 + y**2, "positive"), time)
    assert fact.relation.sign == "<"
