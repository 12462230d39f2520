"""The claims of Figure 3 hold on the real thing, and fail when the thing is wrong."""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sdeopt import results
from sims.rugged import fig1, fig3
from sims.rugged import model as rugged
from tests.experiments.quick_results import quick_result


@pytest.fixture(scope="module")
def result():
    return quick_result(fig3.experiment)


def failed(dataset):
    return [claim.claim for claim in fig3.claims(dataset) if not claim.holds]


def with_panel(result, coupling, source):
    """Return the result with one panel replaced by another."""
    changed = result.copy(deep=True)
    for name in ("agents", "mean"):
        changed[name].loc[{"coupling": coupling}] = result[name].sel(coupling=source)
    return changed


@pytest.mark.statistical
def test_all_claims_hold(result):
    """Two are tests of a true null at level 0.001. At k = 40 an eighth of the means are on the
    left, so that with 100 replicas one seed in ten finds more than 90% on the right."""
    assert failed(result) == []
    words = " ".join(claim.claim for claim in fig3.claims(result))
    for k in ("k = 0", "k = 10", "k = 30", "k = 35", "k = 40", "k = 70"):
        assert k in words


def test_claims_are_the_same_from_the_file(result, tmp_path):
    results.save(result, tmp_path / "result.nc")
    assert fig3.claims(results.load(tmp_path / "result.nc")) == fig3.claims(result)


def test_paper_scale_is_as_large_as_asked():
    paper = fig3.PAPER
    assert (paper.replicas, paper.agents, paper.steps) == (1000, 150, 10_000)
    assert len(paper.roles()) == 6
    assert dataclasses.replace(paper, replicas=100) == fig3.QUICK


def test_loss_lengths_and_comparison_are_those_of_figure_1(result):
    assert fig3.PAPER.plain_step_size == fig1.PAPER.step_size
    assert fig3.PAPER.plain_coupling == min(fig1.PAPER.large_couplings)
    tiny = dataclasses.replace(fig1.QUICK, replicas=2, agents=2, steps=2)
    first = rugged.simulate_couplings(tiny, so.QSGD)
    assert (result["convolved"] == first["convolved"]).all()
    assert result["reach"] == first["reach"]


def test_runs_without_momentum_are_qsgd(result):
    size = fig3.QUICK
    first = rugged.final_states(
        dataclasses.replace(size, replicas=2), so.QSGD(20.0), seed=size.seed, step_size=0.04
    )
    plain = result.isel(plain=1)
    assert plain["plain_coupling"] == 20.0
    assert (plain["plain_mean"].values[:2] == first["mean"].values).all()
    runs = 6 + 1 + 2
    assert result.attrs["agent_steps"] == runs * size.replicas * size.agents * size.steps


def test_caveats_stand_in_the_reconstruction():
    words = "".join(fig3.experiment.reconstructed)
    size = fig3.PAPER
    pulls = [
        size.step_size * max(size.large_couplings),
        fig1.PAPER.step_size * max(fig1.PAPER.middle_couplings),
        fig1.PAPER.step_size * min(fig1.PAPER.large_couplings),
    ]
    assert [round(pull, 12) for pull in pulls] == [0.7, 0.36, 0.8]
    assert "ηk = 0.7 finds the minimum here, 0.36 does and 0.8 does not" in words
    reach = size.step_size * size.half_width
    assert (1 + size.momentum) * reach == pytest.approx(0.133)
    assert reach / (1 - size.momentum) == pytest.approx(0.7)


class TestPlantedBugs:
    """Each is a way to get the simulation wrong; the claims must notice."""

    def test_no_momentum(self):
        wrong = dataclasses.replace(fig3.QUICK, replicas=40, momentum=0.0)
        bad = failed(fig3.simulate(wrong))
        for words in (
            "k = 30: the agents are in the basins of these two",
            "k = 40: and so is the mean",
            "k = 70: the mean is reliably at that minimum",
        ):
            assert any(words in claim for claim in bad)

    def test_no_coupling_at_all(self, result):
        wrong = result.copy(deep=True)
        for name in ("agents", "mean"):
            wrong[name] = result[name].sel(coupling=0.0).broadcast_like(result[name])
        bad = failed(wrong)
        for words in (
            "k = 10: the agents are more localized",
            "k = 35: the agents are localized on",
            "k = 35: it is found in both basins",
            "k = 70: the agents are in its basin",
        ):
            assert any(words in claim for claim in bad)

    def test_a_little_coupling_in_the_uncoupled_panel(self, result):
        """Coupled agents differ from single ones, which cannot be coupled."""
        nearly = rugged.final_states(fig3.QUICK, so.QSGDMomentum(2.0, 0.9), seed=1)
        wrong = result.copy(deep=True)
        wrong["agents"].loc[{"coupling": 0.0}] = nearly["agents"]
        assert any("agents are equal in law to single agents" in claim for claim in failed(wrong))

    def test_reliable_too_early(self, result):
        bad = failed(with_panel(result, 35.0, 70.0))
        for words in ("found in both basins", "still wide", "does not find the global minimum"):
            assert any(claim.startswith("k = 35") and words in claim for claim in bad)

    def test_never_reliable(self, result):
        bad = failed(with_panel(result, 70.0, 40.0))
        assert any("k = 70: the mean is sharp" in claim for claim in bad)

    def test_minima_before_the_centre(self, result):
        assert (
            sum(claim.startswith("k = 10") for claim in failed(with_panel(result, 10.0, 35.0))) >= 3
        )

    def test_a_start_that_is_not_left(self, result):
        stuck = result["start"].isel(coupling=0, drop=True)
        wrong = result.copy(deep=True)
        wrong["mean"].loc[{"coupling": 30.0}] = stuck
        assert "k = 30: and so is the mean" in failed(wrong)

    def test_tolerated_without_momentum_too(self, result):
        wrong = result.copy(deep=True)
        wrong["plain_mean"][:] = result["mean"].sel(coupling=70.0).values
        bad = failed(wrong)
        assert len(bad) == 4
        assert all(claim.startswith("without momentum") for claim in bad)


@pytest.mark.parametrize(
    "settings", [{"middle_couplings": ()}, {"large_couplings": ()}, {"half_width": 1.0}]
)
def test_other_settings_give_claims_too(settings):
    small = dataclasses.replace(fig3.QUICK, replicas=3, agents=4, steps=20, **settings)
    result = fig3.simulate(small)
    assert fig3.claims(result)
    assert len(fig3.experiment.draw(result).axes) == result.sizes["coupling"]
    assert np.isfinite(result["plain_mean"]).all()
