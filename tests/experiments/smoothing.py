"""Planted bugs of the effective smoothing."""

from tests.experiments.planted import Planted

REFUSED = [({"samples": 10_000}, "256 agents need at least 12800")]


def _noise_of_one_agent(result, monkeypatch):
    return result.assign(convolution=result["convolution"] * result["agents"])


def _as_at_the_mean(result, monkeypatch):
    return result.assign(effective=result["convolution"])


def _little_disturbance(result, monkeypatch):
    return result.assign(disturbance=0.1 * result["disturbance"])


PLANTED = [
    Planted(
        "noise of the mean that does not fall with p",
        _noise_of_one_agent,
        ["(39), at the mean", "at the mean goes with the number of agents p"],
    ),
    Planted(
        "effective smoothing that falls as that at the mean",
        _as_at_the_mean,
        [
            "effective smoothing scale goes with the number of agents p",
            "at least that of a single agent",
            "agents’ spread",
        ],
    ),
    Planted("little disturbance", _little_disturbance, ["no small correction"]),
]
