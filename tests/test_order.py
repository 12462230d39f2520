"""The fit behind a measured order: exact on powers, honest about its spread."""

import numpy as np
import pytest

from sdeopt.convergence import measured_order
from sdeopt.errors import InvalidArgumentError

SIZES = np.array([0.01, 0.02, 0.04, 0.08])


def noisy(power, spread, replicas, seed):
    """Samples with mean h^power, each with an independent relative error."""
    random = np.random.default_rng(seed)
    return SIZES**power * (1 + spread * random.standard_normal((replicas, SIZES.size)))


@pytest.mark.parametrize("power", [0.5, 1.0, 1.5, 2.0])
def test_a_power_is_found_exactly(power):
    samples = np.linspace(0.5, 1.5, 20)[:, None] * SIZES**power
    order = measured_order(SIZES, samples, np.abs, 0.95, 0)
    np.testing.assert_allclose([order.slope, *order.interval], power, rtol=1e-10)
    np.testing.assert_allclose(order.errors, SIZES**power)


def test_a_root_halves_the_slope():
    samples = np.linspace(0.5, 1.5, 20)[:, None] * SIZES**3
    assert measured_order(SIZES, samples, np.sqrt, 0.95, 0).slope == pytest.approx(1.5)


@pytest.mark.statistical
def test_the_interval_covers_as_often_as_it_says():
    """Null: coverage 0.9. Of 200 fixed seeds; binomial standard error 0.021, 4 of them allowed."""
    covered = 0
    for seed in range(200):
        low, high = measured_order(SIZES, noisy(1.0, 0.5, 60, seed), np.abs, 0.9, seed).interval
        covered += low <= 1.0 <= high
    assert abs(covered / 200 - 0.9) < 4 * np.sqrt(0.9 * 0.1 / 200)


@pytest.mark.statistical
def test_standard_errors_are_those_of_the_mean():
    """Null: σ/√n. The bootstrap's own relative error is about 1/√(2·1000) + 1/√(2·400)."""
    order = measured_order(SIZES, noisy(1.0, 0.3, 400, 1), np.abs, 0.95, 0)
    np.testing.assert_allclose(order.standard_errors, 0.3 * SIZES / np.sqrt(400), rtol=0.2)


def test_a_point_lost_in_noise_hardly_counts():
    samples = noisy(1.0, 0.01, 100, 2)
    samples[:, 0] = 100 * np.random.default_rng(3).standard_normal(100)
    order = measured_order(SIZES, samples, np.abs, 0.95, 0)
    assert order.slope == pytest.approx(1.0, abs=0.1)


def test_an_error_of_zero_is_named():
    samples = np.ones((5, 4)) * SIZES
    samples[:, 1] = 0
    with pytest.raises(InvalidArgumentError, match=r"error at dt = 0\.02 is 0"):
        measured_order(SIZES, samples, np.abs, 0.95, 0)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95])
def test_a_confidence_outside_0_and_1_is_refused(confidence):
    with pytest.raises(InvalidArgumentError, match="confidence is"):
        measured_order(SIZES, noisy(1, 0.1, 5, 0), np.abs, confidence, 0)


def test_an_exact_power_has_an_interval_without_width():
    sizes = np.array([0.1, 0.2, 0.4])
    samples = np.linspace(1, 2, 50)[:, None] * sizes**2
    order = measured_order(sizes, samples, np.abs, confidence=0.9, seed=0)
    assert str(order) == "order 2.000, 90% interval [2.000, 2.000]"
