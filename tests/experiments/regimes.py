"""Planted bugs of the regimes of EASGD, and what our small sample cannot decide."""

import numpy as np

from tests.experiments.planted import Planted

UNDECIDED = {
    "400 examples: EASGD tests better at the end than QSGD": "0.13 points apart, error 0.07",
    "400 examples: EASGD ends with a lower test loss than MSGD": "0.050 apart, error 0.017",
    "400 examples: EASGD tests better at the end than MSGD": "0.35 points apart, error 0.68",
    "with 200 examples than with 400": "0.011 apart, error 0.013",
}
REFUSED = [
    ({"sizes": (200,)}, "at least two numbers"),
    ({"coupling": (2.0, 0.5)}, "rising"),
    ({"runs": 1}, "at least 2"),
    ({"agents": 0}, "agents is 0"),
]


def _swapped(result, monkeypatch=None):
    """Return the result with the methods in each other's place."""
    names = {"QSGD": "EASGD", "EASGD": "QSGD"}
    methods = [
        names[str(name)] if agents > 1 else str(name)
        for name, agents in zip(result["method"].values, result["agents"].values, strict=True)
    ]
    return result.assign_coords(method=("plan", methods))


def _alone_ends_lowest(result, monkeypatch=None):
    """Return the result with a single agent that tests far better at the end."""
    alone = result["agents"] == 1
    last = result["epoch"] == result["epoch"].max()
    for name, best in (("mean_loss", 0.1), ("mean_accuracy", 0.99)):
        result[name] = result[name].where(~(alone & last), best)
    return result


def _sizes_swapped(result, monkeypatch=None):
    """Return the result with the fewest examples in the place of the most."""
    sizes = result["train"].values
    return result.assign_coords(train=("plan", sizes.min() + sizes.max() - sizes))


def _decided(result):
    """Return the result with less test loss of EASGD where there are the fewest examples."""
    few = (result["train"] == result["train"].min()) & (result["method"] == "EASGD")
    last = result["epoch"] == result["epoch"].max()
    result["quorum_loss"] = result["quorum_loss"] - 0.1 * (few & last).astype(np.float64)
    return result


PLANTED = [
    Planted(
        "QSGD and EASGD are taken for each other",
        _swapped,
        [
            "200 examples: EASGD ends with a lower test loss than QSGD",
            "200 examples: EASGD tests better at the end than QSGD",
            "400 examples: EASGD ends with a lower test loss than QSGD",
            "over all sizes and epochs, EASGD gains more",
            "at the end than half-way",
        ],
    ),
    Planted(
        "a single agent tests better",
        _alone_ends_lowest,
        [
            "200 examples: EASGD ends with a lower test loss than MSGD",
            "200 examples: EASGD tests better at the end than MSGD",
        ],
    ),
    Planted(
        "the sizes are taken for each other",
        _sizes_swapped,
        ["with 200 examples than with 400"],
        right=_decided,
    ),
]
