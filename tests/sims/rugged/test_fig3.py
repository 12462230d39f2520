"""What only Figure 3 has; the rest is in `tests.experiments`."""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sims.rugged import fig1, fig3, momentum_schedule
from sims.rugged.model import final_states, simulate_couplings
from tests.experiments.quick_results import quick_result


@pytest.fixture(scope="module")
def result():
    return quick_result(fig3.experiment)


def test_every_panel_has_its_claims(result):
    words = " ".join(claim.claim for claim in fig3.claims(result))
    for k in (0, 10, 30, 35, 40, 70):
        assert f"k = {k}: " in words


def test_paper_scale_is_as_large_as_asked():
    paper = fig3.PAPER
    assert (paper.replicas, paper.agents, paper.steps) == (1000, 150, 10_000)
    assert len(paper.roles()) == 6
    assert dataclasses.replace(paper, replicas=150) == fig3.QUICK


def of_part(configuration, wanted):
    return [k for k, role in configuration.roles().items() if role == wanted]


def test_loss_lengths_and_comparison_are_those_of_figure_1(result):
    assert fig3.PAPER.plain_step_size == fig1.PAPER.step_size
    assert fig3.PAPER.plain_coupling == min(of_part(fig1.PAPER, "large"))
    tiny = dataclasses.replace(fig1.QUICK, replicas=2, agents=2, steps=2)
    first = simulate_couplings(tiny, so.QSGD)
    assert (result["convolved"] == first["convolved"]).all()
    assert result["reach"] == first["reach"]


def test_runs_without_momentum_are_qsgd(result):
    size = fig3.QUICK
    first = final_states(dataclasses.replace(size, replicas=2), so.QSGD(20.0), step_size=0.04)
    plain = result.isel(plain=1)
    assert plain["plain_coupling"] == 20.0
    assert (plain["plain_mean"].values[:2] == first["mean"].values).all()
    runs = 6 + 1 + 2
    panels = runs * size.replicas * size.steps
    # spreads in 20 replicas of three runs; one velocity for all; the falling step size
    velocities = (3 * 20 + size.replicas) * size.steps
    halved = size.replicas * momentum_schedule.STEPS
    assert result.attrs["agent_steps"] == (panels + velocities + halved) * size.agents


def test_caveats_stand_in_the_reconstruction():
    words = "".join(fig3.experiment.reconstructed)
    size = fig3.PAPER
    pulls = [
        size.step_size * max(size.coupling),
        fig1.PAPER.step_size * max(of_part(fig1.PAPER, "middle")),
        fig1.PAPER.step_size * min(of_part(fig1.PAPER, "large")),
    ]
    assert [round(pull, 12) for pull in pulls] == [0.7, 0.36, 0.8]
    assert "ηk = 0.7 finds the minimum here, 0.36 does and 0.8 does not" in words
    reach = size.step_size * size.half_width
    assert (1 + size.momentum) * reach == pytest.approx(0.133)
    assert reach / (1 - size.momentum) == pytest.approx(0.7)


@pytest.mark.parametrize(
    "settings",
    [{"coupling": (0.0, 10.0, 70.0)}, {"coupling": (0.0, 10.0, 35.0)}, {"half_width": 1.0}],
)
def test_other_settings_give_claims_too(settings):
    small = dataclasses.replace(fig3.QUICK, replicas=3, agents=4, steps=20, **settings)
    result = fig3.simulate(small)
    assert fig3.claims(result)
    assert len(fig3.experiment.draw(result).axes) == result.sizes["coupling"]
    assert np.isfinite(result["plain_mean"]).all()
