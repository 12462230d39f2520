"""What is proved of linear networks, as formulas: against direct iteration and direct expectation."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from nets.noise_injection import linear_theory
from nets.noise_injection.learning import data_of

DATA = data_of("digit_parity", True, False)


def test_moments_of_the_first_layer_without_noise_are_the_training():
    """With hardly any noise the replicas are the expected model, and their covariance is nothing."""
    found = linear_theory.first_layer(DATA, 2, 2, 3, replicas=2, half_width=1e-6, seed=4)
    np.testing.assert_allclose(found.replicas, np.tile(found.expected, (2, 1)), atol=2e-5)
    assert np.abs(found.covariance).max() < 1e-11


def test_the_covariance_is_that_of_a_matrix_recursion():
    """All learners stacked, as in ``adilova_covariance``: S' = W M (S + ε² Var ψ I) Mᵀ Wᵀ."""
    from nets.data import AgentBatches
    from nets.ensemble.ensemble import Ensemble

    learners, period, rounds, half_width = 3, 2, 2, 0.5
    found = linear_theory.first_layer(DATA, learners, rounds, period, 2, half_width, seed=4)
    ensemble = Ensemble(lambda: linear_theory._first_alone(DATA), 1, seed=4)
    seen = linear_theory._seen(ensemble.module(0), 18)
    batches = AgentBatches(DATA, learners, 10, 4)
    first = linear_theory._design(batches.at(0, 0)[0][0], seen.length)
    rate = linear_theory.STEP / np.linalg.eigvalsh(first.T @ first)[-1]
    size = learners * 19
    covariance = np.zeros((size, size))
    for step in range(rounds * period):
        whole = np.zeros((size, size))
        for i in range(learners):
            x = linear_theory._design(batches.at(0, step)[0][i], seen.length)
            block = slice(19 * i, 19 * (i + 1))
            whole[block, block] = np.eye(19) - rate * x.T @ x
        if (step + 1) % period == 0:
            whole = np.kron(np.full((learners, learners), 1 / learners), np.eye(19)) @ whole
        level = half_width / (1 + step // period)
        covariance = whole @ (covariance + level**2 / 3 * np.eye(size)) @ whole.T
    np.testing.assert_allclose(found.covariance, covariance[:19, :19], rtol=1e-9, atol=1e-14)


def test_the_drift_of_small_layers_is_the_expectation_over_signs():
    """Noise of ±σ on each weight has the moments of the formula: all signs of 6 weights, exactly."""
    random = np.random.default_rng(2)
    shapes, deviation = [(1, 2), (2, 1), (1, 2)], 0.4
    weights = [random.normal(size=shape) for shape in shapes]
    x, y = random.normal(size=(4, 2)), random.normal(size=4)

    def gradient(first, middle, last):
        tensors = [torch.tensor(each, requires_grad=True) for each in (first, middle, last)]
        outputs = torch.tensor(x) @ tensors[0].T @ tensors[1].T @ tensors[2].T
        linear_theory.squared(outputs[:, 0], torch.tensor(y)).backward()
        return [each.grad.numpy() for each in tensors]

    signs = np.array(np.meshgrid(*[[-1.0, 1.0]] * 6)).reshape(6, -1).T
    found = []
    for row in signs:
        parts = np.split(deviation * row, [2, 4])
        noisy = [w + part.reshape(w.shape) for w, part in zip(weights, parts, strict=True)]
        found.append(gradient(*noisy))
    still = gradient(*weights)
    for place, expected in enumerate(linear_theory._predicted(weights, x, deviation)):
        mean = np.mean([each[place] for each in found], axis=0) - still[place]
        np.testing.assert_allclose(mean, expected, rtol=1e-10, atol=1e-12)
