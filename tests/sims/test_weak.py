"""Weak errors have the slopes of eqs. (1) and (2), and wrong models have others."""

import dataclasses

import numpy as np
import pytest

from sdeopt import results
from sims.weak import experiment as weak
from sims.weak import measuring as weak_paths
from sims.weak.measuring import Weak, model, weak_errors
from tests.experiments.quick_results import quick_result

SMALL = dataclasses.replace(
    weak.QUICK,
    pairs=1500,
    refinement=4,
    step_sizes=(1 / 16, 1 / 32, 1 / 64),
    replicas=8_000,
    band=0.35,
    moment_band=0.05,
)


@pytest.fixture(scope="module")
def small():
    return quick_result(weak.experiment, SMALL)


def failed(result):
    return [claim.claim for claim in weak.claims(result) if not claim.holds]


@pytest.mark.statistical
def test_the_claims_hold(small):
    """Each is a test at level 0.001; a slope errs by 0.06 at most, the band leaves 2 more."""
    assert failed(small) == []


def test_result_from_a_file_and_its_picture(small, tmp_path):
    results.save(small, tmp_path / "result.nc")
    loaded = results.load(tmp_path / "result.nc")
    assert str(weak.claims(loaded)) == str(weak.claims(small))
    assert len(weak.experiment.draw(loaded).axes) == 4


@pytest.mark.parametrize("e", [0.0, 0.25])
def test_the_added_drift_is_the_derivative_of_the_added_loss(e):
    """In x; the second coordinate rests."""
    h = 1e-6
    slope = (weak_paths.value([0.7 + h, e]) - weak_paths.value([0.7 - h, e])) / (2 * h)
    found = weak_paths.bowl().gradient([0.7, e])
    assert found[0] == pytest.approx(slope, rel=1e-8)
    assert found[1] == 0.0


@pytest.mark.statistical
def test_sgd_hears_the_path_of_the_sde():
    """Null: one noise for both. With another, differences would be of the size of the noise."""
    found, variance, _ = weak_errors(1 / 64, Weak(pairs=200, refinement=4, deviation=1.0, seed=2))
    assert found["order 2", "mean"].std() < 0.02 * np.sqrt(variance)


class TestMinibatches:
    @pytest.mark.parametrize("eta", [0.25, 0.01])
    def test_moments_of_one_step_by_enumeration(self, eta):
        """All 256 batches of two out of sixteen examples."""
        linear = model()
        a, y, x = linear.features, linear.targets, linear.start
        slopes = a * (a * x - y)
        after = x - eta * (slopes[:, None] + slopes[None, :]) / 2
        found = linear.moments("SGD", eta, eta)
        np.testing.assert_allclose(found, [after.mean(), (after**2).mean()])

    def test_the_models_start_where_sgd_does(self):
        linear = model()
        for name in ("order 1", "order 2"):
            found = linear.moments(name, 0.1, 0.0)
            np.testing.assert_allclose(found, [linear.start, linear.start**2])


class TestControls:
    @pytest.mark.statistical
    def test_added_drift_of_the_wrong_sign(self, monkeypatch):
        """Planted: f − (η/4) f′² for eq. (1), which then is of order 1."""
        as_it_is = weak_paths._end

        def turned(path, added, step_size, how):
            return as_it_is(path, -added, step_size, how)

        monkeypatch.setattr(weak_paths, "_end", turned)
        bad = failed(weak.simulate(SMALL))
        assert any("eq. (1) in E x " in words for words in bad)
        assert any("eq. (1) in E exp" in words for words in bad)

    @pytest.mark.statistical
    def test_noise_of_half_the_size(self, monkeypatch):
        """Planted: the SDE hears half the noise: E x is as good as before, the variance is not."""
        as_it_is = weak_paths.Increments.coarsen

        def louder(self, factor):
            found = as_it_is(self, factor)
            return weak_paths.Increments(2 * found.values, found.areas, found.dt)

        monkeypatch.setattr(weak_paths.Increments, "coarsen", louder)
        bad = failed(weak.simulate(SMALL))
        assert any("noise is tested by the variance" in words for words in bad)
        assert not any("eq. (2) in E x " in words for words in bad)
        assert any("eq. (1) in Var x" in words for words in bad)

    def test_a_model_without_its_added_drift(self, small):
        """Planted: eq. (2) given out as eq. (1), with minibatches."""
        wrong = small["exact_error"].copy()
        wrong.loc["order 2"] = wrong.loc["order 1"]
        bad = failed(small.assign(exact_error=wrong))
        assert sum("exact error of eq. (1)" in words for words in bad) == 2
