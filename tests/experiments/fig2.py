"""Planted bugs of Figure 2."""

import dataclasses

import numpy as np

import sdeopt as so
from sims.rugged import fig2
from sims.rugged.model import simulate_couplings
from tests.experiments.panels import COUPLINGS, MIDDLE, replacing, with_panel
from tests.experiments.planted import Planted

REFUSED = COUPLINGS + MIDDLE

CONTRADICTED = {
    "large k: at k = 20": "the first, large steps are those of Figure 1, which spread the agents over "
    "several minima; see there",
    "large k: at k = 26": "as at k = 20",
}


def _never_halved(result, monkeypatch):
    return result.assign(agents=result["constant_agents"], mean=result["constant_mean"])


def _frozen(result, monkeypatch):
    """The agents sit where they started."""
    configuration = dataclasses.replace(fig2.QUICK, replicas=40, halve_every=20)
    frozen = simulate_couplings(configuration, so.QSGD, step_size=configuration.schedule())
    few = result.isel(replica=slice(40))
    return few.assign(agents=frozen["agents"], mean=frozen["mean"])


def _much_gained(result, monkeypatch):
    return with_panel(result, 3.0, constant_mean=result["mean"].sel(coupling=0.0).values)


def _elsewhere(result, monkeypatch):
    """The place is looked for inside the spread of the agents: elsewhere it is another minimum."""
    return with_panel(
        result, 8.0, constant_agents=result["constant_agents"].sel(coupling=8.0) - 2.8
    )


def _another_path(result, monkeypatch):
    return result.assign(path=result["path"].roll(replica=1))


def _as_said(result):
    """Agents at the end of the path, as the paper describes them."""
    for k in (20.0, 26.0):
        with_panel(result, k, mean=result["path"].values)
        with_panel(result, k, agents=np.repeat(result["path"].values[:, None], 150, axis=1))
    return result


PLANTED = [
    Planted(
        "a step size that is never halved",
        _never_halved,
        [
            "k = 0: yet the agents settle in ripples",
            "k = 0: and nearer to the minimum",
            "k = 8: the agents are in the basin of the deepest",
            "k = 9: the mean is reliably at that minimum",
            "k = 20: the mean is now at a minimum of the true loss",
            "k = 26: and so are the agents",
        ],
    ),
    Planted(
        "halving at once, before anything is found",
        _frozen,
        ["k = 8: the mean is reliably at that minimum", "k = 9: the agents are in the basin"],
    ),
    Planted(
        "coupling in the uncoupled panel",
        replacing(0.0, 8.0, "agents", "mean"),
        [
            "k = 0: the mean gains little",
            "k = 0: the mean does not find",
            "k = 0: this settling is local",
        ],
    ),
    Planted(
        "a small coupling that finds the minimum",
        replacing(3.0, 8.0, "mean"),
        ["k = 3: the law of the mean is still wide", "k = 3: only a mild improvement"],
        only=True,
    ),
    Planted(
        "a small coupling that gains much by halving",
        _much_gained,
        ["k = 3: only a mild improvement"],
        only=True,
    ),
    Planted("the deepest minimum out of reach of the agents", _elsewhere, ["k = 8"] * 3),
    Planted(
        "a large coupling that leaves its start",
        replacing(20.0, 8.0, "mean"),
        ["k = 20: the mean stays near its start, within half a basin (0.60)"],
        only=True,
    ),
    Planted(
        "paths from other starts",
        _another_path,
        [*["large k: at k = 20"] * 2, *["large k: at k = 26"] * 2],
        only=True,
        right=_as_said,
    ),
]
