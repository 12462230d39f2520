"""(31) holds in simulation, the noise of the mean falls as 1/p, and bugs are noticed."""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sdeopt import results
from sdeopt.experiments.measured import Measured
from sims.noise import experiment as mean_noise
from sims.noise import experiment as noise
from sims.shared import stationary
from sims.shared.setting import Setting
from tests.experiments.quick_results import quick_result

SMALL = dataclasses.replace(
    noise.QUICK,
    samples=1024,
    fewest_replicas=60,
    window=3.0,
    noise_replicas=500,
    band=0.12,
    couplings=(0.0, 9.0),
    agents=(2, 16),
    step_sizes=(0.1, 1.0),
    dims=(1, 4),
    coupled_agents=(2, 8),
    noise_agents=(1, 4, 16),
)


@pytest.fixture(scope="module")
def small():
    return quick_result(noise.experiment, SMALL)


def failed(result):
    return [claim.claim for claim in noise.claims(result) if not claim.holds]


@pytest.mark.statistical
def test_the_claims_hold(small):
    """Each is a test at level 0.001; the band of equality leaves 4 errors more."""
    assert failed(small) == []


def test_result_from_a_file_and_its_picture(small, tmp_path):
    results.save(small, tmp_path / "result.nc")
    loaded = results.load(tmp_path / "result.nc")
    assert str(noise.claims(loaded)) == str(noise.claims(small))
    assert len(noise.experiment.draw(loaded).axes) == 8


@pytest.mark.statistical
def test_the_noise_of_the_mean_is_that_of_the_agents():
    """Null: its covariance is (η/p) BBᵀ; 400 replicas of 20 steps, every entry within 4 errors."""
    setting = Setting("quadratic", dim=2, agents=5, coupling=3.0, step_size=0.2)
    run = mean_noise.noise_of_mean(setting, steps=20, replicas=400, seed=3)
    found = Measured.of(run["noise"].transpose("row", "column", "replica").values)
    expected = 0.2 / 5 * setting.law().covariance
    assert (np.abs(found.value - expected) < 4 * found.error).all()
    # planted: the noise of one agent
    assert not (np.abs(found.value - 5 * expected) < 4 * found.error).all()


class TestPlantedBugs:
    def test_a_mean_with_the_noise_of_one_agent(self, small):
        bad = failed(small.assign(noise_trace=small["noise_trace"] * small["noise_agents"]))
        assert sum("falls as 1/p" in words for words in bad) == 4
        assert any("p times the batch" in words for words in bad)

    @pytest.mark.statistical
    def test_agents_that_do_not_hear_of_each_other_and_noise_too_large(self, monkeypatch):
        """(31) is loose by 6 or more: uncoupled agents with ten times the learning rate exceed it."""
        as_it_is = stationary.so.simulate

        def loud(*given, step_size, **arguments):
            return as_it_is(given[0], so.QSGD(coupling=0.0), step_size=10 * step_size, **arguments)

        monkeypatch.setattr(stationary.so, "simulate", loud)
        bad = failed(noise.simulate(dataclasses.replace(SMALL, noise_agents=(1, 4))))
        assert any("(31) holds" in words for words in bad)

    @pytest.mark.statistical
    def test_a_quorum_that_lags(self, monkeypatch):
        """Agents that follow what lags behind themselves do not come together; nor does ε shrink."""
        one = Setting("slanted", dim=1, agents=8, coupling=9.0, step_size=0.1)

        def share():
            run = noise.measured(one, SMALL, 0)
            found = Measured.of(run["distortion"].mean("step").values)
            return float(found.lower() / noise.distortion_bounds(one)["bound"])

        assert share() < 1.0
        monkeypatch.setattr(so, "QSGD", so.SingleAgentEASGD)
        assert share() > 1.0
