"""Algorithm 1 of Adilova et al. (2018) by the trainer: the law of linear models under weight noise.

A network has one linear model for each outcome of the noise, as rows of one layer: they do not know of
each other, and autograd takes the gradients of all at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

import sdeopt as so
from nets import Ensemble, Trainer, WeightNoise
from nets.couplings import PeriodicAveraging
from nets.data import AgentBatches, DataSet
from nets.optimizers.noise_streams import NoiseStreams
from nets.training import Measurement
from tests.weight_noise import Training, isotropic, least_chance, trainings, without_noise_in

BOTH = {"mean": True, "covariance": True}
DUE = {
    "step": lambda number, period: True,
    "initialization": lambda number, period: number == 0,
    "synchronization": lambda number, period: number % period == 0,
}
"""Whether a round has noise, by the name that `WeightNoise` has for it."""


def squared_loss(outputs, targets):
    """Return ½ Σ (⟨w, x⟩ − y)² of every model, summed: their gradients do not mix."""
    return 0.5 * (outputs - targets[:, None]).square().sum()


def batches_of(training: Training) -> tuple[DataSet, AgentBatches]:
    """Return the drawn batches as a data set, in whose epoch every learner meets its own, in order."""
    rounds, learners, batch, size = training.x.shape
    count = rounds * learners * batch
    inputs, targets = torch.zeros(count, size).double(), torch.zeros(count).double()
    data = DataSet("drawn", inputs, targets, (count, 0, 0), 1, "drawn")
    batches = AgentBatches(data, learners, batch, seed=4, share=rounds * batch)
    batches.part.inputs[:, 0] = torch.arange(count)
    rows = np.array([batches.at(0, number)[0][..., 0].long().numpy() for number in range(rounds)])
    inputs[rows.reshape(-1)] = torch.tensor(training.x.astype(float)).reshape(-1, size)
    targets[rows.reshape(-1)] = torch.tensor(training.y.astype(float)).reshape(-1)
    return data, batches


def trained(training: Training, copies: int, law, when="step", seed=0, way="loop") -> np.ndarray:
    """Return the models (copy, learner, dim) after an epoch, in which every round has its batch."""
    data, batches = batches_of(training)
    ensemble = Ensemble(
        lambda: torch.nn.Linear(training.dim, copies, bias=False, dtype=torch.float64),
        training.learners,
        seed=0,
        way=way,
    )
    weight = ensemble.weights["weight"]
    weight.copy_(torch.tensor(training.start.astype(float))[:, None].expand_as(weight))
    period = training.period if when == "synchronization" else None
    sgd = torch.optim.SGD(ensemble.groups(), lr=float(training.rate))
    trainer = Trainer(
        ensemble,
        WeightNoise(sgd, law, when=when, period=period, seed=seed),
        PeriodicAveraging(training.period),
        batches,
        squared_loss,
        data,
        measurement=Measurement(agent_parts=(), centre_parts=()),
        progress=False,
    )
    trainer.run(epochs=1)
    return weight.detach().swapaxes(0, 1).numpy()


@contextmanager
def drawing(values: Iterator[np.ndarray]) -> Iterator[None]:
    """Let the streams of the noise, which draw from U(−1, 1), draw given values instead."""
    usual = torch.Tensor.uniform_

    def given_values(self, low=0.0, high=1.0, *, generator=None):
        if generator is None:
            return usual(self, low, high)
        assert (low, high) == (-1.0, 1.0)
        return self.copy_(torch.tensor(next(values).astype(float)).reshape(self.shape))

    with mock.patch.object(torch.Tensor, "uniform_", given_values):
        yield


def levels_of(training: Training) -> so.schedules.Schedule:
    return so.schedules.Grid(range(training.rounds), [float(level) for level in training.levels])


def by_trainer(training: Training, when="step", way="loop"):
    """Return the models (outcome, learner, dim) of all outcomes of the noise."""
    chances, noises = training.outcomes()
    due = [number for number in range(training.rounds) if DUE[when](number, training.period)]
    values = (noises[:, n, i] for n in due for i in range(training.learners))
    law = so.noise.Uniform(1.0, level=levels_of(training), enters="weights")
    with drawing(values):
        models = trained(training, len(chances), law, when, way=way)
    assert next(values, None) is None
    return chances, models


def noisy_when_due(training: Training, when: str) -> Training:
    quiet = [n for n in range(training.rounds) if not DUE[when](n, training.period)]
    return without_noise_in(training, quiet)


@settings(max_examples=40)
@given(trainings(biased=True), st.sampled_from(list(DUE)), st.sampled_from(["loop", "batched"]))
def test_every_outcome_together_has_the_mean_and_covariance_of_the_lemma(training, when, way):
    """Lemma 1 (one learner) and Corollary 1 (several), exactly; noise with a mean moves by its mean."""
    assert noisy_when_due(training, when).obeyed(*by_trainer(training, when, way)) == BOTH


PLANTED = {
    "never averaged": (PeriodicAveraging, "averages", lambda self, step: False),
    "averaged a round early": (
        PeriodicAveraging,
        "averages",
        lambda self, step: step % self.period == 0,
    ),
    "a level that does not change": (NoiseStreams, "level", lambda self, time: 1.0),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found(name):
    def is_found(training):
        with mock.patch.object(*PLANTED[name]):
            return training.obeyed(*by_trainer(training)) != BOTH

    sought = settings(max_examples=200, phases=[Phase.generate], derandomize=True)
    found = find(trainings(), is_found, settings=sought)
    assert found.obeyed(*by_trainer(found)) == BOTH


LAWS = [
    so.noise.Uniform(0.5, enters="weights"),
    so.noise.Uniform(1.5, enters="weights"),
    so.noise.Gaussian(0.3, enters="weights"),
]


@pytest.mark.statistical
@settings(max_examples=20, derandomize=True)
@given(trainings(), st.sampled_from(LAWS), st.sampled_from(list(DUE)), st.integers(0, 2**32))
def test_drawn_noise_gives_the_mean_and_covariance_of_the_lemma(training, law, when, seed):
    """Null: every entry is that of the recursion; 20 tests at 10⁻⁴ each, all their entries together.

    Planted: a law of 1.1 times the width.
    """
    drawn = replace(law, level=levels_of(training))
    models = trained(training, 20_000, drawn, when, seed=seed)
    noisy = noisy_when_due(training, when)
    assert least_chance(isotropic(noisy, law.variance), models) > 1e-4
    if isotropic(noisy, 1.0).covariance().any():
        assert least_chance(isotropic(noisy, 1.21 * law.variance), models) < 1e-4
