"""Synchronization of agents against systems solved by numpy, limits, monotonicity and units."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import theory

SPREAD = theory.load("lemma_3_1")
MEAN = theory.load("theorem_3_2")
MOMENTUM = theory.load("lemma_3_2")
UNEVEN = theory.load("section_3_4_uneven")
SCALED = theory.load("section_3_4_scaled")
GAINS = theory.load("lemma_5_4")
NEAR = theory.load("lemma_5_4_convergence")
SPIKE = theory.load("sd_qsgd_gains")

agents = st.integers(1, 9)
some = st.floats(0.1, 4.0)
GIVEN: dict[str, Any] = {
    "agents": 6,
    "coupling": 3.0,
    "negative_curvature": 0.5,
    "noise_bound": 1.5,
    "step_size": 0.1,
    "batch_size": 10,
}
MORE = GIVEN | {"gradient_curvature": 2.0, "dimension": 4}


def stationary(pull: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the covariance V with A V + V Aᵀ = N."""
    unit = np.eye(len(pull))
    equations = np.kron(pull, unit) + np.kron(unit, pull)
    return np.linalg.solve(equations, noise.ravel()).reshape(noise.shape)


def test_the_distortion_vanishes_where_it_must() -> None:
    assert MEAN.bound(**MORE | {"gradient_curvature": 0.0}) == 0.0
    assert MEAN.bound(**MORE | {"agents": 1}) == 0.0
    far = MEAN.bound(**MORE | {"coupling": [1e3, 1e6, 1e9]})
    assert (np.diff(np.log10(far)) < -2.9).all()


@pytest.mark.parametrize(
    ("name", "values", "sign"),
    [
        ("agents", np.arange(1, 30), 1.0),
        ("coupling", np.linspace(0.6, 9.0, 30), -1.0),
        ("negative_curvature", np.linspace(-3.0, 2.9, 30), 1.0),
        ("step_size", np.linspace(0.01, 1.0, 30), 1.0),
        ("gradient_curvature", np.linspace(0.0, 5.0, 30), 1.0),
        ("dimension", np.arange(1, 30), 1.0),
    ],
)
def test_the_distortion_is_monotone(name: str, values: np.ndarray, sign: float) -> None:
    assert (sign * np.diff(MEAN.bound(**MORE | {name: values})) > 0.0).all()


@given(some, some)
def test_units(length: float, duration: float) -> None:
    """With x in other units and t in others, each bound is the same length or speed."""
    rescaled = MORE | {
        "coupling": 3.0 / duration,
        "negative_curvature": 0.5 / duration,
        "noise_bound": 1.5 * (length / duration) ** 2,
        "step_size": 0.1 * duration,
        "gradient_curvature": 2.0 / (length * duration),
    }
    speed = length / duration
    assert MEAN.bound(**rescaled) == pytest.approx(speed * MEAN.bound(**MORE))
    alone = {name: rescaled[name] for name in GIVEN}
    assert SPREAD.bound(**alone) == pytest.approx(length**2 * SPREAD.bound(**GIVEN))
    gains = GAINS.evaluate("distortion", **rescaled, gain_deviation=0.7 / duration)
    before = GAINS.evaluate("distortion", **MORE, gain_deviation=0.7)
    assert gains == pytest.approx(speed * before)


@settings(deadline=None)
@given(st.integers(2, 9), st.floats(0.01, 0.95), some, some)
def test_uneven_learning_rates_against_the_stationary_covariance(
    p: int, theta: float, k: float, noise: float
) -> None:
    step = np.full(p, 1.0 - theta)
    step[0] = 1.0 + (p - 1) * theta
    apart = np.eye(p) - 1.0 / p
    # The differences settle; the mean moves on for ever.
    basis = np.linalg.svd(apart)[2][: p - 1]
    pull = basis @ (k * step[:, None] * apart) @ basis.T
    push = basis @ np.diag(step**2 * noise) @ basis.T
    exact = np.trace(stationary(pull, push))
    given = {"agents": p, "unevenness": theta, "coupling": k, "step_size": 0.1, "batch_size": 10}
    found = UNEVEN.evaluate("spread", **given, noise_bound=100.0 * noise)
    assert found == pytest.approx(exact, rel=1e-6)


