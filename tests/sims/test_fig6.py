"""The claims of Figure 6 hold on the real thing, and fail when the thing is wrong."""

import dataclasses

import numpy as np
import pytest

from sdeopt import results
from sims.coupled import fig5, fig6
from tests.experiments.quick_results import quick_result


@pytest.fixture(scope="module")
def result():
    return quick_result(fig6.experiment)


def failed(dataset):
    return [claim.claim for claim in fig6.claims(dataset) if not claim.holds]


def with_means(result, coupling, means):
    """Return the result with the means at one coupling replaced."""
    changed = result.copy(deep=True)
    changed["mean"].loc[{"coupling": coupling}] = means
    return changed


@pytest.mark.statistical
def test_all_claims_hold(result):
    """No test of a null among them: shares and distances with margins of several errors."""
    assert failed(result) == []
    words = " ".join(claim.claim for claim in fig6.claims(result))
    for k in ("k = 0", "k = 0.5", "k = 2", "k = 4", "k = 5", "k = 20"):
        assert f"{k}: " in words


def test_claims_are_the_same_from_the_file(result, tmp_path):
    results.save(result, tmp_path / "result.nc")
    assert fig6.claims(results.load(tmp_path / "result.nc")) == fig6.claims(result)


def test_it_shows_the_means_of_the_agents_of_figure_5(result):
    for one, other in ((fig6.QUICK, fig5.QUICK), (fig6.PAPER, fig5.PAPER)):
        shared = [field.name for field in dataclasses.fields(one)]
        assert all(getattr(one, name) == getattr(other, name) for name in shared)
    short = {"replicas": 3, "steps": 20}
    means = fig6.simulate(dataclasses.replace(fig6.QUICK, **short))["mean"]
    agents = fig5.simulate(dataclasses.replace(fig5.QUICK, **short))["agents"]
    np.testing.assert_allclose(means, agents.mean("agent"), atol=1e-12)


def test_work_is_counted(result):
    size = fig6.QUICK
    assert result.attrs["agent_steps"] == 6 * size.replicas * size.agents * size.steps


class TestPlantedBugs:
    """Each is a way to get the simulation wrong; the claims must notice."""

    def test_means_that_are_agents(self, result):
        """Agents of an uncoupled run have half the width of the start, at least."""
        spread = np.random.default_rng(0).uniform(-2, 2, result["mean"].shape[1:])
        bad = failed(with_means(result, 0.0, spread))
        assert "k = 0: the means are in the basin of the origin" in bad

    def test_no_coupling_at_all(self, result):
        alike = result["mean"].sel(coupling=0.0).broadcast_like(result["mean"])
        bad = failed(result.assign(mean=alike.transpose(*result["mean"].dims)))
        for words in ("k = 0.5: the ball of means is shifted", "k = 4: the means are in all four"):
            assert any(words in claim for claim in bad)
        assert not any(claim.startswith("k = 20") for claim in bad)

    def test_a_loss_tilted_the_other_way(self, result):
        bad = failed(with_means(result, 0.5, -result["mean"].sel(coupling=0.5)))
        assert len(bad) == 2
        assert all(claim.startswith("k = 0.5") for claim in bad)

    def test_a_ball_that_has_split(self, result):
        bad = failed(with_means(result, 0.5, result["mean"].sel(coupling=2.0)))
        assert bad == ["k = 0.5: it is one ball: no other corner is populated"]

    def test_one_cluster_only(self, result):
        folded = -abs(result["mean"].sel(coupling=4.0))
        assert "k = 4: the means are in all four" in failed(with_means(result, 4.0, folded))

    def test_clusters_off_their_minima(self, result):
        nearer = result["mean"].sel(coupling=2.0) * 0.7
        bad = failed(with_means(result, 2.0, nearer))
        assert "k = 2: the means are near these minima" in bad
        assert "k = 2: the means are centred on these minima" in bad

    def test_merging_that_has_not_begun_or_is_over(self, result):
        early = failed(with_means(result, 5.0, result["mean"].sel(coupling=2.0)))
        assert any("k = 5: the means no longer keep" in claim for claim in early)
        late = failed(with_means(result, 5.0, result["mean"].sel(coupling=20.0)))
        assert "k = 5: the means still show all four clusters" in late

    def test_a_large_coupling_that_finds_the_minima(self, result):
        bad = failed(with_means(result, 20.0, result["mean"].sel(coupling=4.0)))
        assert sum(claim.startswith("k = 20") for claim in bad) == 2


def test_the_picture_has_one_mean_for_each_replica(result):
    panel = fig6.experiment.draw(result).axes[1]
    assert panel.get_title("left") == "(b) $k = 0.5$, small"
    expected = result["mean"].sel(coupling=0.5).values[:, :2]
    np.testing.assert_array_equal(panel.lines[0].get_xydata(), expected)
