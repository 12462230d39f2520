"""One simulation serves three figures, whose verdicts are those of the figures themselves."""

import dataclasses

import numpy as np
import pytest
import xarray as xr
from matplotlib.patches import Rectangle

from sims.coupled import fig4, fig5, fig6
from sims.sensitivity import coupled_figures as sensitivity_coupled
from sims.sensitivity.coupled_figures import choices
from sims.sensitivity.study import COUPLED_CONSTANTS

SMALL = {"agents": 3, "steps": 22, "dim": 4}
TINY = dataclasses.replace(
    sensitivity_coupled.QUICK,
    replicas=2,
    replicas_before=2,
    constants=("W", "k"),
    fig4=dataclasses.replace(fig4.QUICK, coupling=(0.0, 0.25, 2.0, 6.0), interval=5, **SMALL),
    fig5=dataclasses.replace(fig5.QUICK, shown_agents=1, **SMALL),
    fig6=dataclasses.replace(fig6.QUICK, **SMALL),
)


@pytest.fixture(scope="module")
def result():
    return sensitivity_coupled.simulate(TINY)


@pytest.mark.parametrize(("name", "figure"), [("fig4", fig4), ("fig5", fig5), ("fig6", fig6)])
@pytest.mark.parametrize(("constant", "by"), [("W", -0.2), ("k", 0.2)])
def test_verdicts_are_those_of_the_figures(result, name, figure, constant, by):
    """The interval of the curves does not divide the steps: the last window is a short one."""
    chosen = result.isel(claim=(result["figure"] == name).values)
    before = TINY.figures(TINY.replicas)[name]
    for configuration, holds, value in [
        (before, "before_holds", "before_value"),
        (COUPLED_CONSTANTS[constant].change(before, 1.0 + by), "holds", "value"),
    ]:
        ours = chosen.sel(constant=constant, change=by)
        judged = getattr(figure, "panel_claims", figure.claims)
        claims = judged(figure.simulate(configuration))
        assert ours[holds].values.tolist() == [claim.holds is True for claim in claims]
        np.testing.assert_array_equal(ours[value], [claim.value for claim in claims])


def test_the_figures_differ_in_their_couplings_only():
    shared = {field.name for field in dataclasses.fields(fig6.QUICK)} & {
        field.name for field in dataclasses.fields(fig4.QUICK)
    }
    for name in shared - {"coupling"}:
        same = {getattr(figure.QUICK, name) for figure in (fig4, fig5, fig6)}
        assert len(same) == 1


def test_every_coupling_is_simulated_once(result):
    couplings = {0.0, 0.25, 2.0, 6.0} | {0.5, 4.0, 5.0, 20.0}
    assert result.attrs["agent_steps"] == 5 * len(couplings) * 2 * 3 * 22
    assert result["ladder"].values.tolist() == [0.0, 0.25, 2.0, 6.0]


def curves(final):
    """Return curves from 0 to these final losses, with replicas that differ by little."""
    losses = np.zeros((len(final), 2, 4))
    losses[:, 1] = np.array(final)[:, None] + 0.01 * np.random.default_rng(1).random((1, 4))
    losses[:, 1] += 0.001 * np.random.default_rng(2).random((len(final), 4))
    return xr.Dataset(
        {"loss_of_mean": (("coupling", "step", "replica"), losses)},
        coords={"coupling": np.arange(float(len(final)))},
    ).assign(lowest=-10.0, smallest_strict=0.5)


def test_choices():
    found = choices(curves([-1.0, -4.0, -8.0, -2.0]))
    np.testing.assert_allclose(found["covered"], [0.1, 0.4, 0.8, 0.2], atol=0.002)
    assert found["best"] == 2.0
    assert found["margin"] > 100.0
    at_the_end = choices(curves([-1.0, -4.0, -8.0, -9.0]))
    assert at_the_end["best"] == 3.0
    assert at_the_end["margin"] == 0.0


def good(result):
    """Return the result as it should be: the best coupling rises with the noise."""
    perfect = result.copy(deep=True)
    for name in ("holds", "seems"):
        perfect[f"before_{name}"][:] = True
        perfect[name][:] = True
        perfect[name][{"claim": 0}] = False
    perfect["undecided"][:] = perfect["before_undecided"][:] = False
    perfect["covered"][:], perfect["covered_error"][:] = 0.8, 1e-5
    perfect["margin"][:] = 9.0
    perfect["before_best"][...] = 2.0
    perfect["best"].loc[{"constant": "W"}] = [1.0, 4.0]
    perfect["before_best_ends"][:] = 2.0
    for change, coupling in enumerate((1.0, 4.0)):
        perfect["best_ends"].loc[{"constant": "W"}][{"change": change}] = coupling
    return perfect


def failed(result):
    return [one.claim for one in sensitivity_coupled.experiment.claims(result) if not one.holds]


def test_claims_hold_where_they_should(result):
    assert failed(good(result)) == []


@pytest.mark.parametrize(
    ("name", "where", "value", "words"),
    [
        ("holds", {"constant": 1, "change": 0}, False, "k: most claims still hold"),
        ("margin", {"constant": 1, "change": 1}, 0.0, "(by least at k +20%)"),
        ("best", {"constant": 0, "change": 0}, 2.0, "k = 2, 2 and 4 at W −20%"),
    ],
)
def test_claims_tell_good_from_bad(result, name, where, value, words):
    bad = good(result)
    bad[name][where] = value
    (only,) = failed(bad)
    assert words in only


def test_sizes_are_claimed_where_they_are_changed(result):
    renamed = good(result).assign_coords(constant=["W", "n"])
    claims = [one.claim for one in sensitivity_coupled.experiment.claims(renamed)]
    assert "the size of the simulation (n) hardly matters" in claims


def test_the_best_coupling_of_every_row_is_framed(result):
    figure = sensitivity_coupled.experiment.draw(result)
    assert len(figure.axes) == 5  # three figures, the ladder, the scale of shares
    ladder = figure.axes[3]
    frames = [one for one in ladder.patches if isinstance(one, Rectangle)]
    places = [round(frame.get_x() + 0.5) for frame in frames]
    after = result.transpose("constant", "change", ...)
    assert places == [
        int(result["before_covered"].values.argmax()),
        *after["covered"].argmax("ladder").values.ravel(),
    ]
    labels = [text.get_text() for text in ladder.texts[-6:]]
    assert labels[:-1] == [f"{k:g}" for k in [result["before_best"], *after["best"].values.ravel()]]
    assert labels[-1] == "best $k$"
