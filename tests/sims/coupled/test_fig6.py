"""What only Figure 6 has; the rest is in `tests.experiments`."""

import dataclasses

import numpy as np
import pytest

from sims.coupled import fig5, fig6
from tests.experiments.quick_results import quick_result


@pytest.fixture(scope="module")
def result():
    return quick_result(fig6.experiment)


def test_every_panel_has_its_claims(result):
    words = " ".join(claim.claim for claim in fig6.claims(result))
    for k in (0, 0.5, 2, 4, 5, 20):
        assert f"k = {k}: " in words


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


def test_the_picture_has_one_mean_for_each_replica(result):
    panel = fig6.experiment.draw(result).axes[1]
    assert panel.get_title("left") == "(b) $k = 0.5$, small"
    expected = result["mean"].sel(coupling=0.5).values[:, :2]
    np.testing.assert_array_equal(panel.lines[0].get_xydata(), expected)
