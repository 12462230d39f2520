"""Escapes and basins are counted as they are."""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sims.escape import experiment as escape
from sims.escape.passages import Escapes, slope

TINY = dataclasses.replace(
    escape.QUICK,
    replicas=12,
    coupling=(0.0, 5.0, 20.0),
    crowd=20,
    agents=(2, 4),
    horizon=30.0,
)


@pytest.fixture(scope="module")
def tiny():
    return escape.simulate(TINY)


def test_the_landscape_has_three_basins():
    basins = escape.landscape(TINY)
    np.testing.assert_allclose(basins.minima, [-1.354, 0.054, 1.371], atol=0.002)
    assert basins.deepest == 2
    assert basins.two_deepest == (0, 2)


def test_start_and_goal(tiny):
    assert tiny["origin"].item() == pytest.approx(-1.354, abs=0.002)
    assert tiny["goal"].item() == pytest.approx(0.5 * (0.498 + 1.371), abs=0.002)


def test_passages_are_those_of_the_same_simulation(tiny):
    run = so.simulate(
        so.losses.RuggedWell.robust(),
        so.QSGD(5.0),
        noise=so.noise.Uniform(9.0),
        agents=4,
        replicas=12,
        steps=600,
        step_size=0.05,
        start=so.start.Point(tiny["origin"].item()),
        seed=TINY.seed + 1,
        record=so.record.Every(1),
    ).isel(dim=0)
    cell = tiny.sel(coupling=5.0, agent_count=4)
    for replica in range(12):
        path = run["mean"].isel(replica=replica).values
        there = np.flatnonzero(path >= tiny["goal"].item())
        assert cell["mean_passed"].values[replica] == (len(there) > 0)
        expected = there[0] * 0.05 if len(there) else 30.0
        assert cell["mean_time"].values[replica] == pytest.approx(expected)
    reached = (run["agents"] >= tiny["goal"]).any("step").sum("agent")
    assert (cell["agent_passed"].values == reached.values).all()
    assert (cell["agent_time"] <= 4 * 30.0).all()


def test_shares_of_basins(tiny):
    np.testing.assert_allclose(tiny["agent_share"].sum("basin"), 1.0)
    assert set(np.unique(tiny["mean_basin"])) <= {0, 1, 2}
    assert tiny.attrs["agent_steps"] == 12 * (3 * 6 * 600 + 3 * 20 * escape.CROWD_STEPS)


def test_theory_knows_the_noise_of_the_mean(tiny):
    """A single agent escapes alike whatever k; more agents and larger couplings take longer."""
    escapes = Escapes(tiny)
    assert escapes.expected(5.0, 1) == pytest.approx(escapes.expected(20.0, 1))
    assert escapes.expected(20.0, 8) > 5 * escapes.expected(20.0, 4)
    assert escapes.expected(20.0, 8) > 3 * escapes.expected(5.0, 8)


def test_slope_of_a_known_line():
    assert slope([2, 4, 8], [np.exp(1 + 0.5 * p) for p in (2, 4, 8)]) == pytest.approx(0.5)
    assert np.isnan(slope([2], [1.0]))


def test_error_of_a_single_agent_counts_replicas():
    """Agents that pass together are one event, not p of them."""
    result = escape.simulate(dataclasses.replace(TINY, replicas=4, horizon=1.0))
    passed = np.array([3.0, 0.0, 3.0, 3.0])
    observed = np.array([6.0, 30.0, 9.0, 15.0])
    cell = {"coupling": 20.0, "agent_count": 4}
    result["agent_passed"].loc[cell] = passed
    result["agent_time"].loc[cell] = observed
    time, error = Escapes(result).of_agents(20.0, 4)
    assert time == pytest.approx(60 / 9)
    residuals = observed - time * passed
    assert error == pytest.approx(residuals.std(ddof=1) * 2 / 60)
