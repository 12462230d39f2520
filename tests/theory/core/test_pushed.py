"""The parts of the robustness lemma: inner products, roots, vanishing numbers, pushed flows."""

import pytest
import sympy

from theory.core.expectation import Expectation, UpperLimit
from theory.core.flows import SOLVED, Flow, Part, each_path
from theory.core.inequalities import arbitrarily_small, roots, without_small
from theory.core.norms import cauchy_schwarz, inner, norm
from theory.core.pushed import held_off
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, less
from theory.symbols import rate

a = sympy.Symbol("a", integer=True)
b, c = sympy.symbols("b c", positive=True)
y = sympy.Symbol("y", real=True)
x, u, v = (sympy.IndexedBase(letter, real=True) for letter in "xuv")


def apart(a: object) -> object:
    return x[1, a]


def push(a: object) -> object:
    return v[a]


def test_cauchy_schwarz_needs_no_analysis() -> None:
    proof = Proof([])
    fact = cauchy_schwarz(proof, lambda a: u[a] - x[1, a], lambda a: v[a])
    assert proof.holds(
        fact,
        at_most(
            inner(lambda a: u[a] - x[1, a], lambda a: v[a]),
            norm(lambda a: u[a] - x[1, a]) * norm(lambda a: v[a]),
        ),
    )
    assert not fact.cites


def test_roots_need_a_plain_sign() -> None:
    proof = Proof([Assumption("below", "", less(y, c)), Assumption("square", "", less(y**2, c))])
    with pytest.raises(ProofError, match="root is real"):
        roots(proof, proof.assume("below"), "of any number")
    assert roots(proof, proof.assume("square"), "of a square").relation.sign == "<"


def test_small_numbers_vanish() -> None:
    small = arbitrarily_small()
    proof = Proof([])
    near = proof.less(b, b + c * small, "near")
    assert without_small(proof, near, small).relation == at_most(b, b)
    with pytest.raises(ProofError, match="not arbitrarily small"):
        without_small(proof, near, c)
    with pytest.raises(ProofError, match="does not tend"):
        without_small(proof, proof.at_most(small, 2 * small, "on both sides"), small)
    with pytest.raises(ProofError, match="does not tend"):
        without_small(proof, proof.at_most(0, 1 / small, "a pole"), small)


def test_a_number_that_an_assumption_speaks_of_is_not_small() -> None:
    small = arbitrarily_small()
    proof = Proof([Assumption("large", "", at_most(y, small))])
    with pytest.raises(ProofError, match="an assumption speaks"):
        without_small(proof, proof.assume("large"), small)


LENGTH, PUSH = norm(apart), norm(push)
PUSHED = Flow((Part(x, lambda i, a: v[a] - rate * x[i, a], sympy.Integer(1)),))
"""A push v on a flow that contracts with the rate λ."""


def pushed() -> tuple[Proof, Fact]:
    proof = Proof([SOLVED])
    growth = proof.at_most(
        PUSHED.derivative(LENGTH**2),
        2 * LENGTH * PUSH - 2 * rate * LENGTH**2,
        "push and pull",
        using={cauchy_schwarz(proof, apart, push): 2},
    )
    return proof, growth


def test_the_push_over_the_rate() -> None:
    proof, growth = pushed()
    speed = proof.less(0, rate, "rate")
    mean = held_off(proof, PUSHED, LENGTH**2, growth, speed, PUSH)
    path = held_off(proof, PUSHED, LENGTH**2, growth, speed, PUSH, seen=each_path)
    assert path.relation == at_most(UpperLimit(LENGTH), UpperLimit(PUSH) / rate)
    assert mean.relation.left == UpperLimit(Expectation(LENGTH))
    assert mean.rests_on == {SOLVED.name}


def test_another_rate_and_another_push_are_refused() -> None:
    proof, growth = pushed()
    speed, faster = proof.less(0, rate, "rate"), proof.less(0, 2 * rate, "twice the rate")
    with pytest.raises(ProofError, match="is needed"):
        held_off(proof, PUSHED, LENGTH**2, growth, faster, PUSH)
    with pytest.raises(ProofError, match="is needed"):
        held_off(proof, PUSHED, LENGTH**2, growth, speed, PUSH / 2)
