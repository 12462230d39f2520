"""What Figs 1 to 3 are compared with: paths without noise, and one velocity for all agents."""

import dataclasses

import numpy as np

import sdeopt as so
from sims.rugged import deterministic, fig1, fig3
from sims.rugged.random_walk import LAGS, power
from sims.rugged.velocities import OneVelocity


def test_a_path_ends_in_a_minimum_of_its_start():
    loss, start = fig1.QUICK.loss(), np.linspace(-2.0, 2.0, 9)
    end = deterministic.path_end(fig1.QUICK, start)
    assert (abs(loss.gradient(end[:, None])) < 1e-9).all()
    assert (loss.value(end[:, None]) <= loss.value(start[:, None])).all()
    assert (abs(end - start) < 2 * np.pi / 22).all()


def test_short_steps_have_the_noise_level_of_the_figure():
    """The start is the same too, so that the path from it is."""
    small = dataclasses.replace(fig1.QUICK, replicas=2, agents=3, coupling=(0.0,))
    panels = deterministic.with_paths(small, fig1.simulate_panels(small))
    result = deterministic.with_fine_steps(small, panels)
    assert result["fine_mean"].shape == (2,)
    eta, width = small.step_size / deterministic.FINER, small.half_width * deterministic.FINER**0.5
    assert np.isclose(eta * width**2, small.step_size * small.half_width**2)
    assert abs(result["fine_mean"] - panels["start"].isel(coupling=0)).max() < 1.0


def test_one_velocity_by_hand():
    loss, size = fig3.QUICK.loss(), (4, 3, 5)  # steps, replicas, agents
    noise = np.random.default_rng(1).normal(size=(*size, 1))
    start = np.linspace(-1.0, 1.0, 15).reshape(3, 5, 1)
    eta, k, momentum = 0.01, 30.0, 0.9
    run = so.simulate(
        loss, OneVelocity(k, momentum), noise=so.noise.Gaussian(1.0), increments=noise, steps=4,
        replicas=3, agents=5, step_size=eta, start=so.start.Point(start),
    )  # fmt: skip
    x, v = start.copy(), np.zeros_like(start)
    for drawn in noise:
        gradient = loss.gradient(x + momentum * v) + drawn
        v = momentum * v.mean(axis=1, keepdims=True) - eta * gradient
        x = x + v + eta * k * (x.mean(axis=1, keepdims=True) - x)
    np.testing.assert_allclose(run["agents"], x, rtol=1e-12)


def test_the_power_of_a_walk_and_of_an_agent_held_in_place():
    lags = np.array(LAGS, float)
    assert np.isclose(power(np.stack([3.0 * lags, 5.0 * lags])), 1.0)
    assert np.isclose(power(np.full((2, len(lags)), 0.3)), 0.0)
