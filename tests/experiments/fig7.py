"""Planted bugs of Figure 7, and what our small sample says otherwise."""

from tests.experiments.planted import Planted
from tests.experiments.trainings import with_ends

UNDECIDED = {
    "the quorum variable does not converge": "0.79 of the average agent, with limits from 0.65 to 0.94 "
    "over so few runs",
    "tests best: better than the next best that converges": "−0.16 points apart, error 0.32",
    "tests better than the strongest coupling": "the same two: k = 10 is the next best",
}
REFUSED = [
    ({"runs": 1}, "at least 2"),
    ({"agents": 0}, "agents is 0"),
    ({"coupling": (1.0,)}, "at least two numbers"),
    ({"coupling": (2.0, 1.0)}, "rising"),
    ({"scaling": (0.1, 3.0)}, "must be two of coupling"),
]


def _as_the_paper(result):
    """Train errors near zero where the quorum variable converges, test accuracy falling in k."""
    result = with_ends(result, "agents_accuracy", (0.99,) * 3, "train")
    result = with_ends(result, "quorum_accuracy", (0.3, 0.99, 0.99), "train")
    return with_ends(result, "quorum_accuracy", (0.7, 0.9, 0.8))


PLANTED = [
    Planted(
        "the strongest coupling tests best",
        lambda result, monkeypatch: with_ends(result, "quorum_accuracy", (0.7, 0.8, 0.9)),
        ["tests best: better than the next best", "tests better than the strongest coupling"],
        right=_as_the_paper,
    ),
    Planted(
        "the quorum variable converges at any coupling",
        lambda result, monkeypatch: with_ends(result, "quorum_accuracy", (0.99,) * 3, "train"),
        ["the quorum variable does not converge"],
        right=_as_the_paper,
    ),
    Planted(
        "agents as near their mean at every coupling",
        lambda result, monkeypatch: result.assign(
            synchronization=result["synchronization"]
            .isel(plan=-1)
            .broadcast_like(result["synchronization"])
        ),
        ["agents are further from their mean"],
    ),
]
