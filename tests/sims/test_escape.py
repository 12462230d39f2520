"""Escapes and basins are counted as they are, and wrong counts fail their claims."""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sdeopt import results
from sdeopt.errors import InvalidArgumentError
from sims.escape import experiment as escape
from sims.escape.passages import Escapes, slope

TINY = dataclasses.replace(
    escape.QUICK,
    replicas=12,
    couplings=(0.0, 5.0, 20.0),
    crowd=20,
    agents=(2, 4),
    horizon=30.0,
    look_every=20,
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
    assert tiny["resolution"].item() == pytest.approx(1.0)


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
        record=so.record.Every(20),
    ).isel(dim=0)
    cell = tiny.sel(coupling=5.0, agent_count=4)
    for replica in range(12):
        path = run["mean"].isel(replica=replica).values
        there = np.flatnonzero(path >= tiny["goal"].item())
        assert cell["mean_passed"].values[replica] == (len(there) > 0)
        expected = there[0] * 1.0 if len(there) else 30.0
        assert cell["mean_time"].values[replica] == pytest.approx(expected)
    reached = (run["agents"] >= tiny["goal"]).any("step").sum("agent")
    assert (cell["agent_passed"].values == reached.values).all()
    assert (cell["agent_watched"] <= 4 * 30.0).all()


def test_shares_of_basins(tiny):
    np.testing.assert_allclose(tiny["agent_share"].sum("basin"), 1.0)
    assert set(np.unique(tiny["mean_basin"])) <= {0, 1, 2}
    assert tiny.attrs["agent_steps"] == 12 * (3 * 6 * 600 + 3 * 20 * escape.CROWD_STEPS)


def test_claims_and_picture_of_a_result_from_a_file(tiny, tmp_path):
    results.save(tiny, tmp_path / "result.nc")
    loaded = results.load(tmp_path / "result.nc")
    assert str(escape.claims(loaded)) == str(escape.claims(tiny))
    assert len(escape.experiment.draw(loaded).axes) == 6


def test_theory_knows_the_noise_of_the_mean(tiny):
    """A single agent feels the same whatever k; more agents and stronger pulls take longer."""
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
    watched = np.array([6.0, 30.0, 9.0, 15.0])
    cell = {"coupling": 20.0, "agent_count": 4}
    result["agent_passed"].loc[cell] = passed
    result["agent_watched"].loc[cell] = watched
    time, error = Escapes(result).of_agents(20.0, 4)
    assert time == pytest.approx(60 / 9)
    residuals = watched - time * passed
    assert error == pytest.approx(residuals.std(ddof=1) * 2 / 60)


def failed(result):
    return [claim.claim for claim in escape.claims(result) if not claim.holds]


@pytest.fixture(scope="module")
def small():
    return escape.simulate(
        dataclasses.replace(
            escape.QUICK,
            couplings=(0.0, 1.0, 5.0, 20.0),
            agents=(2, 8, 12),
            horizon=250.0,
            look_every=20,
        )
    )


class TestPlantedBugs:
    """The claims hold at a small size, and notice what is wrong."""

    @pytest.mark.statistical
    def test_as_it_is(self, small):
        """Differences of logarithms are 4 standard errors or more, shares and ratios have room."""
        assert failed(small) == []

    def test_censored_runs_taken_for_escapes(self, small):
        wrong = small.copy(deep=True)
        wrong["mean_passed"][:] = True
        bad = failed(wrong)
        assert any("agents escape with their mean" in claim for claim in bad)
        assert any("as that theory says" in claim for claim in bad)

    def test_agents_without_coupling_at_all(self, small):
        wrong = small.copy(deep=True)
        for name in wrong.data_vars:
            if "coupling" in wrong[name].dims:
                wrong[name][:] = small[name].isel(coupling=0)
        bad = failed(wrong)
        assert any("the mean escapes fastest" in claim for claim in bad)
        assert any("strong coupling holds the mean back" in claim for claim in bad)
        assert any("to an order of magnitude" in claim for claim in bad)

    def test_basins_in_the_wrong_order(self, small):
        wrong = small.copy(deep=True)
        wrong["agent_share"] = small["agent_share"].isel(basin=slice(None, None, -1))
        assert any("as exp(−f/D) does" in claim for claim in failed(wrong))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"replicas": 1}, "give at least 2"),
        ({"couplings": (1.0, 2.0, 3.0)}, "must begin with 0"),
        ({"couplings": (0.0, 3.0, 2.0)}, "must begin with 0"),
        ({"couplings": (0.0, 3.0, 40.0)}, "must be below 40"),
    ],
)
def test_wrong_settings_are_refused(settings, words):
    with pytest.raises(InvalidArgumentError, match=words):
        dataclasses.replace(escape.QUICK, **settings)


@pytest.mark.slow
@pytest.mark.statistical
def test_all_claims_hold():
    assert failed(escape.simulate(escape.QUICK)) == []
