"""The noise law, its bound, and a ratio whose two parts fluctuate together."""

import numpy as np
import pytest

from sdeopt.errors import InvalidArgumentError
from sims.state_noise.experiment import PAPER, settings
from sims.state_noise.law import METHODS, NOISE_BOUND, VaryingQsgd, diffusion, strength
from sims.state_noise.measuring import bounds, constant_noise, proved_rate, share


def test_the_strength_is_that_of_b():
    points = np.random.default_rng(1).normal(0.0, 0.3, (200, 2))
    traces = [np.trace(diffusion(x).T @ diffusion(x)) for x in points]
    np.testing.assert_allclose(traces, NOISE_BOUND * strength(points))
    assert 0.4 * NOISE_BOUND < min(traces) < max(traces) < NOISE_BOUND


def test_the_noise_turns():
    """BBᵀ of two points have other eigenvectors, as well as other sizes."""
    one, other = (diffusion(np.array(x)) for x in ([0.1, 0.0], [0.2, 0.1]))
    crossed = one @ one.T @ other @ other.T
    assert np.abs(crossed - crossed.T).max() > 0.1


def test_the_supremum_of_the_trace_is_in_every_bound():
    for kind in METHODS.values():
        assert kind("log-cosh", 2, 4, 3.0, 0.1).per_agent()["noise_bound"] == NOISE_BOUND


def test_the_double_well_has_the_bound_of_the_spread_alone():
    found = bounds(VaryingQsgd("double well", 2, 8, 3.0, 0.1))
    assert found["spread_bound"] == pytest.approx(7 * NOISE_BOUND * 0.1 / (2 * 2))
    assert np.isnan(found["bound"])


def test_constant_noise_of_the_same_trace_attains_the_lemma():
    one = VaryingQsgd("round quadratic", 2, 8, 3.0, 0.1)
    assert constant_noise(one)["spread"] == pytest.approx(bounds(one)["spread_bound"])
    assert constant_noise(one)["square"] == pytest.approx(bounds(one)["bound"] ** 2)


def test_transients_have_the_least_proved_rate():
    rates = {name: proved_rate(kind("log-cosh", 2, 8, 3.0, 0.1)) for name, kind in METHODS.items()}
    assert rates["QSGD"] == 1.0
    assert rates["EASGD"] < 8 / 9
    assert rates["momentum"] == pytest.approx(1 - np.sqrt(0.375))


def test_an_error_of_a_ratio():
    """Parts in a fixed ratio have no error, however much they fluctuate."""
    strengths = np.random.default_rng(2).uniform(0.5, 1.0, 50)
    found = share(3.0 * strengths, strengths, 1.5)
    assert found.value == pytest.approx(2.0)
    assert found.error < 1e-12


def test_settings_at_paper_scale():
    chosen = settings(PAPER)
    assert {name for name, _ in chosen} == set(METHODS)
    assert len(set(chosen)) == len(chosen)


def test_an_unknown_loss_is_named():
    with pytest.raises(InvalidArgumentError, match="log-cos'; did you mean 'log-cosh'"):
        VaryingQsgd("log-cos", 2, 8, 3.0, 0.1).law()
