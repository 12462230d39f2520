import numpy as np
import pytest

import sdeopt as so
from sims.phase.diagram import drift_of_mean, settled_means


def test_drift_is_minus_the_average_gradient_over_the_coupling():
    """∫ f′ρ = −κ ∫ (x − m)ρ, by parts."""
    loss, coupling, heat = so.losses.RuggedWell.robust(), 3.0, 0.5
    means = np.array([-1.0, 0.2, 0.9])
    x = np.linspace(-4, 4, 8001)
    weights = np.exp(-(loss.value(x[:, None]) + 1.5 * (x - means[:, None]) ** 2) / heat)
    average = (weights @ loss.gradient(x[:, None])[:, 0]) / weights.sum(axis=1)
    np.testing.assert_allclose(
        drift_of_mean(loss, means, coupling, heat), -average / coupling, atol=1e-9
    )


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


def test_a_harmonic_cloud_by_hand():
    """A cloud on x²/2, tied to m with κ, is centred on κm/(1 + κ)."""
    drift = drift_of_mean(so.losses.Quadratic(1.0), np.array([1.0]), 3.0, 0.1)
    assert drift == pytest.approx([-0.25], abs=1e-6)


def test_a_coupling_can_be_too_weak_right_and_too_strong():
    loss = so.losses.RuggedWell.robust()
    found = [settled_means(loss, 0.0, k, temperature=2 / 3).item() for k in (0.5, 4.0, 8.0)]
    assert found == pytest.approx([0.4, 1.36, 0.02], abs=0.005)
