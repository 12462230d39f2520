"""Powers of a parameter: their errors, and what a claim about one asks."""

import numpy as np
import pytest

from sdeopt.experiments.measured import Measured, Slope, has_slope, log_slope


@pytest.mark.statistical
def test_errors_are_those_of_repetitions():
    """Null: (slope + 1) / error is standard normal over 400 repetitions."""
    random = np.random.default_rng(5)
    p = np.array([1.0, 2.0, 8.0, 32.0])
    scores = []
    for _ in range(400):
        error = 0.02 / p
        found = log_slope(p, Measured(random.normal(1 / p, error), error, np.full(4, 100.0)))
        scores.append((found.value + 1) / found.error)
    assert abs(np.mean(scores)) < 4 / np.sqrt(400)
    assert np.std(scores) == pytest.approx(1.0, abs=4 / np.sqrt(800))


def test_a_slope_must_be_known_well():
    assert not has_slope("w", Slope(-1.0, 0.1), -1.0, 0.05).holds
    assert not has_slope("w", Slope(-0.9, 0.001), -1.0, 0.05).holds


def test_a_slope_of_exact_numbers():
    p = np.array([1.0, 4.0, 16.0])
    slope = log_slope(p, Measured(1 / p, 0.01 / p, np.full(3, 400.0)))
    assert slope.value == pytest.approx(-1.0, abs=1e-12)
    assert slope.error == pytest.approx(0.0051, abs=5e-5)
    assert Slope(-1.0, 0.01).reach() == pytest.approx(0.0309, abs=5e-5)
    assert has_slope("falls as 1/p", Slope(-1.01, 0.005), -1.0, 0.05).holds


def test_a_slope_is_contradicted_only_where_its_interval_leaves_the_band():
    clearly = has_slope("w", Slope(-0.9, 0.001), -1.0, 0.05)
    assert (clearly.verdict, clearly.estimate) == ("contradicted", -0.9)
    assert clearly.interval == pytest.approx((-0.9031, -0.8969), abs=1e-4)
    assert has_slope("w", Slope(-0.9, 0.1), -1.0, 0.05).verdict == "undecided"
    assert has_slope("w", Slope(-1.0, 0.1), -1.0, 0.05).verdict == "undecided"
