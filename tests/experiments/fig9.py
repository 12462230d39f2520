"""Planted bugs of Figure 9, and what our small sample says otherwise."""

from tests.experiments.planted import Planted
from tests.experiments.trainings import ends_by_method

UNDECIDED = {
    "p = 2: and not only later in overfitting": "by 2.8 standard errors",
    "p = 4: and not only later in overfitting": "by 1.3 standard errors",
    "p = 8: and not only later in overfitting": "by −1.4 standard errors",
    "p = 1: EASGD tests better": "0.37 points apart, error 0.31",
    "p = 2: EASGD tests better": "−0.07 points apart, error 0.16",
    "p = 4: EASGD tests better": "−0.29 points apart, error 0.21",
    "p = 8: EASGD tests better": "−0.10 points apart, error 0.10",
}
REFUSED = [({"agents": (1,)}, "at least two numbers"), ({"runs": 1}, "at least 2")]


PLANTED = [
    Planted(
        "QSGD tests better",
        ends_by_method("quorum_accuracy", "test", QSGD=0.9, EASGD=0.8),
        ["EASGD tests better than QSGD"] * 4,
        right=ends_by_method("quorum_accuracy", "test", QSGD=0.8, EASGD=0.9),
    ),
    Planted(
        "EASGD drives the train loss lower",
        ends_by_method("quorum_loss", "train", QSGD=0.2, EASGD=0.1),
        ["QSGD drives the train loss lower than EASGD"] * 4,
        right=ends_by_method("quorum_loss", "train", QSGD=0.1, EASGD=0.2),
    ),
    Planted(
        "QSGD ends with the lower test loss",
        ends_by_method("quorum_loss", "test", QSGD=0.1, EASGD=0.9),
        ["EASGD drives the test loss lower than QSGD"] * 4,
    ),
]
