"""The study changes what it says, judges by the figures' own claims, and repeats no work."""

import dataclasses

import numpy as np
import pytest

from sims.rugged import fig1, fig2, fig3
from sims.sensitivity import rugged_figures as sensitivity
from sims.sensitivity.drawing import shares
from sims.sensitivity.study import CONSTANTS, part
from sims.shared.measures import Basins

TINY = dataclasses.replace(
    sensitivity.QUICK,
    replicas=2,
    replicas_before=2,
    constants=("A1", "delta"),
    ladder=(8.0, 12.0),
    fig1=dataclasses.replace(fig1.QUICK, coupling=(0.0, 3.0, 9.0, 20.0), agents=4, steps=20),
    fig2=dataclasses.replace(fig2.QUICK, coupling=(0.0, 3.0, 9.0, 20.0), agents=4, steps=20),
    fig3=dataclasses.replace(fig3.QUICK, coupling=(0.0, 10.0, 35.0, 70.0), agents=4, steps=20),
)


def changed(figure, constant, factor):
    return CONSTANTS[constant].change(figure, factor)


@pytest.fixture(scope="module")
def result():
    return sensitivity.simulate(TINY)


def test_factors():
    x = np.linspace(-2, 2, 9)[:, None]
    scaled = changed(fig1.QUICK, "c", 0.8).loss().value(x)
    np.testing.assert_allclose(scaled, 0.8 * fig1.QUICK.loss().value(x), atol=1e-14)
    assert changed(fig1.QUICK, "A2", 1.2).amplitudes == (-0.3, -0.48)
    assert changed(fig1.QUICK, "w1", 0.5).frequencies == (2.2, 22.0)
    assert changed(fig1.QUICK, "k", 2.0).roles() == {
        0.0: "none", 6.0: "small", 16.0: "middle", 18.0: "middle", 40.0: "large", 52.0: "large",
    }  # fmt: skip
    assert changed(fig3.QUICK, "delta", 0.8).momentum == pytest.approx(0.92)
    assert changed(fig1.QUICK, "p", 0.8).agents == 120
    assert changed(fig2.QUICK, "steps", 1.2).final_step_size() == 0.0025


def test_verdicts_are_those_of_the_figures(result):
    varied = dataclasses.replace(TINY.fig1, amplitudes=(-0.3 * 1.2, -0.4), replicas=2)
    claims = fig1.panel_claims(fig1.simulate_panels(varied))
    ours = result.sel(constant="A1", change=0.2).isel(claim=(result["figure"] == "fig1").values)
    assert ours["holds"].values.tolist() == [claim.holds is True for claim in claims]
    assert ours["seems"].values.tolist() == [claim.seems for claim in claims]
    np.testing.assert_array_equal(ours["value"], [claim.value for claim in claims])
    before = fig1.panel_claims(fig1.simulate_panels(dataclasses.replace(TINY.fig1, replicas=2)))
    first = result.isel(claim=(result["figure"] == "fig1").values)
    assert first["words"].values.tolist() == [claim.claim for claim in before]
    assert first["before_holds"].values.tolist() == [claim.holds is True for claim in before]


def test_what_a_change_leaves_alone_is_not_run_again(result):
    for name in ("fig1", "fig2"):
        chosen = result.isel(claim=(result["figure"] == name).values)
        same = chosen["value"].sel(constant="delta") == chosen["before_value"]
        both_nan = chosen["value"].sel(constant="delta").isnull() & chosen["before_value"].isnull()
        assert (same | both_nan).all()
    # fig1, fig2 and the ladder for A1 down, up and as it is; fig3 for delta as well
    one = 2 * 4 * 20
    runs = 3 * (5 + 2 * 4 + 2) + 5 * (4 + 1 + 2)
    assert result.attrs["agent_steps"] == runs * one


def test_no_coupling_of_the_figure_changes_the_ladder():
    study = dataclasses.replace(TINY, constants=("k",))
    found = sensitivity.simulate(study)
    assert (found["found"] == found["before_found"]).all()
    assert (found["minima"] == 3).all()


def test_parts_cover_every_claim(result):
    of_figure_1 = result["part"].values[result["figure"].values == "fig1"].tolist()
    assert of_figure_1 == ["none"] * 8 + ["small"] * 4 + ["middle"] * 5 + ["large"] * 2 + ["beside"]
    counted = sum(
        shares(result.isel(constant=0, change=0), figure, name)[1]
        for figure in sensitivity.FIGURES
        for name in ("none", "small", "middle", "large", "beside")
    )
    assert counted == result.sizes["claim"]
    claim = fig3.panel_claims(fig3.simulate_panels(dataclasses.replace(TINY.fig3, replicas=2)))[-1]
    assert part(claim, TINY.fig3) == "beside"


def test_the_drawing_has_a_row_for_every_change(result):
    panels = sensitivity.experiment.draw(result).axes
    assert len(panels) == 5  # three figures, the ladder, the scale of shares
    rows = [label.get_text() for label in panels[0].get_yticklabels()]
    assert rows[:2] == ["as it is", "$A_1$, slow wave, −20%"]
    assert len(rows) == 1 + 2 * 2


def test_the_noise_averages_the_fast_wave_out():
    size = fig1.PAPER
    turns = size.step_size * size.half_width * size.frequencies[1]
    assert turns == pytest.approx(6.16)
    assert "ηWw₂ = 6.16" in "".join(sensitivity.experiment.reconstructed)


def test_less_noise_leaves_two_minima_of_one_depth():
    size = changed(fig1.QUICK, "W", 0.8)
    x = np.linspace(1.2, 1.7, 1001)
    smooth = size.loss().convolved(size.noise(), scale=size.step_size).value(x[:, None])
    basins = Basins.of(x, smooth)
    np.testing.assert_allclose(basins.minima, [1.305, 1.55], atol=2e-3)
    assert np.ptp(basins.depths) < 0.0015
    assert "1.305 and 1.55, differ by 0.001" in "".join(sensitivity.experiment.reconstructed)
