"""Itô's formula and the moments that it bounds: the rules refuse premises that do not fit."""

import pytest
import sympy

from theory.core.expectation import Expectation, UpperLimit
from theory.core.moments import (
    INDICES,
    REGULAR,
    Diffusion,
    DriftOf,
    VarianceOf,
    drift_of,
    moment_at,
    moment_limit,
    noiseless,
    variance_of,
)
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal
from theory.symbols import agents, dimension, time

a, b = sympy.symbols("a b", positive=True)
i, c = sympy.symbols("i c", integer=True)
x = sympy.IndexedBase("x", real=True)
MEAN = sympy.Sum(x[i, 1], (i, 1, agents)) / agents
SQUARES = sympy.Sum(x[i, c] ** 2, (i, 1, agents), (c, 1, dimension))
DECAY = Diffusion(x, lambda i, c: -a * x[i, c], lambda i, c, d: b * sympy.KroneckerDelta(c, d))
"""Ornstein–Uhlenbeck: E V -> n p b / (2 a)."""
SOURCE = agents * dimension * b


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


def test_the_mean_of_independent_agents() -> None:
    proof = Proof([])
    drift = drift_of(proof, DECAY, MEAN, -a * MEAN)
    noise = variance_of(proof, DECAY, MEAN, b / agents)
    assert proof.holds(drift, equal(DriftOf(MEAN), -a * MEAN))
    assert proof.holds(noise, equal(VarianceOf(MEAN), b / agents))


def test_a_square_has_itos_term() -> None:
    proof = Proof([])
    square = x[1, 1] ** 2
    drift_of(proof, DECAY, square, b - 2 * a * square)
    variance_of(proof, DECAY, square, 4 * b * square)
    with pytest.raises(ProofError, match="is not zero"):
        drift_of(proof, DECAY, square, -2 * a * square)


def test_wrong_constants_are_noticed() -> None:
    proof = Proof([])
    with pytest.raises(ProofError, match="is not zero"):
        variance_of(proof, DECAY, MEAN, b)
    with pytest.raises(ProofError, match="is not zero"):
        drift_of(proof, DECAY, MEAN, a * MEAN)


def test_the_sums_of_the_generator_catch_no_index():
    """Neither that of a system nor that of a value, whatever their names are."""
    caught, free = INDICES[0], sympy.Dummy(integer=True)
    values = [x[1, 1] ** 2, x[1, 1] ** 2 * x[caught, 1]]

    def rate(index, value):
        drift = Diffusion(x, lambda i, a: -x[i, a] + x[index, a], noiseless)
        return drift.applied(value.xreplace({caught: index}))

    for value in values:
        assert rate(free, value).xreplace({free: caught}) == rate(caught, value)
