"""The scale of smoothing is found where it is known."""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sims.smoothing import experiment as smoothing
from sims.smoothing.claims import power
from sims.smoothing.measuring import (
    SmoothingCase,
    conditional_size,
    measure,
    simulate_pairs,
    smoothing_of,
)

LOSS = so.losses.RuggedWell.robust()
TINY = dataclasses.replace(
    smoothing.QUICK,
    samples=4096,
    agents=(1, 4, 16),
    batch_size=(1, 4),
    step_size=(0.025, 0.05),
    pull=(0.5, 1.0),
)


def gradients_at(scale, samples, seed, noise=0.0):
    random = np.random.default_rng(seed)
    y = random.uniform(-2.2, 2.2, samples)
    gradients = LOSS.gradient((y + scale * random.normal(size=samples))[:, None])[:, 0]
    return y, gradients + noise * random.normal(size=samples)


@pytest.mark.statistical
@pytest.mark.parametrize("scale", [0.26, 0.065, 0.016])
def test_a_known_scale_is_found(scale):
    """Over 30 samples the scores (estimate − truth) / error are standard normal.

    Their mean has the error 0.18, their standard deviation about 0.13.
    """
    scores = []
    for seed in range(30):
        seen = smoothing_of(LOSS, *gradients_at(scale, 4000, seed, noise=0.3))
        scores.append((seen.value - scale**2) / seen.error)
    assert abs(np.mean(scores)) < 3.5 * 0.18
    assert 0.55 < np.std(scores, ddof=1) < 1.45


@pytest.mark.statistical
def test_a_wrong_scale_is_seen():
    seen = smoothing_of(LOSS, *gradients_at(0.1, 40_000, seed=1))
    assert abs(seen.value - 0.1**2) < 4 * seen.error
    assert abs(seen.value - 0.115**2) > 5 * seen.error


@pytest.mark.statistical
def test_size_of_a_conditional_average():
    """E[v | x] = x on [−1, 1] has the size 1/√3; without signal it is 0, up to chance."""
    random = np.random.default_rng(2)
    x = random.uniform(-1, 1, 20_000)
    noise = 3 * random.normal(size=x.size)
    assert conditional_size(x, x + noise) == pytest.approx(3**-0.5, abs=0.06)
    assert conditional_size(x, noise) < 0.15


def test_pairs_are_two_successive_steps():
    """x•(t + 1) = y − ηζ• and |x^i − x•| of the spread of the cloud."""
    case = SmoothingCase("agents", 8, 1, 0.05, 1.0)
    pairs = simulate_pairs(case, noise_deviation=5.2, replicas=2000, seed=3)
    moved = pairs.before.mean(axis=1) - 0.05 * LOSS.gradient(pairs.before[..., None])[..., 0].mean(
        axis=1
    )
    step = pairs.after.mean(axis=1) - moved
    # the noise of the mean: standard deviation ησ/√p, of which 2,000 draws know 1.6%
    assert step.std() == pytest.approx(0.26 / np.sqrt(8), rel=0.06)
    assert abs(np.corrcoef(step, moved)[0, 1]) < 0.1
    assert pairs.before.std(axis=1).mean() == pytest.approx(0.26, rel=0.15)


@pytest.mark.statistical
def test_one_agent_descends_the_convolved_loss():
    """Eq. (38) is exact; 60,000 replicas."""
    found = measure(SmoothingCase("alone", 1, 4, 0.05, 1.0), 5.2, 60_000, seed=5)
    expected = 0.26**2 / 4
    assert abs(found["convolution"] - expected) < 4 * found["convolution_error"]
    assert found["disturbance"] == found["remainder"] == 0.0
    assert found["effective"] == pytest.approx(found["convolution"], rel=1e-6)
    # planted: forgetting that a minibatch divides the noise
    assert abs(found["convolution"] - 4 * expected) > 10 * found["convolution_error"]


@pytest.mark.statistical
def test_coupled_agents_are_smoothed_more_than_their_mean():
    """At the mean η/√p, in all η: 4,000 replicas of 16 agents at ηk = 1."""
    found = measure(SmoothingCase("agents", 16, 1, 0.05, 1.0), 5.2, 4000, seed=6)
    assert abs(found["convolution"] - 0.26**2 / 16) < 4 * found["convolution_error"]
    assert abs(found["effective"] / 0.26**2 - 1) < 0.15
    assert found["effective"] - found["convolution"] > 10 * found["effective_error"]
    assert found["disturbance"] > 0.2 * found["drift"]


@pytest.fixture(scope="module")
def tiny():
    return smoothing.simulate(TINY)


def test_cases_and_work(tiny):
    assert tiny.sizes["case"] == 2 + 2 + 3 + 2 + 2 + 2
    assert len(smoothing.cases(TINY)) == tiny.sizes["case"]
    # single agents take 2 steps (two families of 2 and one more), pulls of 1: 6 steps, of ½: 10
    assert tiny.attrs["agent_steps"] == 4096 * (5 * 2 + 7 * 6 + 10)


def test_a_power_is_that_of_the_better_known(tiny):
    runs = tiny.isel(case=(tiny["family"] == "agents").values).copy(deep=True)
    runs["effective"] = ("case", [1.0, 4.0, 999.0])
    runs["effective_error"] = ("case", [1e-3, 4e-3, 1e6])
    value, error = power(runs, "agents", "effective")
    assert value == pytest.approx(0.5, abs=1e-3)
    assert error < 1e-2
