"""Planted bugs of Figure 3."""

import dataclasses

import sdeopt as so
from sims.rugged import fig3
from sims.rugged.model import final_states
from tests.experiments.panels import COUPLINGS, MIDDLE, replacing, uncoupled, with_panel
from tests.experiments.planted import Planted

REFUSED = COUPLINGS + MIDDLE

PANEL = ("agents", "mean")


def _no_momentum(result, monkeypatch):
    return fig3.simulate(dataclasses.replace(fig3.QUICK, replicas=20, momentum=0.0))


def _a_little_coupling(result, monkeypatch):
    """Coupled agents differ from single ones, which cannot be coupled."""
    nearly = final_states(fig3.QUICK, so.QSGDMomentum(2.0, 0.9))
    return with_panel(result, 0.0, agents=nearly["agents"])


def _at_its_start(result, monkeypatch):
    return with_panel(result, 30.0, mean=result["start"].isel(coupling=0).values)


def _tolerated_without(result, monkeypatch):
    result["plain_mean"][:] = result["mean"].sel(coupling=70.0).values
    return result


PLANTED = [
    Planted(
        "no momentum",
        _no_momentum,
        [
            "k = 30: the agents are in the basins of these two",
            "k = 40: and so is the mean",
            "k = 70: the mean is reliably at that minimum",
        ],
    ),
    Planted(
        "no coupling at all",
        uncoupled(*PANEL),
        [
            "k = 10: the agents are more localized",
            "k = 35: the agents are localized on",
            "k = 35: it is found in both basins",
            "k = 70: the agents are in its basin",
        ],
    ),
    Planted(
        "a little coupling in the uncoupled panel",
        _a_little_coupling,
        ["agents are equal in law to single agents"],
    ),
    Planted(
        "a mean that is reliable too early",
        replacing(35.0, 70.0, *PANEL),
        [
            "k = 35: it is found in both basins",
            "k = 35: the law of the mean is still wide",
            "k = 35: the mean does not find the global minimum",
        ],
    ),
    Planted(
        "a mean that is never reliable",
        replacing(70.0, 40.0, *PANEL),
        ["k = 70: the mean is sharp"],
    ),
    Planted("minima before the centre", replacing(10.0, 35.0, *PANEL), ["k = 10"] * 3),
    Planted("a start that is not left", _at_its_start, ["k = 30: and so is the mean"]),
    Planted(
        "a large coupling that does as well without momentum",
        _tolerated_without,
        ["without momentum"] * 4,
        only=True,
    ),
]
