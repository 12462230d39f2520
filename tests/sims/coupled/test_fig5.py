"""What only Figure 5 has; the rest is in `tests.experiments`."""

import dataclasses

import numpy as np
import pytest

from sims.coupled import fig5
from tests.experiments.quick_results import quick_result


@pytest.fixture(scope="module")
def result():
    return quick_result(fig5.experiment)


def test_every_panel_has_its_claims(result):
    words = " ".join(claim.claim for claim in fig5.claims(result))
    for k in (0, 0.5, 2, 4, 5, 20):
        assert f"k = {k}: " in words


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


@pytest.mark.parametrize(
    "settings",
    [
        {"coupling": (0.0, 0.5, 5.0, 20.0)},
        {"coupling": (0.0, 3.0, 5.0)},
        {"half_width": 12.0},
        {"dim": 5},
    ],
)
def test_other_settings_give_claims_and_a_picture_too(settings):
    small = dataclasses.replace(
        fig5.QUICK, replicas=2, agents=3, steps=2, shown_agents=2, **settings
    )
    result = fig5.simulate(small)
    assert fig5.claims(result)
    # beside the panels, the scale of colours
    assert len(fig5.experiment.draw(result).axes) == result.sizes["coupling"] + 1
