"""Time averages have the law of Lemma 5.5 in simulation, and what should break it does."""

import dataclasses

import numpy as np
import pytest

from sdeopt import results
from sims.average import experiment as average
from sims.average.measuring import Averaging, System, ends, time_averages
from tests.experiments.quick_results import quick_result

SMALL = dataclasses.replace(
    average.QUICK,
    replicas=400,
    windows=4,
    window=20.0,
    band=0.25,
    couplings=(0.0, 3.0),
    agents=(1, 4),
    strong_couplings=(0.0, 30.0),
)


@pytest.fixture(scope="module")
def small():
    return quick_result(average.experiment, SMALL)


def failed(result):
    return [claim.claim for claim in average.claims(result) if not claim.holds]


@pytest.mark.statistical
def test_the_claims_hold(small):
    """Each is a test at level 0.001; √2/√1600 = 3.5%, so the band of equality leaves 4 errors more."""
    assert failed(small) == []


def test_result_from_a_file_and_its_picture(small, tmp_path):
    results.save(small, tmp_path / "result.nc")
    loaded = results.load(tmp_path / "result.nc")
    assert str(average.claims(loaded)) == str(average.claims(small))
    assert len(average.experiment.draw(loaded).axes) == 4


def test_ends_of_a_window_in_one_dimension():
    """−(1 − e^{−ht})/(h³t) without e^{−ht}, for steps of no size."""
    found = ends(np.array([[2.0]]), np.eye(1), time=30.0, dt=1e-8)
    assert found[0, 0] == pytest.approx(-1 / (8 * 30.0), rel=1e-6)


@pytest.mark.statistical
def test_ends_of_a_short_window():
    """Null: a window of 8/(slowest rate), whose ends take 12% off, by steps with a·dt = 0.8."""
    system = System(np.diag([1.0, 3.0]), np.array([[1.0, 0.4], [0.4, 0.5]]))
    run = time_averages(system, Averaging(20_000, 1, 8.0, seed=3))
    inverse = np.linalg.inv(system.drift)
    exact = inverse @ system.covariance @ inverse
    exact += ends(system.drift, system.covariance, run.time, run.dt)
    z = run.values[:, 0]
    found = run.time * z.T @ z / len(z)
    error = np.sqrt(2 / len(z)) * np.sqrt(np.outer(np.diag(exact), np.diag(exact)))
    assert (np.abs(found - exact) < 4 * error).all()
    assert found[0, 0] < 0.92  # the limit is 1


def test_the_closed_form_does_not_commute():
    plain = average._system("", 1, 0.0)
    crossed = plain.drift @ plain.covariance - plain.covariance @ plain.drift
    assert np.abs(crossed).max() > 0.1


@pytest.mark.parametrize("name", average.PRECONDITIONED)
def test_preconditioners_leave_the_closed_form(name):
    system = average._system(name, 1, 0.0)
    inverse = np.linalg.inv(system.drift)
    np.testing.assert_allclose(inverse @ system.covariance @ inverse.T, average._closed_form())
    assert np.linalg.eigvalsh(system.drift)[0] > 0


class TestControls:
    @pytest.mark.statistical
    def test_half_the_closed_form(self, small):
        bad = failed(small.assign(variance=2 * small["variance"]))
        assert sum("in three directions" in words for words in bad) == 3

    @pytest.mark.statistical
    def test_noise_that_is_not_preconditioned(self, monkeypatch):
        """Planted: P in the drift alone."""
        as_it_is = average._system

        def half(name, agents, coupling):
            system = as_it_is(name, agents, coupling)
            return dataclasses.replace(system, covariance=as_it_is("", 1, 0.0).covariance)

        monkeypatch.setattr(average, "_system", half)
        bad = failed(average.simulate(dataclasses.replace(SMALL, agents=(1,))))
        assert any("one preconditioner for all" in words for words in bad)

    @pytest.mark.statistical
    def test_like_preconditioners_break_nothing(self, monkeypatch):
        """Planted: the agents of the last part have one preconditioner, so nothing is broken."""
        as_it_is = average.unlike

        def alike(curvature, deviation, preconditioners, coupling):
            same = np.full_like(preconditioners, preconditioners.mean())
            return as_it_is(curvature, deviation, same, coupling)

        monkeypatch.setattr(average, "unlike", alike)
        bad = failed(
            average.simulate(dataclasses.replace(SMALL, agents=(1,), couplings=(0.0, 1.0)))
        )
        assert any("break it where agents are coupled" in words for words in bad)
