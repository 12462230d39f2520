"""The loop over examples by which `lemma1` gives learners batches of their own, for all outcomes."""

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings

from sims.lemma1.measuring import Rounds
from tests.weight_noise import trainings

BOTH = {"mean": True, "covariance": True}


def by_loop(training, late=0):
    """Return the models (outcome, learner, dim) of all outcomes, in fractions."""
    chances, noises = training.outcomes()
    levels = np.array(training.levels, dtype=object)
    rounds = Rounds(
        training.x, training.y, training.rate, training.period + late, training.start, levels
    )
    return chances, rounds.iterated(np.moveaxis(noises, 0, 1))[-1]


@settings(max_examples=25)
@given(trainings(biased=True, largest=64))
def test_all_outcomes_together_have_the_mean_and_covariance_of_the_lemma(training):
    assert training.obeyed(*by_loop(training)) == BOTH


@pytest.mark.parametrize("wrong", BOTH)
def test_a_late_average_is_found(wrong):
    """Planted: models are averaged a round late."""
    sought = settings(max_examples=100, phases=[Phase.generate], derandomize=True)
    found = find(
        trainings(largest=64),
        lambda training: not training.obeyed(*by_loop(training, late=1))[wrong],
        settings=sought,
    )
    assert found.obeyed(*by_loop(found)) == BOTH
