"""Planted bugs of wide and deep minima."""

import dataclasses

from sims.widths import experiment
from tests.experiments.panels import ORDER
from tests.experiments.planted import Planted

REFUSED = [
    ({"replicas": 1}, "give at least 2"),
    ({"coupling": (0.5, 1.0, 2.0)}, ORDER),
    ({"coupling": (0.0, 1.0)}, ORDER),
    ({"steps": 30}, "give at least 40"),
]


def _mirrored(result, monkeypatch):
    return result.assign(right=1.0 - result["right"], mean=-result["mean"])


def _strong_as_weak(result, monkeypatch):
    for name in ("right", "mean"):
        result[name].loc[{"coupling": 16.0}] = result[name].sel(coupling=0.5).values
    return result


def _agents_astray(result, monkeypatch):
    return result.assign(astray=0.0 * result["astray"] + 0.2)


def _wells_without_width(result, monkeypatch):
    """Both wells of every pair alike, so that nothing is to be preferred."""
    alike = dict.fromkeys(experiment.PAIRS, ((0.4, 1.0), (0.4, 1.0)))
    monkeypatch.setattr(experiment, "PAIRS", alike)
    return experiment.simulate(dataclasses.replace(experiment.QUICK, replicas=60))


PLANTED = [
    Planted("left for right", _mirrored, ["k = 0: SGD alone"] * 2 + ["do not gather in a minimum"]),
    Planted(
        "wells that do not differ",
        _wells_without_width,
        [*["k = 0: SGD alone"] * 2, "do not gather in a minimum that is too narrow"],
    ),
    Planted(
        "a strong coupling that is weak",
        _strong_as_weak,
        ["a strong one for width", "takes the bias", "no exploring first"],
        only=True,
    ),
    Planted(
        "agents that escape",
        _agents_astray,
        ["hardly any agent is found outside"],
        only=True,
    ),
]
