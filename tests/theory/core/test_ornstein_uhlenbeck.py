"""Linear equations with constant noise: against scipy, against each other, and rules that refuse."""

import numpy as np
import pytest
import sympy
from scipy.linalg import solve_continuous_lyapunov

from theory.core.expectation import Expectation
from theory.core.long_run import ClosedMoment
from theory.core.moments import REGULAR, Diffusion, drift_of, variance_of
from theory.core.ornstein_uhlenbeck import (
    CONSTANT_NOISE,
    SETTLED,
    LongRunVariance,
    covariance_at,
    long_run_covariance,
    long_run_variance,
    moment_exactly,
    stationary_covariance,
    under_sum,
)
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, equal
from theory.symbols import time

h, s = sympy.symbols("h s", positive=True)
x = sympy.IndexedBase("x", real=True)
PULL = sympy.Matrix([[3, 1], [-2, 2]])
NOISE = sympy.Matrix([[2, 1], [1, 1]])
DECAY = Diffusion(x, lambda i, a: -h * x[i, a], lambda i, a, c: s * sympy.KroneckerDelta(a, c))


def test_the_stationary_covariance_against_scipy() -> None:
    exact = np.array(stationary_covariance(PULL, NOISE), dtype=float)
    pull, noise = (np.array(matrix, dtype=float) for matrix in (PULL, NOISE))
    np.testing.assert_allclose(exact, solve_continuous_lyapunov(pull, noise), rtol=1e-12)


def test_no_covariance_without_decay() -> None:
    with pytest.raises(ProofError, match="add up to 0"):
        stationary_covariance(sympy.diag(1, -1), sympy.eye(2))


def test_transients_solve_the_moment_equation() -> None:
    t = sympy.Symbol("t", positive=True)
    pull, start = sympy.Matrix([[2, 1], [0, 3]]), sympy.Matrix([[5, 1], [1, 4]])
    at = covariance_at(pull, NOISE, start, t)
    rest = at.diff(t) + pull * at + at * pull.T - NOISE
    assert rest.applyfunc(sympy.expand) == sympy.zeros(2)
    assert at.subs(t, 0) == start
    assert at.applyfunc(lambda entry: sympy.limit(entry, t, sympy.oo)) == stationary_covariance(
        pull, NOISE
    )


def test_the_long_run_covariance_is_the_sum_of_all_correlations() -> None:
    """The integral of the autocovariance over all lags, A⁻¹V + VA⁻ᵀ, is A⁻¹DA⁻ᵀ."""
    settled, inverse = stationary_covariance(PULL, NOISE), PULL.inv()
    assert inverse * settled + settled * inverse.T == long_run_covariance(PULL, NOISE)


def test_the_long_run_variance_of_one_agent() -> None:
    proof = Proof([CONSTANT_NOISE, SETTLED])
    solution, value = x[1, 1] / h, x[1, 1]
    drift = drift_of(proof, DECAY, solution, -value)
    noise = variance_of(proof, DECAY, solution, s / h**2)
    fact = long_run_variance(proof, x, value, solution, drift, noise)
    assert fact.relation.left == LongRunVariance(value)
    assert fact.relation.right == long_run_covariance(sympy.Matrix([[h]]), sympy.Matrix([[s]]))[0]
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


def test_a_closed_moment_at_a_time() -> None:
    proof, square = Proof([REGULAR]), x[1, 1] ** 2
    exact = proof.equal(DECAY.generator(square), s - 2 * h * square, "closed")
    rate = proof.less(0, 2 * h, "rate")
    fact = moment_exactly(proof, DECAY, ClosedMoment(square, exact, rate, s))
    start = Expectation(square, 0)
    decay = sympy.exp(-2 * h * time)
    assert proof.holds(
        fact, equal(Expectation(square, time), s / (2 * h) + (start - s / (2 * h)) * decay)
    )
    with pytest.raises(ProofError, match="is needed"):
        moment_exactly(proof, DECAY, ClosedMoment(2 * square, exact, rate, s))
    with pytest.raises(ProofError, match="is needed"):
        moment_exactly(proof, DECAY, ClosedMoment(square, exact, rate, 2 * s))
