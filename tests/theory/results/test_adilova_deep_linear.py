"""Deep linear networks under weight noise: closed forms against all outcomes of the noise."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import sympy

from theory.results.adilova_deep_linear import DRIFTS, first, inputs, last, middle
from theory.symbols import batch_size, dimension, first_width, second_width, weight_noise


class Network:
    """A deep linear network on one batch, written with numpy, in small sizes."""

    def __init__(self, layers: int) -> None:
        rng = np.random.default_rng(layers)
        self.x = rng.integers(-2, 3, size=(2, 2)).astype(float)
        self.y = rng.integers(-2, 3, size=2).astype(float)
        shapes = [(2, 2), (2, 2), (2,)] if layers == 3 else [(2, 2), (2,)]
        self.weights = [rng.integers(-2, 3, size=shape) / 2.0 for shape in shapes]

    def gradients(self, weights: Sequence[Any]) -> list[Any]:
        """Return the gradients by back-propagation."""
        values = [self.x.T]
        for matrix in weights[:-1]:
            values.append(matrix @ values[-1])
        error = weights[-1] @ values[-1] - self.y
        back = np.outer(weights[-1], error)
        found = [values[-1] @ error]
        for matrix, value in zip(weights[-2::-1], values[-2::-1], strict=True):
            found.append(back @ value.T)
            back = matrix.T @ back
        return found[::-1]

    def drift(self, deviation: float) -> list[Any]:
        """Return E ∇L(w + ψ) − ∇L(w), for ψ = ±σ on each weight: exact, all signs taken."""
        count = sum(matrix.size for matrix in self.weights)
        cuts = np.cumsum([matrix.size for matrix in self.weights])[:-1]
        total = [np.zeros_like(matrix) for matrix in self.weights]
        for signs in itertools.product((-deviation, deviation), repeat=count):
            noise = np.split(np.array(signs), cuts)
            noisy = [w + e.reshape(w.shape) for w, e in zip(self.weights, noise, strict=True)]
            total = [t + g for t, g in zip(total, self.gradients(noisy), strict=True)]
        plain = self.gradients(self.weights)
        return [t / 2**count - g for t, g in zip(total, plain, strict=True)]


@pytest.mark.parametrize("layers", [2, 3])
def test_deep_linear_networks_drift_as_proved(layers: int) -> None:
    """The closed forms, at numbers, against all signs of noise on every weight."""
    network = Network(layers)
    arrays = [first, middle, last] if layers == 3 else [first, last]
    names = ["first", "middle", "last"] if layers == 3 else ["first", "last"]
    word = {2: "two", 3: "three"}[layers]
    numbers = {weight_noise: sympy.Rational(1, 2)}
    sizes = {dimension: 2, first_width: 2, second_width: 2, batch_size: 2}
    values = {}
    for array, matrix in zip([*arrays, inputs], [*network.weights, network.x], strict=True):
        for place in np.ndindex(matrix.shape):
            values[array[tuple(k + 1 for k in place)]] = sympy.Rational(matrix[place])
    for name, measured in zip(names, network.drift(0.5), strict=True):
        _, weight, added = DRIFTS[f"{word} layers, {name}"]
        for place in np.ndindex(measured.shape):
            at = dict(zip(weight.indices, (k + 1 for k in place), strict=True))
            exact = added.subs(at).subs(sizes).doit().subs(numbers).xreplace(values)
            assert float(exact) == pytest.approx(measured[place], abs=1e-9)
        assert np.abs(measured).max() > 0.0, "the expectation does drift"
