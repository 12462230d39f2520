"""Lemma 1 and the recursion of the covariance hold in simulation; wrong noise breaks them."""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sdeopt import results
from sims.lemma1 import experiment as lemma1
from sims.lemma1 import measuring as lemma1_network
from sims.lemma1.measuring import Rounds, own_data, shared_data
from tests.experiments.quick_results import quick_result

SMALL = dataclasses.replace(
    lemma1.QUICK, replicas=4_000, pairs=20_000, rounds=7, period=3, mean_band=0.15, band=0.12
)


@pytest.fixture(scope="module")
def small():
    return quick_result(lemma1.experiment, SMALL)


def failed(result):
    return [claim.claim for claim in lemma1.claims(result) if not claim.holds]


@pytest.mark.statistical
def test_the_claims_hold(small):
    """Each is a test at level 0.001; the bands leave 5 standard errors more."""
    assert failed(small) == []


def test_result_from_a_file_and_its_picture(small, tmp_path):
    results.save(small, tmp_path / "result.nc")
    loaded = results.load(tmp_path / "result.nc")
    assert str(lemma1.claims(loaded)) == str(lemma1.claims(small))
    assert len(lemma1.experiment.draw(loaded).axes) == 4


class TestRounds:
    @pytest.mark.parametrize("learners", [1, 3])
    def test_engine_and_loop_agree_on_one_noise(self, learners):
        rounds = shared_data(learners, rounds=7, period=3)
        draws = np.random.default_rng(1).normal(size=(7, 5, learners, 3))
        law = so.noise.Uniform(0.5, enters="weights")
        found = rounds.simulated(law, 5, 1, draws)
        np.testing.assert_allclose(found, rounds.followed(draws), atol=1e-12)

    def test_without_noise(self):
        rounds = own_data(learners=3, rounds=7, period=3)
        found = rounds.followed(np.zeros((7, 2, 3, 3)))
        np.testing.assert_allclose(found[:, 0].reshape(8, -1), rounds.expected(), atol=1e-12)

    def test_one_round_by_hand(self):
        """f' = f − η x (⟨f + ψ, x⟩ − y) + ψ, for one example: variances (1 − η)² and 1."""
        x = np.array([[[[1.0, 0.0]]]])
        rounds = Rounds(x, np.array([[[3.0]]]), 0.25, 5, 1.0, np.array([2.0]))
        np.testing.assert_allclose(rounds.expected()[1], [1.5, 1.0])
        np.testing.assert_allclose(rounds.covariance(0.1)[1], np.diag([0.5625, 1.0]) * 0.4)
        shifted = rounds.expected(bias=0.5) - rounds.expected()
        np.testing.assert_allclose(shifted[1], [0.75, 1.0])

    def test_averaging_shares_the_scatter(self):
        covariance = shared_data(learners=4, rounds=3, period=3).covariance(1.0)[3]
        alone = shared_data(learners=1, rounds=3, period=3).covariance(1.0)[3]
        np.testing.assert_allclose(covariance, np.tile(alone / 4, (4, 4)), atol=1e-12)


def test_gradient_of_two_layers():
    """Against finite differences of the loss."""
    random = np.random.default_rng(2)
    first, last = random.normal(size=(3, 2)), random.normal(size=3)
    x, y = random.normal(size=(5, 2)), random.normal(size=5)

    def loss(u, w):
        return 0.5 * ((x @ u.T @ w - y) ** 2).sum()

    of_first, of_last = lemma1_network._step(first[None], last[None], x, y)
    change = 1e-6 * np.eye(3)[1]
    slope = (loss(first, last + change) - loss(first, last - change)) / 2e-6
    assert of_last[0, 1] == pytest.approx(-lemma1_network.STEP_SIZE * slope, rel=1e-6)
    change = np.zeros((3, 2))
    change[2, 1] = 1e-6
    slope = (loss(first + change, last) - loss(first - change, last)) / 2e-6
    assert of_first[0, 2, 1] == pytest.approx(-lemma1_network.STEP_SIZE * slope, rel=1e-6)


class TestControls:
    @pytest.mark.statistical
    def test_models_with_the_noise_of_a_round_still_on_them(self, monkeypatch):
        """Planted: noise is on the models when they are looked at, so the scatter is too large."""
        as_it_is = Rounds.followed

        def noisy(self, draws):
            models = as_it_is(self, draws)
            models[1:] += self.levels[:, None, None, None] * draws[::-1]
            return models

        monkeypatch.setattr(Rounds, "followed", noisy)
        bad = failed(lemma1.simulate(SMALL))
        assert any("own, averaged now and then: the variances" in words for words in bad)

    @pytest.mark.statistical
    def test_noise_with_a_mean(self, monkeypatch):
        """Planted: a tenth of a deviation for a mean, in batches of the learners' own."""
        as_it_is = Rounds.followed

        def pushed(self, draws):
            return as_it_is(self, draws + 0.1 * draws.std())

        monkeypatch.setattr(Rounds, "followed", pushed)
        bad = failed(lemma1.simulate(SMALL))
        assert sum("own, averaged now and then, " in words for words in bad) == 2

    @pytest.mark.statistical
    def test_learners_that_share_their_noise(self, monkeypatch):
        """Planted: averaging takes no noise away then."""
        as_it_is = Rounds.followed

        def shared(self, draws):
            return as_it_is(self, np.broadcast_to(draws[:, :, :1], draws.shape))

        monkeypatch.setattr(Rounds, "followed", shared)
        bad = failed(lemma1.simulate(SMALL))
        assert any("own, averaged now and then: the variances" in words for words in bad)

    @pytest.mark.statistical
    def test_half_the_drift_of_two_layers(self, small):
        bad = failed(small.assign(drift=2 * small["drift"]))
        assert any("two layers" in words for words in bad)
