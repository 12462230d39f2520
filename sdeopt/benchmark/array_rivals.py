"""QSGD on losses with matrices, as a user writes it in whole numpy arrays, with BLAS."""

from collections.abc import Callable

import numpy as np

from sdeopt.benchmark.timing import Array
from sdeopt.losses import LogisticRegression, Quadratic
from sdeopt.losses.finite_sum import FiniteSum

Gradient = Callable[[Array], Array]


def descend(
    gradient: Gradient, shape: tuple[int, int, int], steps: int, step_size: float, coupling: float
) -> Array:
    """Run QSGD from zero; `gradient` takes all states, (replicas, agents, dim)."""
    x = np.zeros(shape)
    for _ in range(steps):
        x = x + step_size * (coupling * (x.mean(axis=1, keepdims=True) - x) - gradient(x))
    return x


def quadratic(loss: Quadratic, sigma: float) -> Gradient:
    """Return the gradient H x with Gaussian noise."""
    rng = np.random.default_rng(1)
    matrix = loss.matrix

    def gradient(x: Array) -> Array:
        return np.asarray(x @ matrix + sigma * rng.standard_normal(x.shape))

    return gradient


def _slopes(loss: FiniteSum, predictions: Array, targets: Array) -> Array:
    if isinstance(loss, LogisticRegression):
        return np.asarray(-targets / (1.0 + np.exp(targets * predictions)))
    return np.asarray(predictions - targets)


def minibatch(loss: FiniteSum, batch: int) -> Gradient:
    """Return the gradient at examples drawn for every agent."""
    rng = np.random.default_rng(1)

    def gradient(x: Array) -> Array:
        drawn = rng.integers(0, loss.examples, (*x.shape[:2], batch))
        rows = loss.features[drawn]
        predictions = np.matmul(rows, x[..., None])[..., 0]
        slopes = _slopes(loss, predictions, loss.targets[drawn])
        return np.asarray(np.matmul(slopes[..., None, :], rows)[..., 0, :] / batch)

    return gradient


def whole_sum(loss: FiniteSum, sigma: float) -> Gradient:
    """Return the gradient over all examples with Gaussian noise."""
    rng = np.random.default_rng(1)

    def gradient(x: Array) -> Array:
        slopes = _slopes(loss, x @ loss.features.T, loss.targets)
        mean = slopes @ loss.features / loss.examples
        return np.asarray(mean + sigma * rng.standard_normal(x.shape))

    return gradient
