"""The spread of agents around their mean, and the smoothing that it adds."""

import numpy as np
import pytest

import sdeopt as so
from sims.shared.linear import smoothing_variance, spread_variance


@pytest.mark.statistical
@pytest.mark.parametrize(("pull_in_step", "agents"), [(0.5, 4), (1.0, 8), (1.6, 5)])
def test_spread_on_a_flat_loss(pull_in_step, agents):
    """The null is the formula; 2,000 independent replicas."""
    eta, width = 0.1, 2.0
    run = so.simulate(
        so.losses.Quadratic(1e-12),
        so.QSGD(pull_in_step / eta),
        noise=so.noise.Uniform(width),
        agents=agents,
        replicas=2000,
        steps=40,
        step_size=eta,
        start=so.start.Point(0.0),
        seed=4,
    )
    apart = (run["agents"] - run["mean"]).isel(dim=0).values
    squares = (apart**2).mean(axis=1)
    error = squares.std(ddof=1) / np.sqrt(len(squares))
    expected = spread_variance(pull_in_step / eta, eta, agents, width**2 / 3)
    assert abs(squares.mean() - expected) < 4 * error
    # planted: the continuous-time formula, which leaves 2 − ηk at 2
    assert abs(squares.mean() - expected * (2 - pull_in_step) / 2) > 6 * error


def test_smoothing_is_never_less_than_that_of_one_agent():
    pulls = np.linspace(0.05, 1.95, 39)[:, None]
    counts = np.array([1, 2, 10, 1000])
    assert (smoothing_variance(pulls, 1.0, counts, 1.0) >= 1.0 - 1e-12).all()
    np.testing.assert_allclose(smoothing_variance(1.0, 1.0, counts, 1.0), 1.0)
