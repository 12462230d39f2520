"""The noise of the mean, and the bounds on the distortion."""

import numpy as np
import pytest

from sdeopt.experiments.measured import Measured
from sims.noise.experiment import distortion_bounds, noise_of_mean
from sims.shared.setting import Setting


@pytest.mark.statistical
def test_the_noise_of_the_mean_is_that_of_the_agents():
    """Null: its covariance is (η/p) BBᵀ; 400 replicas of 20 steps, every entry within 4 errors."""
    setting = Setting("quadratic", dim=2, agents=5, coupling=3.0, step_size=0.2)
    run = noise_of_mean(setting, steps=20, replicas=400, seed=3)
    found = Measured.of(run["noise"].transpose("row", "column", "replica").values)
    expected = 0.2 / 5 * setting.law().covariance
    assert (np.abs(found.value - expected) < 4 * found.error).all()
    # planted: the noise of one agent
    assert not (np.abs(found.value - 5 * expected) < 4 * found.error).all()


def test_bounds_by_hand():
    """Q = 3, C = n = 1, l = 1: (22) is η/(2·2), and (31) is 3/4 of it."""
    one = Setting("slanted", dim=1, agents=2, coupling=1.0, step_size=0.1)
    expected = {"spread_bound": 0.025, "per_square": 0.75, "bound": 0.75 * 0.025}
    assert distortion_bounds(one) == pytest.approx(expected)
