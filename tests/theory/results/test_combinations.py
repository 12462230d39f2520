"""Combinations of contracting systems against the eigenvalues of random matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import theory

FEEDBACK = theory.load("feedback_combination")
HIERARCHY = theory.load("hierarchical_combination")
ROBUST = theory.load("lemma_2_1")

rates = st.floats(-2.0, 4.0)
gains = st.floats(0.0, 5.0)
seeds = st.integers(0, 2**32 - 1)


def block(rng: np.random.Generator, rate: float, size: int) -> np.ndarray:
    """Return a matrix whose symmetric part is at most −rate."""
    root, turn = rng.normal(size=(size, size)), rng.normal(size=(size, size))
    return -rate * np.eye(size) - root @ root.T + turn - turn.T


def link(rng: np.random.Generator, gain: float, rows: int, columns: int) -> np.ndarray:
    """Return a matrix of norm gain."""
    matrix = rng.normal(size=(rows, columns))
    return gain * matrix / np.linalg.norm(matrix, 2)


def rate_of(matrix: np.ndarray) -> float:
    return float(-np.linalg.eigvalsh((matrix + matrix.T) / 2.0).max())


@given(rates, rates, gains, seeds)
def test_two_systems_in_a_loop(a: float, d: float, g: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    there, back = link(rng, g, 3, 2), rng.normal(size=(2, 3))
    # Only the symmetric part of the links counts: what is antisymmetric between them is free.
    matrix = np.block([[block(rng, a, 2), there.T + back], [there - back.T, block(rng, d, 3)]])
    found = FEEDBACK.bound(first_rate=a, second_rate=d, feedback_gain=g)
    assert rate_of(matrix) >= found - 1e-9
    tight = np.array([[-a, g], [g, -d]])
    assert rate_of(tight) == pytest.approx(float(found), abs=1e-9)


@given(rates, rates, gains, st.floats(1e-3, 10.0), seeds)
def test_one_system_drives_another(a: float, d: float, g: float, theta: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = np.block(
        [[block(rng, a, 2), np.zeros((2, 3))], [theta * link(rng, g, 3, 2), block(rng, d, 3)]]
    )
    given = {"first_rate": a, "second_rate": d, "feedback_gain": g, "metric_scale": theta}
    found = HIERARCHY.bound(**given)
    assert rate_of(matrix) >= found - 1e-9
    assert found >= min(a, d) - theta * g / 2.0 - 1e-9
    assert found == pytest.approx(
        float(FEEDBACK.bound(first_rate=a, second_rate=d, feedback_gain=theta * g / 2.0))
    )


@given(st.floats(0.1, 3.0), st.floats(0.1, 5.0), st.floats(0.2, 4.0), seeds)
def test_a_constant_push(rate: float, size: float, stretch: float, seed: int) -> None:
    """ẋ = −Ax + ε settles at A⁻¹ε: never farther than κ ‖ε‖ / λ."""
    rng = np.random.default_rng(seed)
    theta = np.diag([1.0, stretch, stretch**2])
    inside = -block(rng, rate, 3)
    matrix = np.linalg.inv(theta) @ inside @ theta
    push = rng.normal(size=3)
    push *= size / np.linalg.norm(push)
    kappa = float(np.linalg.cond(theta))
    found = ROBUST.bound(metric_condition=kappa, disturbance=size, rate=rate)
    assert np.linalg.norm(np.linalg.solve(matrix, push)) <= found * (1.0 + 1e-9)
