"""Planted bugs of Figure 8, and what our small sample says otherwise."""

from tests.experiments.planted import Planted
from tests.experiments.trainings import rising, with_ends

UNDECIDED = {
    "QSGD: test accuracy rises with the number of agents (": "within 0.4 points at all p",
    "SD-QSGD: test loss falls with the number of agents": "by 1.3 standard errors",
}
REFUSED = [({"agents": (1,)}, "at least two numbers"), ({"runs": 1}, "at least 2")]


def _falling(result, monkeypatch):
    return with_ends(result, "quorum_accuracy", rising(result, 0.8, 0.7))


def _another_start(result, monkeypatch):
    methods = result["method"].values
    result["mean_loss"][{"plan": methods == "SD-QSGD"}] += 0.01
    return result


PLANTED = [
    Planted(
        "accuracy falls with the number of agents",
        _falling,
        ["test accuracy rises with the number of agents"] * 2,
        right=lambda result: with_ends(result, "quorum_accuracy", rising(result, 0.7, 0.8)),
    ),
    Planted(
        "loss rises with the number of agents",
        lambda result, monkeypatch: with_ends(result, "quorum_loss", rising(result, 0.5, 0.8)),
        ["test loss falls with the number of agents"] * 2,
        right=lambda result: with_ends(result, "quorum_loss", rising(result, 0.8, 0.5)),
    ),
    Planted(
        "one agent of SD-QSGD is not that of QSGD",
        _another_start,
        ["with one agent QSGD and SD-QSGD are both SGD"],
    ),
]
