"""What only Figure 2 has; the rest is in `tests.experiments`."""

import dataclasses

import numpy as np
import pytest

from sims.rugged import fig1, fig2
from tests.experiments.quick_results import quick_result


@pytest.fixture(scope="module")
def result():
    return quick_result(fig2.experiment)


def test_every_panel_has_its_claims(result):
    words = " ".join(claim.claim for claim in fig2.claims(result))
    for k in (0, 3, 8, 9, 20, 26):
        assert f"k = {k}: " in words


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


@pytest.mark.parametrize("settings", [{"coupling": (0.0, 3.0, 20.0)}, {"half_width": 1.0}])
def test_other_settings_give_claims_too(settings):
    small = dataclasses.replace(fig2.QUICK, replicas=3, agents=4, steps=20, **settings)
    result = fig2.simulate(small)
    assert fig2.claims(result)
    assert len(fig2.experiment.draw(result).axes) == 2 * result.sizes["coupling"]
