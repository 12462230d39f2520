"""Planted bugs of graphs of agents."""

import dataclasses

import numpy as np

import sdeopt as so
from sims.communication import topology
from tests.experiments.planted import Planted

SMALL = dataclasses.replace(
    topology.QUICK, replicas=60, replicas_on_grid=30, replicas_on_wells=30, steps_on_wells=60
)

REFUSED = [
    ({"coupling_on_wells": (2.0, 1.0)}, "but must rise"),
    ({"replicas": 3}, "need at least 30"),
]

SPECTRUM = "sum over the spectrum"
NEAR = ("near_matched", "near_with_same")


def _ring_for_torus(result, monkeypatch):
    """Agents receive along the ring where the theory has the torus."""
    by_name, original = dict(topology.GRAPHS), so.QSGD
    torus = by_name["torus"]

    def other(k, graph=None):
        return original(k, graph=so.graphs.Ring() if graph is torus else graph)

    monkeypatch.setattr(so, "QSGD", other)
    return topology.simulate(SMALL).assign(
        {name: result[name][:, : SMALL.replicas_on_wells] for name in NEAR}
    )


def _one_coupling_for_all(result, monkeypatch):
    return result.assign(
        near_matched=result["near_with_same"],
        matched_coupling=0.0 * result["matched_coupling"] + 2.0,
    )


def _hub_like_others(result, monkeypatch):
    hub = result["graph"].values == "star, hub"
    alone = result["exact_mean"].values[0]
    return result.assign(mean=("setting", np.where(hub, alone, result["mean"].values)))


PLANTED = [
    Planted("a ring for a torus", _ring_for_torus, [SPECTRUM, "on the ring the spread is more"]),
    Planted(
        "one coupling for all graphs",
        _one_coupling_for_all,
        ["find the minimum alike", "is not the ring’s", "couplings that differ"],
        only=True,
    ),
    Planted("a hub like others", _hub_like_others, ["where a hub weighs"], only=True),
    Planted(
        "a spectrum of half the gaps",
        lambda result, monkeypatch: result.assign(by_spectrum=2.0 * result["by_spectrum"]),
        [SPECTRUM],
        only=True,
    ),
]
