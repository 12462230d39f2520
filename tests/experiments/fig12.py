"""Planted bugs of Figure 12, and what our small sample says otherwise."""

import functools

from tests.experiments.planted import Planted
from tests.experiments.trainings import with_ends

UNDECIDED = {
    "p = 2: agents that start apart test better": "−0.39 points, error 0.30",
    "p = 4: agents that start apart test better": "−0.15 points, error 0.22",
    "p = 8: agents that start apart test better": "−0.47 points, error 0.36",
    "starting apart gains more with 8 agents than with 2": "−0.08 points, error 0.33",
}
REFUSED = [({"agents": (2,)}, "at least two numbers"), ({"runs": 1}, "at least 2")]


@functools.cache  # bugs that name the same share its result
def _accuracies(*values):
    def change(result, monkeypatch=None):
        return with_ends(result, "quorum_accuracy", values)

    return change


PLANTED = [
    Planted(
        "starting together tests better",
        _accuracies(0.7, 0.65, 0.6, 0.8, 0.8, 0.8),
        [*["agents that start apart test better"] * 3, "starting apart gains more"],
        right=_accuracies(0.8, 0.85, 0.9, 0.75, 0.75, 0.75),
    ),
    Planted(
        "the gain does not grow with the number of agents",
        _accuracies(0.9, 0.85, 0.8, 0.7, 0.7, 0.7),
        ["starting apart gains more"],
        right=_accuracies(0.8, 0.85, 0.9, 0.75, 0.75, 0.75),
    ),
]
