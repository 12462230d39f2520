"""Planted bugs of Figure 1."""

import dataclasses

import numpy as np

import sdeopt as so
from sims.rugged import fig1
from sims.rugged.model import final_states
from tests.experiments.panels import COUPLINGS, MIDDLE, replacing, uncoupled, with_panel
from tests.experiments.planted import Planted
from tests.experiments.repelling import RepellingQSGD

REFUSED = [*COUPLINGS, *MIDDLE, ({"half_width": 0.0}, "half_width is 0.0")]

CONTRADICTED = {
    "large k: at k = 20": "one step's noise reaches over a whole ripple, r = 0.28, so that the agents "
    "stay spread over several minima and the loss smoothed, however large k is; with shorter steps at "
    "the same noise level it is as the paper says",
    "large k: at k = 26": "as at k = 20",
}


def _wrong_sign(result, monkeypatch):
    coupled = so.QSGD
    monkeypatch.setattr(so, "QSGD", lambda k: (RepellingQSGD if k <= 1.0 else coupled)(k))
    wrong = dataclasses.replace(
        fig1.QUICK, coupling=(0.0, 0.5, 1.0, 20.0, 26.0), middle=(1.0, 1.0), replicas=50
    )
    return fig1.simulate(wrong)


def _one_agent_as_mean(result, monkeypatch):
    return result.assign(mean=result["agents"].isel(agent=0, drop=True))


def _no_smoothing(result, monkeypatch):
    """Agents that sit in the sharp minima of the true loss, as without noise."""
    ripple = 2 * np.pi / 22
    trapped = np.round(result.sel(coupling=8.0)["agents"] / ripple) * ripple
    return with_panel(result, 8.0, agents=trapped)


def _a_little_coupling(result, monkeypatch):
    """The two-sample test sees a coupling that the eye does not; at 0.05 it would not."""
    nearly = final_states(fig1.QUICK, so.QSGD(0.2))
    return with_panel(result, 0.0, agents=nearly["agents"])


def _narrow_noise(result, monkeypatch):
    """6 is just seen (p = 1e-4), 6.5 is not."""
    wrong = dataclasses.replace(fig1.QUICK, half_width=5.0, seed=2)
    return result.assign(sgd_agents=final_states(wrong, so.SGD())["agents"])


def _a_gap(result, monkeypatch):
    agents = result.sel(coupling=0.0)["agents"]
    return with_panel(result, 0.0, agents=agents.where(abs(agents) > 0.6, np.sign(agents) * 1.4))


def _another_path(result, monkeypatch):
    """Every replica beside the path from another one's start."""
    return result.assign(path=result["path"].roll(replica=1))


def _as_said(result):
    """Agents at the end of the path, as the paper describes them."""
    for k in (20.0, 26.0):
        with_panel(result, k, mean=result["path"].values)
        with_panel(result, k, agents=np.repeat(result["path"].values[:, None], 150, axis=1))
    return result


def _held_in_place(result, monkeypatch):
    moved = result["walk_moved"].copy()
    moved[0] = moved[0].isel(lag=0).broadcast_like(moved[0])
    return result.assign(walk_moved=moved, walk_kept=0 * result["walk_kept"] + 0.97)


def _walk_everywhere(result, monkeypatch):
    for name in ("walk_moved", "walk_kept"):
        result[name][1] = result[name][0].values
    return result


PLANTED = [
    Planted(
        "coupling of the wrong sign",
        _wrong_sign,
        ["k = 1: the mean is reliably at that minimum", "k = 0.5: the agents gather"],
    ),
    Planted(
        "a mean that is one of the agents",
        _one_agent_as_mean,
        ["k = 0: the mean is sharp", "means are equal in law", "k = 8: the mean is sharp"],
    ),
    Planted(
        "no coupling at all",
        uncoupled("agents", "mean"),
        [
            "k = 3: the agents gather",
            "k = 3: the law of the mean is still wide",
            *["k = 8"] * 3,
            *["k = 9"] * 3,
        ],
    ),
    Planted(
        "noise without smoothing",
        _no_smoothing,
        ["k = 8: they fill it, rather than the sharp minima of the true loss"],
    ),
    Planted(
        "a little coupling in the uncoupled panel", _a_little_coupling, ["agents are equal in law"]
    ),
    Planted("noise of the wrong width", _narrow_noise, ["agents are equal in law"]),
    Planted(
        "a large coupling that leaves its start",
        replacing(20.0, 8.0, "agents", "mean"),
        ["k = 20: worse again", "k = 20: the mean stays near its start"],
    ),
    Planted("a gap and a crowd", _a_gap, ["without a gap", *["slightly more agents"] * 2]),
    Planted(
        "a convolution at the wrong scale",
        lambda result, monkeypatch: result.assign(convolution_error=1e-3),
        ["the closed form of the convolved loss equals its quadrature"],
        only=True,
    ),
    Planted(
        "paths from other starts",
        _another_path,
        [
            *["large k: at k = 20"] * 2,
            *["large k: at k = 26"] * 2,
            "limit of short steps at the same noise level, k = 1/η: the mean",
            "limit of short steps at the same noise level, k = 1/η: and so do the agents",
        ],
        right=_as_said,
    ),
    Planted(
        "agents in the minimum of their mean",
        lambda result, monkeypatch: _as_said(result),
        ["why not in the same minimum at k = 20", "why not in the same minimum at k = 26"],
    ),
    Planted(
        "a single agent that stays",
        lambda result, monkeypatch: result.assign(alone=result["alone_path"]),
        ["despite the noise: with the same steps"],
    ),
    Planted(
        "agents that do not walk",
        _held_in_place,
        ["noise: at k = 0 an agent walks", "noise: at k = 0 it forgets"],
    ),
    Planted(
        "coupled agents that walk",
        _walk_everywhere,
        ["noise: at k = 8 coupling makes the motion stable", "noise: at k = 8 agents keep"],
    ),
]
