"""Planted bugs of the predicted noise, and what a small network says otherwise."""

import numpy as np

from tests.experiments.large_batches import ending
from tests.experiments.planted import Planted

FEW = "five runs of 200 digits scatter by more"
UNDECIDED = {
    "restoring the noise of batches of 4": "42 points apart, and runs by 50",
    "restoring the noise of batches of 16": FEW,
    "is as good as the search’s": FEW,
}
CONTRADICTED = {
    "the best noise of the search": "of 40 held-back examples one more is right without noise; tr Σ "
    "grows fifty-fold on the way, so that its mean is no noise of the beginning",
}
REFUSED = [
    ({"wanted": (16, 60)}, "restores smaller batches"),
    ({"noises": (0.3, 0.03)}, "rising"),
    ({"rate": 0.0}, "rate"),
]

ALIKE = {"restores": 0.9, "batch": 0.9, "searched": 0.9, "none": 0.6}


def _predicted(result):
    """Return a result as the SDE predicts it: the best noise of the search is a predicted one."""
    result = ending(ALIKE)(result)
    away = abs(np.log(result["searched"].values[1:, None] / result["predicted"].values)).min(axis=1)
    score = np.full(result.sizes["searched"], 0.5)
    score[1 + int(away.argmin())] = 0.9
    return result.assign(score=("searched", score))


PLANTED = [
    Planted(
        "noise is restored in the standard deviation instead of the variance",
        ending({"restores": [0.7, 0.6]}),
        ["restoring the noise of batches of"] * 2,
        right=_predicted,
    ),
    Planted(
        "tr Σ is a thousand times too large",
        lambda result, monkeypatch: result.assign(predicted=1000 * result["predicted"]),
        ["the best noise of the search"],
        right=_predicted,
    ),
    Planted(
        "the search’s noise is far better",
        ending({"searched": 0.97}),
        ["is as good as the search’s"],
        only=True,
        right=_predicted,
    ),
]
