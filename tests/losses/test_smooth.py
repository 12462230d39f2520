"""Quadratic losses and losses of known curvature: what they refuse and what they keep."""

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import InvalidArgumentError


@pytest.mark.parametrize(
    ("matrix", "word"),
    [
        ([[1.0, 2.0]], "square"),
        ([1.0, 2.0], "matrix"),
        ([[1.0, 0.5], [0.4, 1.0]], "symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], "positive definite"),
        (-1.0, "positive definite"),
        ([[np.inf]], "finite"),
    ],
)
def test_quadratic_refuses(matrix, word):
    with pytest.raises(InvalidArgumentError, match=word):
        so.losses.Quadratic(matrix)


def test_quadratic_keeps_its_own_numbers():
    given = np.eye(2)
    loss = so.losses.Quadratic(given)
    given[:] = 7.0
    assert np.array_equal(loss.gradient([1.0, 2.0]), [1.0, 2.0])


def test_minimum_of_another_size_is_refused():
    with pytest.raises(InvalidArgumentError, match="minimum"):
        so.losses.Quadratic(np.eye(2), minimum=[1.0])


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"strong_convexity": 0.0}, "strong_convexity"),
        ({"strong_convexity": 2.0, "smoothness": 1.0}, "smoothness"),
        ({"width": -1.0}, "width"),
        ({"dim": 2, "rotation": np.eye(3)}, "rotation"),
        ({"dim": 2, "rotation": [[1.0, 1.0], [0.0, 1.0]]}, "orthogonal"),
    ],
)
def test_log_cosh_refuses(settings, word):
    with pytest.raises(InvalidArgumentError, match=word):
        so.losses.QuadraticLogCosh(**settings)


def test_log_cosh_neither_overflows_nor_cancels():
    loss = so.losses.QuadraticLogCosh(1, 1.0, 3.0, 0.5)
    x = np.array([[-1e6], [-1e-9], [0.0], [1e-9], [1e6]])
    size = np.abs(x[:, 0])
    expected = 0.5 * size**2 + np.where(
        size > 1.0, 0.5 * (size / 0.5 - np.log(2.0)), 0.5 * (size / 0.5) ** 2 / 2.0
    )
    np.testing.assert_allclose(loss.value(x), expected, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(loss.gradient(x)[1], 3.0 * x[1], rtol=1e-12)
