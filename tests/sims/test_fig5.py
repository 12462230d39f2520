"""The claims of Figure 5 hold on the real thing, and fail when the thing is wrong."""

import dataclasses

import numpy as np
import pytest

from sdeopt import results
from sdeopt.errors import InvalidArgumentError
from sims.coupled import fig5
from tests.experiments.quick_results import quick_result


@pytest.fixture(scope="module")
def result():
    return quick_result(fig5.experiment)


def failed(dataset):
    return [claim.claim for claim in fig5.claims(dataset) if not claim.holds]


def with_agents(result, coupling, agents):
    """Return the result with the agents at one coupling replaced."""
    changed = result.copy(deep=True)
    changed["agents"].loc[{"coupling": coupling}] = agents
    return changed


@pytest.mark.statistical
def test_all_claims_hold(result):
    """No test of a null among them: shares and distances with margins of several errors."""
    assert failed(result) == []
    words = " ".join(claim.claim for claim in fig5.claims(result))
    for k in ("k = 0", "k = 0.5", "k = 2", "k = 4", "k = 5", "k = 20"):
        assert f"{k}: " in words


def test_claims_are_the_same_from_the_file(result, tmp_path):
    results.save(result, tmp_path / "result.nc")
    assert fig5.claims(results.load(tmp_path / "result.nc")) == fig5.claims(result)


def test_paper_scale_is_as_large_as_asked():
    paper = fig5.PAPER
    assert (paper.dim, paper.agents, paper.steps) == (30, 50, 5000)
    assert paper.replicas >= 200
    assert len(paper.roles()) == 6
    quick = fig5.QUICK
    assert quick == dataclasses.replace(
        paper, replicas=quick.replicas, shown_agents=quick.shown_agents
    )


def test_a_few_agents_of_every_replica_are_shown(result):
    shown = result["shown"].values
    assert shown.shape == (fig5.QUICK.replicas, 10)
    assert all(len(set(few)) == 10 for few in shown)
    assert len({tuple(few) for few in shown}) == len(shown)
    again = fig5.simulate(dataclasses.replace(fig5.QUICK, steps=1))
    assert (again["shown"] == result["shown"]).all()


def test_the_picture_has_the_agents_that_were_chosen(result):
    panel = fig5.experiment.draw(result).axes[3]
    assert panel.get_title("left") == "(d) $k = 4$, middle"
    drawn = panel.lines[0].get_xydata()
    assert len(drawn) == fig5.QUICK.replicas * 10
    agent = result["agents"].sel(coupling=4.0).values[7, result["shown"].values[7, 3], :2]
    np.testing.assert_array_equal(drawn[7 * 10 + 3], agent)


def test_every_two_coordinates_are_alike(result):
    """What lets the claims count all pairs. Null: the second pair has the law of the first."""
    near = abs(result["agents"].sel(coupling=4.0) + 1.4) < 0.6
    share = (near.isel(dim=[0, 2]) & near.isel(dim=[1, 3]).values).mean("agent")
    difference = share.isel(dim=0) - share.isel(dim=1)
    error = difference.std(ddof=1) / np.sqrt(difference.size)
    assert abs(difference.mean()) < 4 * error


class TestPlantedBugs:
    """Each is a way to get the simulation wrong; the claims must notice."""

    def test_no_coupling_at_all(self, result):
        alike = result["agents"].sel(coupling=0.0).broadcast_like(result["agents"])
        bad = failed(result.assign(agents=alike.transpose(*result["agents"].dims)))
        for words in ("k = 0.5: the agents cluster more", "k = 4: the agents are in the basins"):
            assert any(words in claim for claim in bad)
        assert sum(claim.startswith("k = 20") for claim in bad) == 1

    def test_coupled_agents_in_the_uncoupled_panel(self, result):
        bad = failed(with_agents(result, 0.0, result["agents"].sel(coupling=0.5)))
        assert "k = 0: the agents are uniform across the plane, without a gap or clusters" in bad

    def test_a_start_that_is_never_left(self, result):
        narrow = result["agents"].sel(coupling=0.0) / 3
        assert "k = 0: the agents reach beyond the minima on both sides" in failed(
            with_agents(result, 0.0, narrow)
        )

    def test_one_cluster_missing(self, result):
        agents = result["agents"].sel(coupling=4.0)
        both = (agents.isel(dim=slice(0, None, 2)) > 0) & (
            agents.isel(dim=slice(1, None, 2)).values > 0
        )
        mirrored = agents.values.copy()
        mirrored[..., ::2] *= np.where(both, -1.0, 1.0)
        bad = failed(with_agents(result, 4.0, mirrored))
        assert bad == ["k = 4: the agents are in all four"]

    def test_clusters_elsewhere(self, result):
        farther = result["agents"].sel(coupling=4.0) * 1.3
        assert "k = 4: the agents are centred on these minima" in failed(
            with_agents(result, 4.0, farther)
        )

    def test_two_good_couplings_that_do_not_differ(self, result):
        alike = with_agents(result, 2.0, result["agents"].sel(coupling=4.0))
        bad = failed(alike)
        assert any("more stragglers" in claim for claim in bad)

    def test_merging_that_has_not_begun_or_is_over(self, result):
        early = failed(with_agents(result, 5.0, result["agents"].sel(coupling=2.0)))
        assert any("k = 5: the agents no longer keep" in claim for claim in early)
        late = failed(with_agents(result, 5.0, result["agents"].sel(coupling=20.0)))
        assert "k = 5: the agents still show all four clusters" in late

    def test_a_large_coupling_that_finds_the_minima(self, result):
        bad = failed(with_agents(result, 20.0, result["agents"].sel(coupling=4.0)))
        assert sum(claim.startswith("k = 20") for claim in bad) == 2


@pytest.mark.parametrize(
    "settings",
    [{"middle_couplings": ()}, {"middle_couplings": (3.0,)}, {"half_width": 12.0}, {"dim": 5}],
)
def test_other_settings_give_claims_and_a_picture_too(settings):
    small = dataclasses.replace(
        fig5.QUICK, replicas=2, agents=3, steps=2, shown_agents=2, **settings
    )
    result = fig5.simulate(small)
    assert fig5.claims(result)
    # beside the panels, the scale of colours
    assert len(fig5.experiment.draw(result).axes) == result.sizes["coupling"] + 1


def test_more_agents_than_there_are_cannot_be_shown():
    with pytest.raises(InvalidArgumentError, match="show 1 to 50"):
        dataclasses.replace(fig5.QUICK, shown_agents=51)


def test_one_replica_is_refused():
    with pytest.raises(InvalidArgumentError, match="give at least 2"):
        dataclasses.replace(fig5.QUICK, replicas=1)


@pytest.mark.parametrize("couplings", [(0.0,), (20.0,), (8.0, 8.0)])
def test_a_coupling_given_twice_is_refused(couplings):
    with pytest.raises(InvalidArgumentError, match=f"coupling {couplings[0]:g} is given twice"):
        dataclasses.replace(fig5.QUICK, middle_couplings=couplings)
