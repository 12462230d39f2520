"""Planted bugs of Figure 11, and what our small sample says otherwise."""

from tests.experiments.planted import Planted
from tests.experiments.trainings import ends_by_method

UNDECIDED = {
    "p = 8: EASGD drives the test loss lower": "by −0.5 standard errors",
    "p = 2: EASGD tests better": "−0.07 points apart, error 0.24",
    "p = 4: EASGD tests better": "−0.10 points apart, error 0.13",
    "p = 8: EASGD tests better": "−0.12 points apart, error 0.09",
}
REFUSED = [({"agents": (2,)}, "at least two numbers"), ({"runs": 1}, "at least 2")]


def _far_apart(result, monkeypatch):
    result["synchronization"][{"plan": result["method"].values == "EASGD"}] *= 4.0
    return result


PLANTED = [
    Planted("agents of EASGD far apart", _far_apart, ["close to their mean"] * 3),
    Planted(
        "QSGD tests better",
        ends_by_method("quorum_accuracy", "test", QSGD=0.9, EASGD=0.8),
        ["EASGD tests better than QSGD"] * 3,
        right=ends_by_method("quorum_accuracy", "test", QSGD=0.8, EASGD=0.9),
    ),
    Planted(
        "QSGD ends with the lower test loss",
        ends_by_method("quorum_loss", "test", QSGD=0.1, EASGD=0.9),
        ["EASGD drives the test loss lower than QSGD"] * 3,
        right=ends_by_method("quorum_loss", "test", QSGD=0.9, EASGD=0.1),
    ),
]
