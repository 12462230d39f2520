"""Theorem 5.2 holds in simulation, exact values are met, and bugs are noticed."""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sdeopt import results
from sdeopt.experiments.measured import Measured
from sims.distances import easgd, qsgd
from sims.distances.measuring import measure_distances
from sims.shared import stationary
from sims.shared.setting import EasgdSetting, Setting
from sims.shared.verdicts import bound_holds, equal
from tests.experiments.quick_results import quick_result

SMALL = dataclasses.replace(
    easgd.QUICK,
    replicas=250,
    fewer_replicas=60,
    single_replicas=32,
    window=4.0,
    band=0.15,
    couplings=(1.0, 3.0),
    coupled_agents=(2,),
    quadratic_agents=(2, 8),
    agents=(1, 2, 8),
    step_sizes=(0.1, 1.0),
    dims=(1, 3),
)


@pytest.fixture(scope="module")
def small():
    return quick_result(easgd.experiment, SMALL)


def slow(quorum, mean, t):
    return 1.6 * (mean - quorum)


def failed(result):
    return [claim.claim for claim in easgd.claims(result) if not claim.holds]


@pytest.mark.statistical
def test_the_claims_hold(small):
    """Each is a test at level 0.001; the band of equality leaves 4 errors more."""
    assert failed(small) == []


def test_result_from_a_file_and_its_picture(small, tmp_path):
    results.save(small, tmp_path / "result.nc")
    loaded = results.load(tmp_path / "result.nc")
    assert str(easgd.claims(loaded)) == str(easgd.claims(small))
    assert len(easgd.experiment.draw(loaded).axes) == 9


@pytest.mark.parametrize(("p", "k"), [(1, 1.0), (8, 3.0)])
def test_the_bound_is_the_sum_of_its_terms(p, k):
    one = EasgdSetting("log-cosh", dim=3, agents=p, coupling=k, step_size=0.3)
    found = easgd.bounds(one)
    assert found["bound"] == pytest.approx(found["distortion_bound"] + found["noise_bound"])
    assert found["sharp"] <= found["bound"]
    assert (found["distortion_bound"] == 0) == (p == 1)


def test_without_a_metric_x_obeys_the_bound_of_qsgd():
    given = {"family": "log-cosh", "dim": 2, "agents": 8, "coupling": 3.0, "step_size": 0.1}
    mean, plain = easgd.bounds(EasgdSetting(**given))["free_mean"], qsgd.bounds(Setting(**given))
    assert mean == pytest.approx(plain["bound"])


@pytest.mark.parametrize("p", [2, 32])
def test_time_steps_are_fine_enough(p):
    for k in (0.3, 9.0):
        one = EasgdSetting("log-cosh", dim=1, agents=p, coupling=k, step_size=0.1)
        assert 0 <= one.bias() < 0.0025


class TestPlantedBugs:
    @pytest.mark.statistical
    def test_noise_too_large(self, monkeypatch):
        """Sixteen times the learning rate: four times as far, beyond the bound on quadratics."""
        as_it_is = stationary.so.simulate

        def loud(*given, step_size, **arguments):
            return as_it_is(*given, step_size=16 * step_size, **arguments)

        monkeypatch.setattr(stationary.so, "simulate", loud)
        bad = failed(easgd.simulate(SMALL))
        assert sum("Theorem 5.2 holds" in words for words in bad) >= 2
        assert any("x~ on quadratics" in words for words in bad)

    def exact(self, coupling):
        """Return which exact values are met, of all agents on a quadratic."""
        one = EasgdSetting("quadratic", dim=2, agents=8, coupling=coupling, step_size=0.1)
        found = measure_distances(
            [one],
            easgd.bounds,
            easgd.forget,
            window=lambda setting: 8.0,
            replicas=400,
            fewer_replicas=400,
            seed=7,
            statistics=("synchronization",),
        )
        names = ("position", "quorum", "spread")
        verdicts = {
            name: equal(name, Measured.read(found, name), found[f"exact_{name}"], 0.1).holds
            for name in names
        }
        bound = bound_holds("(51)", Measured.read(found, "distance"), found["bound"])
        return verdicts | {"bound": bound.holds}

    @pytest.mark.statistical
    def test_coupling_of_the_wrong_sign(self, monkeypatch):
        """Agents are pushed away from x~, by less than l, so that they do not blow up."""
        pushed = so.ArbitraryQuorum(-0.3, slow)
        assert all(self.exact(0.3).values())
        monkeypatch.setattr(so, "EASGD", lambda coupling: pushed)
        assert not self.exact(0.3)["spread"]

    @pytest.mark.statistical
    def test_a_quorum_variable_that_lags(self, monkeypatch):
        """A filter fifteen times too slow: x~ is too calm to be exact, though no bound is broken by it.

        Without a metric the bound holds for a filter of any rate, so it is the exact values that
        must notice.
        """
        lagging = so.ArbitraryQuorum(3.0, slow)
        monkeypatch.setattr(so, "EASGD", lambda coupling: lagging)
        found = self.exact(3.0)
        assert not found["quorum"]
        assert found["bound"]
        assert found["spread"]

    def test_a_mean_with_the_noise_of_one_agent(self, small):
        root = np.sqrt(small["agents"])
        bad = failed(
            small.assign(
                distance=small["distance"] * root, distance_error=small["distance_error"] * root
            )
        )
        assert any("without a metric, as for QSGD" in words for words in bad)
