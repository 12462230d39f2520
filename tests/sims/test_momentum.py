"""Theorem 5.3 holds in simulation, exact values are met, and bugs are noticed."""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sdeopt import results
from sdeopt.experiments.measured import Measured
from sims.distances import momentum
from sims.distances.measuring import measure_distances
from sims.distances.metric import best_shift, metric
from sims.shared import stationary
from sims.shared.setting import MomentumSetting
from sims.shared.verdicts import equal
from tests.experiments.quick_results import quick_result

SMALL = dataclasses.replace(
    momentum.QUICK,
    replicas=250,
    fewer_replicas=60,
    single_replicas=32,
    window=3.0,
    band=0.15,
    couplings=(1.5, 9.0),
    coupled_agents=(2,),
    quadratic_agents=(2, 8),
    agents=(1, 2, 8),
    dampings=(2.5,),
    step_sizes=(0.1, 1.0),
    dims=(1, 3),
)
GIVEN = {"damping": 2.0, "strong_convexity": 1.0, "smoothness": 4.0}


@pytest.fixture(scope="module")
def small():
    return quick_result(momentum.experiment, SMALL)


def failed(result):
    return [claim.claim for claim in momentum.claims(result) if not claim.holds]


@pytest.mark.statistical
def test_the_claims_hold(small):
    """Each is a test at level 0.001; the band of equality leaves 4 errors more."""
    assert failed(small) == []


def test_result_from_a_file_and_its_picture(small, tmp_path):
    results.save(small, tmp_path / "result.nc")
    loaded = results.load(tmp_path / "result.nc")
    assert str(momentum.claims(loaded)) == str(momentum.claims(small))
    assert len(momentum.experiment.draw(loaded).axes) == 9


def test_bounds_are_ordered_and_sums_of_their_terms():
    one = MomentumSetting("log-cosh", dim=3, agents=8, coupling=3.0, step_size=0.3)
    found = momentum.bounds(one)
    assert found["bound"] == pytest.approx(found["distortion_bound"] + found["noise_bound"])
    assert found["sharp"] <= found["tight"] <= found["bound"]


def test_no_other_shift_does_better():
    """On a grid of β the least bound is that of the chosen one."""
    felt, level = 0.3, 0.02

    def bound(constants):
        noise = np.sqrt(level / (constants["rate"] * constants["metric_floor"]))
        return constants["metric_condition"] * felt / constants["rate"] + noise

    others = bound(metric(np.linspace(0.2, 1.8, 33), **GIVEN))
    assert bound(best_shift(felt, level, **GIVEN)) <= others.min() * (1 + 1e-4)


@pytest.mark.statistical
def test_velocities_are_averages_over_a_step():
    """Null: E‖x-move/dt‖² is its exact value and E‖v•‖² that of an instant; within 4 errors."""
    one = MomentumSetting("quadratic", dim=2, agents=4, coupling=3.0, step_size=0.2)
    run = stationary.measure(
        one, statistics=(), spread=0.05, forget=15.0, window=4.0, replicas=1500, seed=5, looks=2
    )
    speeds = (run["state"].sel(part="velocity") ** 2).sum("dim").mean("step")
    found = Measured.of(speeds.values)
    seen, moments = one.seen(), one.moments()
    averaged = np.trace(seen[2:, 2:])
    assert abs(found.value - averaged) < 4 * found.error
    share = 1 - averaged / float(moments.mean_velocity)
    assert 0.8 * 2.0 * one.dt() / 3 < share < 1.2 * 2.0 * one.dt() / 3
    assert one.bias() > share


class TestPlantedBugs:
    @pytest.mark.statistical
    def test_noise_too_large(self, monkeypatch):
        """Twenty-five times the learning rate: five times as far, beyond the bound on quadratics."""
        as_it_is = stationary.so.simulate

        def loud(*given, step_size, **arguments):
            return as_it_is(*given, step_size=25 * step_size, **arguments)

        monkeypatch.setattr(stationary.so, "simulate", loud)
        bad = failed(momentum.simulate(SMALL))
        assert any("Theorem 5.3 holds for quadratics" in words for words in bad)
        assert any("mean speed" in words for words in bad)

    @pytest.mark.statistical
    def test_coupling_of_the_wrong_sign(self, monkeypatch):
        """Agents are pushed apart, gently: what one push does the damping undoes."""
        true = so.ContinuousMomentum
        monkeypatch.setattr(so, "ContinuousMomentum", lambda coupling, damping: true(-0.3, damping))
        bad = failed(momentum.simulate(SMALL))
        assert any("spread of the agents on quadratics" in words for words in bad)

    @pytest.mark.statistical
    def test_damping_left_out(self, monkeypatch):
        """A tenth of the damping: ten times the energy."""
        true = so.ContinuousMomentum
        monkeypatch.setattr(
            so, "ContinuousMomentum", lambda coupling, damping: true(coupling, damping / 10)
        )
        bad = failed(momentum.simulate(SMALL))
        assert any("mean speed" in words for words in bad)

    @pytest.mark.statistical
    def test_a_quorum_variable_that_lags(self, monkeypatch):
        """Positions are pulled to x~ in place of x•, so the mean is pulled too, and is too calm."""
        one = MomentumSetting("quadratic", dim=2, agents=2, coupling=9.0, step_size=0.1)

        def claim():
            found = measure_distances(
                [one],
                momentum.bounds,
                momentum.forget,
                window=lambda setting: 8.0,
                replicas=400,
                fewer_replicas=400,
                seed=7,
            )
            return equal("exact", Measured.read(found, "square"), found["exact_square"], 0.15)

        assert claim().holds
        true = so.ContinuousMomentum
        monkeypatch.setattr(
            so,
            "ContinuousMomentum",
            lambda coupling, damping: true(coupling, damping, quorum="filter"),
        )
        assert not claim().holds
