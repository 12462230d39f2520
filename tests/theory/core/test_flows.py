"""What differential inequalities say of flows: the rules refuse premises that do not fit."""

import pytest
import sympy

from theory.core.expectation import Expectation, UpperLimit
from theory.core.flows import SOLVED, Along, Flow, Part, decays, ordered_limits, rooted, settles
from theory.proofs.fact import Assumption
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most
from theory.symbols import agents, dimension, time

a, b = sympy.symbols("a b", positive=True)
i, c = sympy.symbols("i c", integer=True)
x, v = sympy.IndexedBase("x", real=True), sympy.IndexedBase("v", real=True)
SQUARES = sympy.Sum(x[i, c] ** 2, (i, 1, agents), (c, 1, dimension))
DECAY = Flow((Part(x, lambda i, c: -a * x[i, c]),))


def test_parts_move_together() -> None:
    oscillator = Flow((Part(x, lambda i, c: v[i, c]), Part(v, lambda i, c: -x[i, c])))
    assert oscillator.derivative(x[i, c] ** 2 + v[i, c] ** 2) == 0
    assert oscillator.derivative(x[i, c] * v[i, c]) == v[i, c] ** 2 - x[i, c] ** 2


def test_exponential_decay() -> None:
    proof = Proof([SOLVED])
    growth = proof.at_most(DECAY.derivative(SQUARES), -2 * a * SQUARES, "exact")
    squared = decays(proof, DECAY, SQUARES, 2 * a, growth)
    assert squared.relation.right == sympy.exp(-2 * a * time) * Along(SQUARES, 0)
    assert squared.rests_on == {SOLVED.name}
    root = rooted(proof, SQUARES, a, squared)
    assert root.relation.right == sympy.exp(-a * time) * Along(sympy.sqrt(SQUARES), 0)
    with pytest.raises(ProofError, match="is needed"):
        decays(proof, DECAY, SQUARES, 3 * a, growth)
    with pytest.raises(ProofError, match="is needed"):
        decays(proof, DECAY, 2 * SQUARES, 2 * a, growth)
    with pytest.raises(ProofError, match="is needed"):
        rooted(proof, SQUARES, 2 * a, squared)


def test_decay_needs_a_solution() -> None:
    bare = Proof([])
    growth = bare.at_most(DECAY.derivative(SQUARES), -2 * a * SQUARES, "exact")
    with pytest.raises(ProofError, match="solutions for all times"):
        decays(bare, DECAY, SQUARES, 2 * a, growth)


def test_a_rate_that_depends_on_the_state_is_refused() -> None:
    proof, rate = Proof([SOLVED]), x[1, 1]
    wild = Flow((Part(x, lambda i, c: -rate * x[i, c] / 2),))
    growth = proof.at_most(wild.derivative(SQUARES), -rate * SQUARES, "exact")
    with pytest.raises(ProofError, match="same at all states"):
        decays(proof, wild, SQUARES, rate, growth)


def test_roots_of_negative_values_are_refused() -> None:
    proof = Proof([SOLVED])
    growth = proof.at_most(DECAY.derivative(-SQUARES), 2 * a * SQUARES, "exact")
    fact = decays(proof, DECAY, -SQUARES, 2 * a, growth)
    with pytest.raises(ProofError, match="non-negative"):
        rooted(proof, -SQUARES, a, fact)


def test_driven_flows_settle() -> None:
    driven = Flow((Part(x, lambda i, c: b + v[i, c] - a * x[i, c]),))
    proof, value = Proof([SOLVED]), x[1, 1]
    growth = proof.at_most(driven.derivative(value), b + v[1, 1] - a * value, "exact")
    rate = proof.less(0, a, "rate")
    path = settles(proof, driven, value, growth, rate, v[1, 1], offset=b)
    assert proof.holds(path, at_most(UpperLimit(value), (b + UpperLimit(v[1, 1])) / a))
    mean = settles(proof, driven, value, growth, rate, v[1, 1], offset=b, seen=Expectation)
    assert mean.relation.left == UpperLimit(Expectation(value))
    with pytest.raises(ProofError, match="is needed"):
        settles(proof, driven, value, growth, rate, v[1, 1])
    with pytest.raises(ProofError, match="is needed"):
        settles(proof, driven, value, growth, proof.less(0, 2 * a, "twice"), v[1, 1], offset=b)
    with pytest.raises(ProofError, match="same at all states"):
        settles(proof, driven, value, growth, rate, b, offset=v[1, 1])


def test_limits_keep_the_order_under_positive_factors_only() -> None:
    below = Assumption("below", "", at_most(x[i, 1], a * v[i, 1]))
    turned = Assumption("turned", "", at_most(x[i, 1], -a * v[i, 1]))
    proof = Proof([below, turned])
    fact = ordered_limits(proof, x[i, 1], a, v[i, 1], proof.assume("below"))
    assert fact.relation == at_most(UpperLimit(x[i, 1]), a * UpperLimit(v[i, 1]))
    with pytest.raises(ProofError, match="must not be negative"):
        ordered_limits(proof, x[i, 1], -a, v[i, 1], proof.assume("turned"))
    with pytest.raises(ProofError, match="is needed"):
        ordered_limits(proof, x[i, 1], a, v[i, 1], proof.assume("turned"))
