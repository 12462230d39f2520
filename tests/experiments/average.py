"""Planted bugs of Lemma 5.5."""

import dataclasses

import numpy as np

from sims.average import experiment
from sims.average.experiment import QUICK
from tests.experiments.planted import Planted

SMALL = dataclasses.replace(
    QUICK,
    replicas=400,
    windows=4,
    window=20.0,
    band=0.25,
    coupling=(0.0, 1.0),
    agents=(1,),
    coupling_for_own=(0.0, 30.0),
)

REFUSED = [
    ({"coupling": ()}, "coupling is empty"),
    ({"coupling_for_own": (3.0, 30.0)}, "begin with 0"),
    ({"replicas": 0}, "replicas is 0"),
]


def _noise_as_it_is(result, monkeypatch):
    """P in the drift alone."""
    as_it_is = experiment._system

    def half(name, agents, coupling):
        system = as_it_is(name, agents, coupling)
        return dataclasses.replace(system, covariance=as_it_is("", 1, 0.0).covariance)

    monkeypatch.setattr(experiment, "_system", half)
    return experiment.simulate(SMALL)


def _like_preconditioners(result, monkeypatch):
    """The agents of the last part have one preconditioner, so nothing is broken."""
    as_it_is = experiment.unlike

    def alike(curvature, deviation, preconditioners, coupling):
        same = np.full_like(preconditioners, preconditioners.mean())
        return as_it_is(curvature, deviation, same, coupling)

    monkeypatch.setattr(experiment, "unlike", alike)
    return experiment.simulate(SMALL)


PLANTED = [
    Planted(
        "half the closed form",
        lambda result, monkeypatch: result.assign(variance=2 * result["variance"]),
        ["in three directions"] * 3,
    ),
    Planted("noise that is not preconditioned", _noise_as_it_is, ["one preconditioner for all"]),
    Planted(
        "agents with one preconditioner",
        _like_preconditioners,
        ["break it where agents are coupled"],
    ),
]
