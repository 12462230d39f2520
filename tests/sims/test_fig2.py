"""The claims of Figure 2 hold on the real thing, and fail when the thing is wrong."""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sdeopt import results
from sims.rugged import fig1, fig2
from sims.rugged import model as rugged
from tests.experiments.quick_results import quick_result


@pytest.fixture(scope="module")
def result():
    return quick_result(fig2.experiment)


def failed(dataset):
    return [claim.claim for claim in fig2.claims(dataset) if not claim.holds]


@pytest.mark.statistical
def test_all_claims_hold(result):
    """No test of a null among them: shares, widths and distances with margins of many errors."""
    assert failed(result) == []
    words = " ".join(claim.claim for claim in fig2.claims(result))
    for k in ("k = 0", "k = 3", "k = 8", "k = 9", "k = 20", "k = 26"):
        assert k in words


def test_claims_are_the_same_from_the_file(result, tmp_path):
    results.save(result, tmp_path / "result.nc")
    assert fig2.claims(results.load(tmp_path / "result.nc")) == fig2.claims(result)


def test_paper_scale_is_as_large_as_asked():
    paper = fig2.PAPER
    assert (paper.replicas, paper.agents, paper.steps) == (1000, 150, 12_000)
    assert paper.roles() == fig1.PAPER.roles()
    assert paper.loss().configuration() == fig1.PAPER.loss().configuration()
    assert dataclasses.replace(paper, replicas=100) == fig2.QUICK


def test_the_step_size_is_halved_four_times_and_then_held():
    steps = np.array([0, 2499, 2500, 5000, 7500, 9999, 10_000, 11_999])
    sizes = fig2.PAPER.schedule()(steps.astype(float))
    assert sizes.tolist() == [0.04, 0.04, 0.02, 0.01, 0.005, 0.005, 0.0025, 0.0025]
    assert fig2.PAPER.final_step_size() == 0.0025


def test_both_runs_start_alike_and_work_is_counted(result):
    """Before the first halving the two are one run, to the bit."""
    short = dataclasses.replace(fig2.QUICK, replicas=2, steps=fig2.QUICK.halve_every)
    one = fig2.simulate(short)
    assert (one["mean"] == one["constant_mean"]).all()
    longer = fig2.simulate(dataclasses.replace(short, steps=short.steps + 2))
    assert (longer["mean"] != longer["constant_mean"]).all()
    size = fig2.QUICK
    assert result.attrs["agent_steps"] == 12 * size.replicas * size.agents * size.steps


def test_near_is_measured_with_the_last_step_size(result):
    assert result["reach"].item() == pytest.approx(0.28)
    assert result["final_reach"].item() == pytest.approx(0.0175)


class TestPlantedBugs:
    """Each is a way to get the simulation wrong; the claims must notice."""

    def test_a_step_size_that_is_never_halved(self, result):
        wrong = result.assign(agents=result["constant_agents"], mean=result["constant_mean"])
        bad = failed(wrong)
        for words in (
            "k = 0: yet the agents settle in ripples",
            "k = 0: and nearer to the minimum",
            "k = 8: the agents are in the basin of the deepest",
            "k = 9: the mean is reliably at that minimum",
            "k = 20: the mean is now at a minimum of the true loss",
            "k = 26: and so are the agents",
        ):
            assert any(words in claim for claim in bad)

    def test_halving_at_once(self, result):
        """Frozen before anything is found: the agents sit where they started."""
        configuration = dataclasses.replace(fig2.QUICK, replicas=40, halve_every=20)
        small = result.isel(replica=slice(40))
        frozen = rugged.simulate_couplings(
            configuration, so.QSGD, step_size=configuration.schedule()
        )
        bad = failed(small.assign(agents=frozen["agents"], mean=frozen["mean"]))
        assert any("k = 8: the mean is reliably at that minimum" in claim for claim in bad)
        assert any("k = 9: the agents are in the basin" in claim for claim in bad)

    def test_coupling_in_the_uncoupled_panel(self, result):
        wrong = result.copy(deep=True)
        for name in ("agents", "mean"):
            wrong[name].loc[{"coupling": 0.0}] = result[name].sel(coupling=8.0)
        bad = failed(wrong)
        assert any("k = 0: the mean gains little" in claim for claim in bad)
        assert any("k = 0: the mean does not find" in claim for claim in bad)
        assert any("k = 0: this settling is local" in claim for claim in bad)

    def test_a_small_coupling_that_finds_the_minimum(self, result):
        wrong = result.copy(deep=True)
        wrong["mean"].loc[{"coupling": 3.0}] = result["mean"].sel(coupling=8.0)
        bad = failed(wrong)
        assert "k = 3: the law of the mean is still wide" in bad
        assert all(claim.startswith("k = 3: ") for claim in bad)

    def test_a_small_coupling_that_gains_much_by_halving(self, result):
        wrong = result.copy(deep=True)
        wrong["constant_mean"].loc[{"coupling": 3.0}] = result["mean"].sel(coupling=0.0)
        (claim,) = failed(wrong)
        assert claim.startswith("k = 3: only a mild improvement")

    def test_the_deepest_minimum_out_of_reach_of_the_agents(self, result):
        """The place is looked for inside the spread: elsewhere it is another minimum."""
        wrong = result.copy(deep=True)
        wrong["constant_agents"].loc[{"coupling": 8.0}] -= 2.8
        assert sum(claim.startswith("k = 8") for claim in failed(wrong)) >= 3

    def test_large_coupling_that_moves_away_from_its_start(self, result):
        wrong = result.copy(deep=True)
        wrong["mean"].loc[{"coupling": 20.0}] = result["mean"].sel(coupling=8.0)
        assert failed(wrong) == [
            "k = 20: the mean stays near its start, within half a basin (0.60)"
        ]


@pytest.mark.parametrize("settings", [{"middle_couplings": ()}, {"half_width": 1.0}])
def test_other_settings_give_claims_too(settings):
    small = dataclasses.replace(fig2.QUICK, replicas=3, agents=4, steps=20, **settings)
    result = fig2.simulate(small)
    assert fig2.claims(result)
    assert len(fig2.experiment.draw(result).axes) == 2 * result.sizes["coupling"]
