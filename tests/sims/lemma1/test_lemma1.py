"""Algorithm 1 by the engine and by a loop, one round by hand, the gradient of two layers."""

import numpy as np
import pytest

import sdeopt as so
from sims.lemma1.measuring import STEP_SIZE, Rounds, _step, own_data, shared_data


class TestRounds:
    @pytest.mark.parametrize("learners", [1, 3])
    def test_engine_and_loop_agree_on_one_noise(self, learners):
        rounds = shared_data(learners, rounds=7, period=3)
        draws = np.random.default_rng(1).normal(size=(7, 5, learners, 3))
        law = so.noise.Uniform(0.5, enters="weights")
        found = rounds.simulated(law, 5, 1, draws)
        np.testing.assert_allclose(found, rounds.iterated(draws), atol=1e-12)

    def test_without_noise(self):
        rounds = own_data(learners=3, rounds=7, period=3)
        found = rounds.iterated(np.zeros((7, 2, 3, 3)))
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

    of_first, of_last = _step(first[None], last[None], x, y)
    change = 1e-6 * np.eye(3)[1]
    slope = (loss(first, last + change) - loss(first, last - change)) / 2e-6
    assert of_last[0, 1] == pytest.approx(-STEP_SIZE * slope, rel=1e-6)
    change = np.zeros((3, 2))
    change[2, 1] = 1e-6
    slope = (loss(first + change, last) - loss(first - change, last)) / 2e-6
    assert of_first[0, 2, 1] == pytest.approx(-STEP_SIZE * slope, rel=1e-6)


def test_noise_is_divided_by_the_number_of_the_synchronization_round():
    levels = own_data(learners=2, rounds=7, period=3).levels
    assert levels.tolist() == [1, 1, 1, 1 / 2, 1 / 2, 1 / 2, 1 / 3]
