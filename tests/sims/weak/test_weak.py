"""The added drift, one noise for SGD and SDE, and the moments of minibatches."""

import numpy as np
import pytest

from sims.weak.measuring import Weak, bowl, model, value, weak_errors


@pytest.mark.parametrize("e", [0.0, 0.25])
def test_the_added_drift_is_the_derivative_of_the_added_loss(e):
    """In x; the second coordinate stays constant."""
    h = 1e-6
    slope = (value([0.7 + h, e]) - value([0.7 - h, e])) / (2 * h)
    found = bowl().gradient([0.7, e])
    assert found[0] == pytest.approx(slope, rel=1e-8)
    assert found[1] == 0.0


@pytest.mark.statistical
def test_sgd_is_driven_by_the_path_of_the_sde():
    """Null: one noise for both. With another, differences would be of the size of the noise."""
    found, variance, _ = weak_errors(1 / 64, Weak(pairs=200, refinement=4, deviation=1.0, seed=2))
    assert found["order 2", "mean"].std() < 0.02 * np.sqrt(variance)


class TestMinibatches:
    @pytest.mark.parametrize("eta", [0.25, 0.01])
    def test_moments_of_one_step_by_enumeration(self, eta):
        """All 256 batches of two out of sixteen examples."""
        linear = model()
        a, y, x = linear.features, linear.targets, linear.start
        slopes = a * (a * x - y)
        after = x - eta * (slopes[:, None] + slopes[None, :]) / 2
        found = linear.moments("SGD", eta, eta)
        np.testing.assert_allclose(found, [after.mean(), (after**2).mean()])

    def test_the_models_start_where_sgd_does(self):
        linear = model()
        for name in ("order 1", "order 2"):
            found = linear.moments(name, 0.1, 0.0)
            np.testing.assert_allclose(found, [linear.start, linear.start**2])
