import numpy as np
import pytest

import sdeopt as so
from sims.escape.passages import Passages, mean_passage_time, mean_time


def test_what_has_not_passed_is_censored_at_the_end():
    found = Passages.of([1, -1, 0], step_size=2.0, end=2)
    assert found.times.tolist() == [2.0, 4.0, 0.0]
    assert found.passed.tolist() == [True, False, True]


@pytest.mark.statistical
def test_rate_of_a_two_state_chain():
    """It leaves with the same chance in each step: a geometric law of mean 1/rate.

    Observed for a third of that, seven in ten are censored.
    """
    rate, runs, steps = 0.002, 4000, 170
    leaves = np.random.default_rng(3).random((steps, runs)) < rate
    left = np.where(leaves.any(axis=0), leaves.argmax(axis=0) + 1, -1)
    passages = Passages.of(left, 1.0, steps)
    estimate = mean_time(passages)
    assert 0.25 < passages.passed.mean() < 0.35
    # Counting steps at risk and events is unbiased; standard error 1/sqrt(events).
    assert abs(np.log(estimate.value * rate)) < 4 * estimate.log_error
    assert estimate.low < 1 / rate < estimate.high
    # What one gets wrong by leaving out the censored, or by taking the end for the event:
    ignoring = passages.times[passages.passed].mean()
    mistaking = passages.times.mean()
    for wrong in (ignoring, mistaking):
        assert abs(np.log(wrong * rate)) > 20 * estimate.log_error


@pytest.mark.statistical
def test_intervals_cover():
    """The null: 95% intervals hold the truth in 95% of 400 trials, ± 3 binomial errors (0.033)."""
    random = np.random.default_rng(7)
    inside = 0
    for _ in range(400):
        times = random.exponential(100.0, 30)
        passages = Passages(np.minimum(times, 80.0), times < 80.0)
        estimate = mean_time(passages)
        inside += estimate.low < 100.0 < estimate.high
    assert 0.95 - 0.033 <= inside / 400 <= 1.0


def test_nothing_has_happened():
    estimate = mean_time(Passages(np.full(10, 5.0), np.zeros(10, bool)))
    assert estimate.value == estimate.high == np.inf
    # 3.7 events is what zero of them rule out at 97.5%: -log(0.025)
    assert estimate.low == pytest.approx(50 / 3.689, rel=1e-3)
    assert estimate.log_error == np.inf


def test_survival_knows_of_censoring():
    """By hand: 1 of 4 passes at 1; one is lost at 2; 1 of the 2 left passes at 3."""
    passages = Passages(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, False, True, False]))
    times, share = passages.survival()
    assert dict(zip(times.tolist(), share.tolist(), strict=True)) == {
        0.0: 1.0,
        1.0: 0.75,
        2.0: 0.75,
        3.0: 0.375,
        4.0: 0.375,
    }


def test_passage_of_a_harmonic_particle():
    """From 0 up to a: √π ∫₀^{a/√(2D)} e^{u²}(1 + erf u) du for unit stiffness."""
    from scipy.integrate import quad
    from scipy.special import erf

    temperature, goal = 0.5, 1.5
    upper = goal / np.sqrt(2 * temperature)
    exact = np.sqrt(np.pi) * quad(lambda u: np.exp(u**2) * (1 + erf(u)), 0, upper)[0]
    found = mean_passage_time(so.losses.Quadratic(1.0), temperature, 0.0, goal, wall=-8.0)
    assert found == pytest.approx(exact, rel=1e-5)


@pytest.mark.statistical
def test_simulated_passages_agree_with_theory():
    """An Ornstein–Uhlenbeck particle with small steps; the null is the exact mean time.

    Observations at every step of 0.01 miss excursions in between, which is as if the goal were
    0.5826 standard deviations of a step farther off (Broadie, Glasserman & Kou 1997).
    """
    step, temperature, goal = 0.01, 0.5, 1.2
    kick = np.sqrt(2 * temperature * step)
    run = so.simulate(
        so.losses.Quadratic(1.0),
        so.SGD(),
        noise=so.noise.Gaussian(kick / step),
        replicas=600,
        steps=2000,
        step_size=step,
        start=so.start.Point(0.0),
        seed=5,
        statistics=[
            so.statistics.FirstPassage(
                so.statistics.Box(low=share * goal), name=name, ends=share == 1
            )
            for name, share in (("goal", 1.0), ("nearer", 0.8))
        ],
        threads=1,
    )
    estimate = mean_time(Passages.of(run["goal"], step, 2000))
    expected = mean_passage_time(
        so.losses.Quadratic(1.0), temperature, 0.0, goal + 0.5826 * kick, wall=-8.0
    )
    assert abs(np.log(estimate.value / expected)) < 3.5 * estimate.log_error
    # planted: passages of the wrong goal
    nearer = mean_time(Passages.of(run["nearer"], step, 2000))
    assert abs(np.log(nearer.value / expected)) > 5 * nearer.log_error
