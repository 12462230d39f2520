"""Algorithm 1 of Adilova et al. (2018) by the engine: the law of linear models under weight noise."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

import sdeopt as so
from tests.weight_noise import Training, isotropic, least_chance, trainings

BOTH = {"mean": True, "covariance": True}


def by_engine(training: Training, *, shift=0, draws=None, levels=list):
    """Return the models (outcome, learner, dim) of all outcomes, each a replica of one run.

    The engine knows one loss for all agents, so batches change from one averaging to the next.
    """
    chances, noises = training.outcomes()
    noises = (noises if draws is None else draws(noises)).astype(float)
    models = np.repeat(training.start[None].astype(float), len(chances), axis=0)
    heights = levels(float(level) for level in training.levels)
    for first in range(0, training.rounds, training.period):
        rounds = slice(first, first + training.period)
        increments = np.moveaxis(noises[:, rounds], 0, 1)
        level = so.schedules.Grid(range(len(increments)), heights[rounds])
        models = block(
            training, first, models, shift=shift, increments=increments,
            noise=so.noise.Gaussian(1.0, level=level, enters="weights"),
        )  # fmt: skip
    return chances, models


def block(training, first, models, shift=0, **settings):
    """Run the rounds up to the next averaging, on copies (replica, learner, dim) of the models."""
    x = training.x[first, 0].astype(float)
    run = so.simulate(
        so.losses.LeastSquares(x, training.y[first, 0].astype(float)),
        so.PeriodicAveraging(training.period + shift),
        steps=min(training.period, training.rounds - first),
        # the loss is a mean over the examples
        step_size=float(training.rate) * len(x),
        start=so.start.Point(models),
        agents=training.learners,
        replicas=len(models),
        progress=False,
        **settings,
    )
    return run["agents"].transpose("replica", "agent", "dim").values


@settings(max_examples=50)
@given(trainings(common=True))
def test_every_outcome_together_has_the_mean_and_covariance_of_the_lemma(training):
    """Lemma 1 (one learner) and Corollary 1 (several, averaged with any period), exactly."""
    plain = by_engine(training, draws=np.zeros_like)[1][0]
    assert (plain == training.expected()).all()
    assert training.obeyed(*by_engine(training)) == BOTH


@settings(max_examples=20)
@given(trainings(common=True, biased=True))
def test_noise_with_a_mean_moves_models_as_its_mean_does(training):
    assert training.obeyed(*by_engine(training)) == BOTH


def one_for_all(noises):
    return np.repeat(noises[:, :, :1], noises.shape[2], axis=2)


PLANTED = {
    "levels in reverse": ({"levels": lambda levels: list(levels)[::-1]}, "covariance"),
    "averaged a round late": ({"shift": 1}, "covariance"),
    "learners share their noise": ({"draws": one_for_all}, "covariance"),
    "noise of one sign": ({"draws": np.abs}, "mean"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found(name):
    wrong, noticed = PLANTED[name]
    found = find(
        trainings(common=True),
        lambda training: not training.obeyed(*by_engine(training, **wrong))[noticed],
        settings=settings(max_examples=200, phases=[Phase.generate], derandomize=True),
    )
    assert found.obeyed(*by_engine(found)) == BOTH


LAWS = [
    so.noise.Uniform(0.5, enters="weights"),
    so.noise.Uniform(1.5, enters="weights"),
    so.noise.Gaussian(0.3, enters="weights"),
]
REPLICAS = 20_000


def sampled(training, law, seed):
    models = np.repeat(training.start[None].astype(float), REPLICAS, axis=0)
    heights = [float(level) for level in training.levels]
    for first in range(0, training.rounds, training.period):
        inside = heights[first : first + training.period]
        level = so.schedules.Grid(range(len(inside)), inside)
        models = block(training, first, models, noise=replace(law, level=level), seed=seed + first)
    return models


@pytest.mark.statistical
@settings(max_examples=20, derandomize=True)
@given(trainings(common=True), st.sampled_from(LAWS), st.integers(0, 2**32))
def test_drawn_noise_gives_the_mean_and_covariance_of_the_lemma(training, law, seed):
    """Null: every entry is that of the recursion; 20 tests at 10⁻⁴ each, all their entries together.

    Planted: a law of 1.1 times the width.
    """
    models = sampled(training, law, seed)
    assert least_chance(isotropic(training, law.variance), models) > 1e-4
    if isotropic(training, 1.0).covariance().any():
        assert least_chance(isotropic(training, 1.21 * law.variance), models) < 1e-4
