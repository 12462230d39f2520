"""Averages over time and exact moments: the rules refuse premises that do not fit."""

import pytest
import sympy

from theory.core.expectation import Expectation, UpperLimit
from theory.core.long_run import (
    ClosedMoment,
    TimeAverage,
    average_limit,
    moment_exactly,
    moments_settle,
)
from theory.core.moments import REGULAR, Diffusion
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal
from theory.symbols import agents, dimension, time

a, b = sympy.symbols("a b", positive=True)
i, c = sympy.symbols("i c", integer=True)
x = sympy.IndexedBase("x", real=True)
SQUARES = sympy.Sum(x[i, c] ** 2, (i, 1, agents), (c, 1, dimension))
DECAY = Diffusion(x, lambda i, c: -a * x[i, c], lambda i, c, d: b * sympy.KroneckerDelta(c, d))
"""Ornstein–Uhlenbeck: E V -> n p b / (2 a)."""
SOURCE = agents * dimension * b


def ornstein_uhlenbeck(proof: Proof) -> ClosedMoment:
    exact = proof.equal(DECAY.generator(SQUARES), SOURCE - 2 * a * SQUARES, "exact")
    return ClosedMoment(SQUARES, exact, proof.less(0, 2 * a, "rate"), SOURCE)


def test_exact_limits() -> None:
    proof = Proof([REGULAR])
    whole = ornstein_uhlenbeck(proof)
    fact = moments_settle(proof, DECAY, 3 * SQUARES, [(2, whole), (1, whole)])
    assert proof.holds(fact, equal(UpperLimit(Expectation(3 * SQUARES)), 3 * SOURCE / (2 * a)))
    assert fact.rests_on == {REGULAR.name}
    with pytest.raises(ProofError, match="is not zero"):
        moments_settle(proof, DECAY, 3 * SQUARES, [(2, whole)])
    with pytest.raises(ProofError, match="same at all states"):
        moments_settle(proof, DECAY, x[1, 1] * SQUARES, [(x[1, 1], whole)])
    wrong = ClosedMoment(SQUARES, whole.exact, whole.rate, SOURCE + 1)
    with pytest.raises(ProofError, match="is needed"):
        moments_settle(proof, DECAY, SQUARES, [(1, wrong)])


def test_a_closed_moment_at_a_time() -> None:
    proof, square = Proof([REGULAR]), x[1, 1] ** 2
    exact = proof.equal(DECAY.generator(square), b - 2 * a * square, "closed")
    rate = proof.less(0, 2 * a, "rate")
    fact = moment_exactly(proof, DECAY, ClosedMoment(square, exact, rate, b))
    start, decay = Expectation(square, 0), sympy.exp(-2 * a * time)
    limit = b / (2 * a)
    assert proof.holds(fact, equal(Expectation(square, time), limit + (start - limit) * decay))
    for value, source in ((2 * square, b), (square, 2 * b)):
        with pytest.raises(ProofError, match="is needed"):
            moment_exactly(proof, DECAY, ClosedMoment(value, exact, rate, source))


def test_time_averages() -> None:
    proof = Proof([REGULAR])
    growth = proof.at_most(DECAY.generator(SQUARES), SOURCE - a * SQUARES, "half the rate")
    rate = proof.less(0, a, "rate")
    fact = average_limit(proof, DECAY, SQUARES, SQUARES, growth, rate, SOURCE)
    assert proof.holds(fact, at_most(TimeAverage(Expectation(SQUARES)), SOURCE / a))
    with pytest.raises(ProofError, match="is needed"):
        average_limit(proof, DECAY, SQUARES, 2 * SQUARES, growth, rate, SOURCE)
    with pytest.raises(ProofError, match="is needed"):
        average_limit(proof, DECAY, 2 * SQUARES, SQUARES, growth, rate, SOURCE)


def test_averages_are_of_functions_that_are_bounded_below() -> None:
    """V = −‖x‖² decreases without end under noise alone: its average has no bound."""
    walk = Diffusion(x, lambda i, c: 0, lambda i, c, d: b * sympy.KroneckerDelta(c, d))
    proof = Proof([REGULAR])
    growth = proof.at_most(walk.generator(-SQUARES), -SOURCE * 1, "falls")
    with pytest.raises(ProofError, match="non-negative"):
        average_limit(proof, walk, -SQUARES, SOURCE, growth, proof.less(0, 1, "rate"), sympy.S.Zero)


def test_both_need_a_solution() -> None:
    bare = Proof([])
    whole = ornstein_uhlenbeck(bare)
    with pytest.raises(ProofError, match="regular solutions"):
        moments_settle(bare, DECAY, SQUARES, [(1, whole)])
