"""Losses on data: minibatches, the covariance of their gradients, and refusals."""

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import InvalidArgumentError

RNG = np.random.default_rng(4)
FEATURES = RNG.normal(size=(15, 3))
TARGETS = RNG.normal(size=15)
LABELS = np.where(TARGETS > 0, 1.0, 0.0)
POINT = np.array([0.3, -1.0, 2.0])


@pytest.fixture(params=["least_squares", "logistic"])
def loss(request):
    if request.param == "logistic":
        return so.losses.LogisticRegression(FEATURES, LABELS, 0.2)
    return so.losses.LeastSquares(FEATURES, TARGETS, 0.2)


def example_gradients(loss):
    """The gradients by their formulas."""
    prediction = FEATURES @ POINT
    if isinstance(loss, so.losses.LeastSquares):
        slopes = prediction - TARGETS
    else:
        labels = 2.0 * LABELS - 1.0
        slopes = -labels / (1.0 + np.exp(labels * prediction))
    return slopes[:, None] * FEATURES + 0.2 * POINT


def test_example_gradients(loss):
    np.testing.assert_allclose(loss.example_gradients(POINT), example_gradients(loss), rtol=1e-12)
    assert loss.examples == 15


def test_minibatch_of_everything_is_the_gradient(loss):
    found = loss.minibatch_gradient(POINT, np.arange(15))
    np.testing.assert_allclose(found, loss.gradient(POINT), rtol=1e-12)


def test_minibatches_are_means_over_what_was_drawn(loss):
    drawn = np.array([[3, 3, 7], [0, 14, 1]])
    found = loss.minibatch_gradient(np.stack([POINT, POINT]), drawn)
    expected = example_gradients(loss)[drawn].mean(axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_covariance_of_one_example(loss):
    expected = np.cov(example_gradients(loss).T, bias=True)
    np.testing.assert_allclose(loss.gradient_covariance(POINT), expected, rtol=1e-11)


@pytest.mark.parametrize("drawn", [[15], [-1], [0.5], [], [[0], [1]]])
def test_examples_that_do_not_exist_are_refused(loss, drawn):
    with pytest.raises(InvalidArgumentError, match="examples"):
        loss.minibatch_gradient(POINT, drawn)


@pytest.mark.parametrize("kind", [so.losses.LeastSquares, so.losses.LogisticRegression])
@pytest.mark.parametrize(
    ("features", "targets", "regularization", "word"),
    [
        (FEATURES, LABELS[:3], 0.0, "targets"),
        (FEATURES[0], LABELS, 0.0, "features"),
        (np.empty((0, 3)), [], 0.0, "features"),
        (FEATURES * np.nan, LABELS, 0.0, "features"),
        (FEATURES, LABELS, -1.0, "regularization"),
    ],
)
def test_bad_data_is_refused_by_name(kind, features, targets, regularization, word):
    with pytest.raises(InvalidArgumentError, match=word):
        kind(features, targets, regularization)


def test_labels_other_than_two_classes_are_refused():
    with pytest.raises(InvalidArgumentError, match="labels"):
        so.losses.LogisticRegression(FEATURES, TARGETS)


def test_labels_zero_and_one_are_those_of_both_signs():
    zero_one = so.losses.LogisticRegression(FEATURES, LABELS)
    signs = so.losses.LogisticRegression(FEATURES, 2.0 * LABELS - 1.0)
    assert np.array_equal(zero_one.gradient(POINT), signs.gradient(POINT))


def test_logistic_loss_does_not_overflow():
    loss = so.losses.LogisticRegression([[1.0], [-1.0]], [1, -1])
    assert loss.value([[1000.0], [-1000.0]]).tolist() == [0.0, 1000.0]
    assert loss.gradient([[1000.0], [-1000.0]]).tolist() == [[0.0], [-1.0]]


def test_large_data_are_named_by_a_digest():
    loss = so.losses.LeastSquares(np.ones((100, 2)), np.ones(100))
    assert set(loss.configuration()["features"]) == {"shape", "type", "sha256"}


def test_least_squares_convolved_is_the_quadratic_raised():
    loss = so.losses.LeastSquares(FEATURES, TARGETS, 0.2)
    smooth = loss.convolved(so.noise.Gaussian(2.0), 0.5)
    rise = 0.5 * np.trace(loss.hessian)
    assert isinstance(smooth, so.losses.Quadratic)
    assert float(smooth.value(POINT) - loss.value(POINT)) == pytest.approx(rise, rel=1e-10)
    np.testing.assert_allclose(smooth.gradient(POINT), loss.gradient(POINT), rtol=1e-10)


def test_minibatch_gradients_are_of_finite_points_and_rectangular_examples():
    loss = so.losses.LeastSquares([[1.0, 0.0], [3.0, 1.0]], [0.0, 0.0])
    for point in ([np.nan, 1.0], [1.0, -np.inf]):
        with pytest.raises(InvalidArgumentError, match=r"points of LeastSquares holds .* finite"):
            loss.minibatch_gradient(point, [0, 1])
    with pytest.raises(InvalidArgumentError, match="examples are a ragged list"):
        loss.minibatch_gradient([[1.0, 1.0], [2.0, 2.0]], [[0], [0, 1]])
