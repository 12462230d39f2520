"""Differential inequalities: the rules refuse premises that do not fit."""

import pytest
import sympy

from theory.core.expectation import Expectation, UpperLimit, each_path
from theory.core.flows import (
    SOLVED,
    Along,
    Flow,
    Part,
    decays,
    disturbed_limit,
    on_solutions,
    rooted,
    settles,
)
from theory.core.norms import cauchy_schwarz, norm
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most
from theory.symbols import agents, dimension, time

a, b = sympy.symbols("a b", positive=True)
i, c = sympy.symbols("i c", integer=True)
x, v = sympy.IndexedBase("x", real=True), sympy.IndexedBase("v", real=True)
SQUARES = sympy.Sum(x[i, c] ** 2, (i, 1, agents), (c, 1, dimension))
DECAY = Flow((Part(x, lambda i, c: -a * x[i, c]),))
LENGTH, PUSH = norm(lambda c: x[1, c]), norm(lambda c: v[c])
DISTURBED = Flow((Part(x, lambda i, c: v[c] - a * x[i, c], sympy.Integer(1)),))
"""A disturbance v of a flow that contracts with the rate a."""


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


def test_relations_hold_on_solutions() -> None:
    proof = Proof([])
    fact = on_solutions(proof, proof.less(0, 1 + x[1, 1] ** 2, "positive"), time)
    assert fact.relation.sign == "<"


def test_driven_flows_settle() -> None:
    driven = Flow((Part(x, lambda i, c: b + v[i, c] - a * x[i, c]),))
    proof, value = Proof([SOLVED]), x[1, 1]
    growth = proof.at_most(driven.derivative(value), b + v[1, 1] - a * value, "exact")
    rate = proof.less(0, a, "rate")
    path = settles(proof, driven, value, growth, rate, v[1, 1], offset=b)
    assert proof.holds(path, at_most(UpperLimit(value), (b + UpperLimit(v[1, 1])) / a))
    mean = settles(proof, driven, value, growth, rate, v[1, 1], offset=b, average=Expectation)
    assert mean.relation.left == UpperLimit(Expectation(value))
    with pytest.raises(ProofError, match="is needed"):
        settles(proof, driven, value, growth, rate, v[1, 1])
    with pytest.raises(ProofError, match="is needed"):
        settles(proof, driven, value, growth, proof.less(0, 2 * a, "twice"), v[1, 1], offset=b)
    with pytest.raises(ProofError, match="same at all states"):
        settles(proof, driven, value, growth, rate, b, offset=v[1, 1])


def disturbed() -> tuple[Proof, Fact]:
    proof = Proof([SOLVED])
    growth = proof.at_most(
        DISTURBED.derivative(LENGTH**2),
        2 * LENGTH * PUSH - 2 * a * LENGTH**2,
        "by Cauchy and Schwarz",
        using={cauchy_schwarz(proof, lambda c: x[1, c], lambda c: v[c]): 2},
    )
    return proof, growth


def test_the_distance_is_at_most_the_disturbance_over_the_rate() -> None:
    proof, growth = disturbed()
    speed = proof.less(0, a, "rate")
    mean = disturbed_limit(proof, DISTURBED, LENGTH**2, growth, speed, PUSH)
    path = disturbed_limit(proof, DISTURBED, LENGTH**2, growth, speed, PUSH, average=each_path)
    assert path.relation == at_most(UpperLimit(LENGTH), UpperLimit(PUSH) / a)
    assert mean.relation.left == UpperLimit(Expectation(LENGTH))
    assert mean.rests_on == {SOLVED.name}


def test_other_premises_of_a_disturbed_flow_are_refused() -> None:
    proof, growth = disturbed()
    speed, faster = proof.less(0, a, "rate"), proof.less(0, 2 * a, "twice the rate")
    for value, fact, disturbance in (
        (LENGTH**2, faster, PUSH),
        (LENGTH**2, speed, PUSH / 2),
        (2 * LENGTH**2, speed, PUSH),
    ):
        with pytest.raises(ProofError, match="is needed"):
            disturbed_limit(proof, DISTURBED, value, growth, fact, disturbance)
