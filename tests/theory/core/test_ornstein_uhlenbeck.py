"""Averages over time of linear equations with constant noise: the rules refuse other premises."""

import pytest
import sympy

from theory.core.moments import Diffusion, drift_of, variance_of
from theory.core.ornstein_uhlenbeck import (
    CONSTANT_NOISE,
    SETTLED,
    LongRunVariance,
    long_run_variance,
    under_sum,
)
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError

h, s = sympy.symbols("h s", positive=True)
x = sympy.IndexedBase("x", real=True)
DECAY = Diffusion(x, lambda i, a: -h * x[i, a], lambda i, a, c: s * sympy.KroneckerDelta(a, c))


def test_the_long_run_variance_of_one_agent() -> None:
    proof = Proof([CONSTANT_NOISE, SETTLED])
    solution, value = x[1, 1] / h, x[1, 1]
    drift = drift_of(proof, DECAY, solution, -value)
    noise = variance_of(proof, DECAY, solution, s / h**2)
    fact = long_run_variance(proof, x, value, solution, drift, noise)
    assert fact.relation.left == LongRunVariance(value)
    assert fact.relation.right == s / h**2
    assert fact.rests_on == {CONSTANT_NOISE.name, SETTLED.name}


def test_the_long_run_variance_refuses_what_does_not_fit() -> None:
    proof = Proof([CONSTANT_NOISE, SETTLED])
    solution, value = x[1, 1] / h, x[1, 1]
    drift = drift_of(proof, DECAY, solution, -value)
    noise = variance_of(proof, DECAY, solution, s / h**2)
    with pytest.raises(ProofError, match="is needed"):
        long_run_variance(proof, x, 2 * value, solution, drift, noise)
    with pytest.raises(ProofError, match="is needed"):
        long_run_variance(proof, x, value, 2 * solution, drift, noise)
    square = x[1, 1] ** 2
    falls = drift_of(proof, DECAY, square, DECAY.generator(square))
    rough = variance_of(proof, DECAY, square, 4 * s * square)
    with pytest.raises(ProofError, match="must be linear"):
        long_run_variance(proof, x, -falls.relation.right, square, falls, rough)
    bare = Proof([SETTLED])
    drift = drift_of(bare, DECAY, solution, -value)
    noise = variance_of(bare, DECAY, solution, s / h**2)
    with pytest.raises(ProofError, match="constant noise"):
        long_run_variance(bare, x, value, solution, drift, noise)


def test_only_equations_are_multiplied_by_anything() -> None:
    proof = Proof([])
    fact = proof.at_most(0, s, "positive")
    a, n = sympy.symbols("a n", integer=True, positive=True)
    with pytest.raises(ProofError, match="an equation is needed"):
        under_sum(proof, fact, -1, a, n)
