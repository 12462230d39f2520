import numpy as np
import pytest

import sdeopt as so
from sims.coupled.pairs import smoothed_by_quadrature

NOISE = so.noise.Uniform(6.5)


def test_it_is_the_product_quadrature_in_two_dimensions():
    loss = so.losses.CoupledWells(2)
    point = np.array([0.3, -1.1])
    nodes, weights = NOISE.quadrature(24)
    both = np.stack(np.meshgrid(nodes, nodes, indexing="ij"), axis=-1)
    expected = np.einsum("ij,i,j", loss.value(point - 0.05 * both), weights, weights)
    found = smoothed_by_quadrature(loss, NOISE, 0.05, point)
    assert found == pytest.approx(expected, abs=1e-13)


@pytest.mark.statistical
def test_it_is_the_average_over_drawn_noise():
    """Null: the two agree in six dimensions, where all coordinates move at once."""
    loss = so.losses.CoupledWells(6)
    point = np.linspace(-1.5, 1.2, 6)
    shifts = 0.05 * np.random.default_rng(0).uniform(-6.5, 6.5, (200_000, 6))
    values = loss.value(point - shifts)
    error = values.std() / np.sqrt(len(values))
    assert abs(smoothed_by_quadrature(loss, NOISE, 0.05, point) - values.mean()) < 4 * error
    # the loss without convolution would be seen
    assert abs(float(loss.value(point)) - values.mean()) > 40 * error


def test_a_term_of_three_coordinates_is_not_covered():
    """The statement has its condition for a reason: x1 x2 x3 averaged over shifted noise."""

    class Product(so.losses.Quadratic):
        def value(self, x):
            return np.prod(x, axis=-1) ** 2

    squared = Product(np.eye(3))
    found = smoothed_by_quadrature(squared, so.noise.Uniform(3.0), 1.0, [0.0, 0.0, 0.0])
    assert abs(found - 3.0**3) > 1.0
