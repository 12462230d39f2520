import numpy as np
import pytest

import sdeopt as so
from sims.phase.diagram import pull, settled_means
from sims.shared.linear import smoothing_variance, spread_variance


def test_pull_is_minus_the_average_gradient_over_the_coupling():
    """∫ f′ρ = −κ ∫ (x − m)ρ, by parts."""
    loss, coupling, heat = so.losses.RuggedWell.robust(), 3.0, 0.5
    means = np.array([-1.0, 0.2, 0.9])
    x = np.linspace(-4, 4, 8001)
    weights = np.exp(-(loss.value(x[:, None]) + 1.5 * (x - means[:, None]) ** 2) / heat)
    average = (weights @ loss.gradient(x[:, None])[:, 0]) / weights.sum(axis=1)
    np.testing.assert_allclose(pull(loss, means, coupling, heat), -average / coupling, atol=1e-9)


def test_settling_in_both_directions_and_not_at_all():
    well = so.losses.DoubleWell()
    settled = settled_means(well, [-2.9, -0.1, 0.1, 2.9], 20.0, 0.01)
    np.testing.assert_allclose(settled, [-1, -1, 1, 1], atol=0.03)
    assert settled[1] == pytest.approx(-settled[2], abs=1e-9)
    # where it rests, it stays
    np.testing.assert_allclose(settled_means(well, settled, 20.0, 0.01), settled, atol=0.02)
    assert settled_means(well, 0.5, 20.0, 0.01, low=0.4, high=0.6) == 0.6


@pytest.mark.statistical
def test_cloud_of_many_agents_is_where_theory_says():
    """400 agents, small steps: means of 40 replicas, within 4 standard errors and 0.01 of theory."""
    heat, coupling, eta = 0.3, 4.0, 0.005
    run = so.simulate(
        so.losses.RuggedWell.robust(),
        so.QSGD(coupling),
        noise=so.noise.Uniform(np.sqrt(6 * heat / eta)),
        agents=400,
        replicas=40,
        steps=3000,
        step_size=eta,
        start=so.start.Point(1.2),
        seed=2,
    )
    final = run["mean"].isel(dim=0).values
    expected = settled_means(so.losses.RuggedWell.robust(), 1.0, coupling, heat).item()
    assert abs(final.mean() - expected) < 4 * final.std(ddof=1) / np.sqrt(40) + 0.01


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
