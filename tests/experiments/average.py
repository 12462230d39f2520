"""Planted bugs of Lemma 5.5."""

import dataclasses

import numpy as np
import xarray as xr

from sims.average import experiment, measuring
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
    coupling_of_easgd=(0.3,),
)

REFUSED = [
    ({"coupling": ()}, "coupling is empty"),
    ({"coupling_for_own": (3.0, 30.0)}, "begin with 0"),
    ({"replicas": 0}, "replicas is 0"),
    ({"coupling_of_easgd": (0.0, 1.0)}, "x~ stays at its start"),
]


def _noise_as_it_is(result, monkeypatch):
    """P in the drift alone."""
    as_it_is = experiment._system

    def half(name, agents, coupling, filtered=False):
        system = as_it_is(name, agents, coupling, filtered)
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


def _shared_by_easgd(result, monkeypatch):
    """Agents of EASGD with one noise: x• has that of one agent."""
    of_easgd = result["shown"] == "EASGD"
    scale = xr.where(of_easgd, result["agents"], 1)
    return result.assign({name: result[name] * scale for name in ("variance", "likelihood")})


def _of_the_ends(result, monkeypatch):
    """The change of the mean over a window is left out of the score."""
    monkeypatch.setattr(
        measuring.TimeAverages, "most_likely", lambda self, drift: self.values + 0 * self.change
    )
    return experiment.simulate(dataclasses.replace(SMALL, window=4.0))


PLANTED = [
    Planted(
        "agents of EASGD that share their noise",
        _shared_by_easgd,
        ["for EASGD, whose", "the score of"],
    ),
    Planted("a score without the ends of the paths", _of_the_ends, ["the score of"]),
    Planted(
        "half of Fisher's information",
        lambda result, monkeypatch: result.assign(
            least=2 * result["least"], above_later=(result["above_later"] - 1) / 2
        ),
        ["attains the lower bound", "does not beat it"],
    ),
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
