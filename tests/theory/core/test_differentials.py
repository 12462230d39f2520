"""Drift and noise of a function of the state are what Itô's formula gives, and nothing else."""

import pytest
import sympy

from theory.core.moments import Diffusion, DriftOf, VarianceOf, drift_of, variance_of
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, equal
from theory.symbols import agents as p

a, s = sympy.symbols("a s", positive=True)
i = sympy.Symbol("i", integer=True)
x = sympy.IndexedBase("x", real=True)
MEAN = sympy.Sum(x[i, 1], (i, 1, p)) / p
DECAY = Diffusion(x, lambda i, c: -a * x[i, c], lambda i, c, d: s * sympy.KroneckerDelta(c, d))


def test_the_mean_of_independent_agents() -> None:
    proof = Proof([])
    drift = drift_of(proof, DECAY, MEAN, -a * MEAN)
    noise = variance_of(proof, DECAY, MEAN, s / p)
    assert proof.holds(drift, equal(DriftOf(MEAN), -a * MEAN))
    assert proof.holds(noise, equal(VarianceOf(MEAN), s / p))


def test_a_square_has_itos_term() -> None:
    proof = Proof([])
    square = x[1, 1] ** 2
    drift_of(proof, DECAY, square, s - 2 * a * square)
    variance_of(proof, DECAY, square, 4 * s * square)
    with pytest.raises(ProofError, match="is not zero"):
        drift_of(proof, DECAY, square, -2 * a * square)


def test_wrong_constants_are_noticed() -> None:
    proof = Proof([])
    with pytest.raises(ProofError, match="is not zero"):
        variance_of(proof, DECAY, MEAN, s)
    with pytest.raises(ProofError, match="is not zero"):
        drift_of(proof, DECAY, MEAN, a * MEAN)
