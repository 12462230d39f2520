"""Planted bugs of Table 1, and what our small sample says otherwise."""

from tests.experiments.fig10 import ranked
from tests.experiments.planted import Planted

CONTRADICTED = {
    "EASGD-WM has a smaller least test error": "at 1 of 8 settings",
    # nearly all of eight are all
    "EASGD has a smaller least test error than MSGD": "on average at 4 of 8 settings",
}
REFUSED = [({"momenta": ()}, "at least one number"), ({"runs": 1}, "at least 2")]

PLANTED = [
    Planted(
        "SGD with momentum is the best",
        ranked(MSGD=0.9, EASGD=0.8, EASGD_WM=0.7),
        ["EASGD-WM has a smaller least test error", "EASGD has a smaller least test error"],
        right=ranked(MSGD=0.7, EASGD=0.8, EASGD_WM=0.9),
    ),
    Planted(
        "EASGD-WM is between the two",
        ranked(MSGD=0.7, EASGD=0.9, EASGD_WM=0.8),
        ["EASGD-WM has a smaller least test error"],
        right=ranked(MSGD=0.7, EASGD=0.8, EASGD_WM=0.9),
    ),
]