def test_uneven_learning_rates_near_the_worst_case() -> None:
    p = np.arange(2, 9)
    given: dict[str, Any] = {
        "agents": p,
        "coupling": 1.0,
        "step_size": 0.1,
        "batch_size": 10,
        "noise_bound": 1.0,
    }
    even = SPREAD.bound(**given, negative_curvature=0.0)
    worst = UNEVEN.bound(**given, unevenness=1.0 - 1e-9)
    assert worst / even == pytest.approx(p / (p - 1))
    assert UNEVEN.bound(**given, unevenness=1e-9) == pytest.approx(even)


def test_scaled_drifts_cost_one_agent() -> None:
    p = np.arange(2, 9)
    given: dict[str, Any] = {
        "agents": p,
        "coupling": 2.0,
        "step_size": 0.1,
        "batch_size": 10,
        "noise_bound": 1.0,
    }
    scaled = SCALED.bound(**given, strong_convexity=0.5)
    even = SPREAD.bound(**given, negative_curvature=-0.5)
    assert scaled / even == pytest.approx(p / (p - 1))


@given(some, some, st.floats(0.0, 2.0), st.floats(0.05, 3.0), st.floats(0.0, 3.0))
def test_momentum_against_eigenvalues(
    k: float, damping: float, k2: float, low: float, more: float
) -> None:
    """The rate is that of the worst curvature; on a quadratic the bound holds with noise."""
    high = low + more
    gain = max(abs(1.0 - low), abs(high - 1.0)) / 2.0
    if k * (k2 + damping) < 1.01 * gain**2:
        return
    given = {
        "coupling": k,
        "velocity_coupling": k2,
        "damping": damping,
        "strong_convexity": low,
        "smoothness": high,
    }
    rest = {"noise_bound": 1.0, "step_size": 0.1, "batch_size": 1, "agents": 5}
    worst, largest = np.inf, 0.0
    for h in np.linspace(low, high, 9):
        jacobian = np.array([[-k, 1.0], [-h, -(k2 + damping)]])
        worst = min(worst, -np.linalg.eigvalsh((jacobian + jacobian.T) / 2.0).max())
        exact = 4.0 * np.trace(stationary(-jacobian, np.diag([0.0, 0.1])))
        largest = max(largest, exact)
    assert MOMENTUM.bound(**given) == pytest.approx(worst, rel=1e-6, abs=1e-9)
    assert largest <= MOMENTUM.evaluate("spread", **given, **rest) * (1.0 + 1e-9)


@given(agents, st.integers(0, 2**32 - 1))
def test_the_pull_of_random_gains(p: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, gains = rng.normal(size=(p, 3)), rng.normal(size=p)
    apart = x - x.mean(axis=0)
    pull = (gains[:, None] * apart).mean(axis=0)
    assert np.linalg.norm(pull) <= gains.std() * np.sqrt((apart**2).sum() / p) + 1e-12


def test_equal_gains_give_back_what_holds_for_one() -> None:
    assert GAINS.evaluate("distortion", **MORE, gain_deviation=0.0) == pytest.approx(
        float(MEAN.bound(**MORE))
    )
    given = {name: value for name, value in MORE.items() if name != "negative_curvature"}
    given["strong_convexity"] = 0.7
    near = NEAR.bound(**given, gain_deviation=0.0)
    assert near == pytest.approx(float(theory.load("theorem_5_1").bound(**given)))
    assert (np.diff(NEAR.bound(**given, gain_deviation=np.linspace(0.0, 3.0, 9))) > 0.0).all()


@given(agents, some, some, some, st.floats(0.0, 5.0))
def test_the_gains_of_an_epoch(p: int, k: float, a: float, tau: float, t: float) -> None:
    gains = np.full(p, k)
    gains[0] += (a * p - 1.0) * k * np.exp(-t / tau)
    gains[1:] -= k * np.exp(-t / tau)
    given = {"coupling": k, "magnification": a, "relaxation": tau, "time": t}
    assert SPIKE.bound(**given) == pytest.approx(gains.mean())
    assert SPIKE.evaluate("deviation", agents=p, **given) == pytest.approx(gains.std(), abs=1e-9)
    least = SPIKE.evaluate("least", coupling=k, magnification=a)
    assert least <= gains.mean() * (1.0 + 1e-12)
