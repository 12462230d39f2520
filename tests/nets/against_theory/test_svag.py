"""SVAG's gradient has the mean of SGD's and l times its covariance; with l = 1 it is SGD."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from nets.against_theory import sgd_noise as svag
from nets.against_theory.landscape import Draws, subject_of
from tests.nets.against_theory.small_setting import SMALL

AGENTS, BATCH = 400, 8


@pytest.fixture(scope="module")
def subject():
    return subject_of(SMALL)


def noise(subject, parts, criterion=None):
    """Return how far combined gradients are from the gradient: squared, and along the gradient."""
    ensemble, landscape = subject.ensemble(AGENTS), subject.landscape()
    gradient = landscape.gradients(landscape.points(ensemble.weights)[:1])
    draws = Draws(subject.data.train, np.random.default_rng(5))
    inputs, targets = draws.batches(AGENTS, BATCH if parts == 1 else 2 * BATCH)
    ensemble.backward(criterion or svag.combined_loss(parts, BATCH), inputs, targets)
    away = landscape.points(ensemble.gradients) - gradient
    return away.square().sum(1).numpy(), (away @ gradient[0]).numpy()


@pytest.mark.parametrize("parts", [1, 2, 3, 16])
def test_the_weights(parts):
    first, second = svag.combined_weights(parts)
    assert first + second == pytest.approx(1)
    assert first**2 + second**2 == pytest.approx(parts)


def off(combined, own, parts):
    """Return by how many standard errors the noise is not l times that of SGD."""
    error = np.hypot(parts * own.std(), combined.std()) / np.sqrt(AGENTS)
    return abs(combined.mean() - parts * own.mean()) / error


@pytest.mark.statistical
@pytest.mark.parametrize("parts", [2, 4])
def test_mean_and_noise_of_the_gradient(subject, parts):
    """Null: E‖noise‖² is l times that of SGD, and the noise has mean 0. 5 errors of 400 draws."""
    own, _ = noise(subject, 1)
    combined, along = noise(subject, parts)
    assert off(combined, own, parts) < 5
    assert abs(along.mean()) < 5 * along.std() / np.sqrt(AGENTS)


@pytest.mark.statistical
def test_other_combinations_are_noticed(subject):
    """The nulls above, for weights ½ and ½, which halve the noise, and for 2r₁ and 2r₂."""
    own, _ = noise(subject, 1)
    average, _ = noise(subject, 2, torch.nn.functional.cross_entropy)
    assert off(average, own, 2) > 5
    once = svag.combined_loss(2, BATCH)
    _, along = noise(subject, 2, lambda outputs, targets: 2 * once(outputs, targets))
    assert abs(along.mean()) > 5 * along.std() / np.sqrt(AGENTS)


def test_one_part_is_plain_sgd(subject):
    run = {"rate": 0.1, "steps": 3, "batch": BATCH, "replicas": 2, "seed": (1, 2)}
    found = svag.matched_time(subject, parts=1, **run)
    ensemble, landscape = subject.ensemble(2), subject.landscape()
    optimizer = torch.optim.SGD(ensemble.groups(), lr=0.1)
    draws = Draws(subject.data.train, np.random.default_rng((1, 2)))
    for _ in range(3):
        batches = draws.batches(2, BATCH)
        ensemble.backward(torch.nn.functional.cross_entropy, *batches)
        optimizer.step()
    losses = landscape.losses(landscape.points(ensemble.weights))
    np.testing.assert_allclose(found["loss"], losses.numpy())
