"""Planted bugs of agents that take turns."""

import dataclasses

import numpy as np

import sdeopt as so
from sims.communication import asynchrony
from tests.experiments.planted import Planted

SMALL = dataclasses.replace(
    asynchrony.QUICK, agents=(2, 4), steps=800, replicas=100, steps_to_border=800, halvings=8,
    replicas_on_wells=30, steps_on_wells=60,
)  # fmt: skip

REFUSED = [
    ({"agents": ()}, "agents is empty"),
    ({"moving_rate": (0.0,)}, "give a number above 0"),
]


def _all_at_once(result, monkeypatch):
    """Agents that should take turns exchange all at once."""
    turns = so.EASGD

    def together(k, period=1, staggered=False):
        return turns(k, period=period)

    monkeypatch.setattr(so, "EASGD", together)
    monkeypatch.setattr(asynchrony, "_borders", lambda given: result[["border", "matrix"]])
    monkeypatch.setattr(asynchrony, "_wells", lambda given: result[["near", "taken"]])
    return asynchrony.simulate(SMALL)


def _nothing_gained(result, monkeypatch):
    near = result["near"].copy()
    near[1] = near.values[0, np.argmax(near.values[0].mean(axis=1))]
    return result.assign(near=near)


PLANTED = [
    Planted(
        "all at once for in turn",
        _all_at_once,
        ["mean square of the centre at the end", "the spread at the end", "spread more"],
    ),
    Planted("nothing gained on the wells", _nothing_gained, ["find it more often"]),
    Planted(
        "borders exchanged",
        lambda result, monkeypatch: result.assign(
            border=(result["border"].dims, result["border"].values[::-1])
        ),
        ["that of the matrix of a period", "bear less than", "in turn they bear"],
        only=True,
    ),
]
