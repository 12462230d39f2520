"""Planted bugs of the manuscript's Table 1, and what a few hundred digits say otherwise."""

import numpy as np

from tests.experiments.large_batches import ending
from tests.experiments.planted import Planted

FEW = "five runs of ten epochs on 200 digits scatter by more"
UNDECIDED = {
    "noise wins accuracy back": FEW,
    "at the smallest batch noise gains little": FEW,
    "what noise gains rises": FEW,
    "larger batches want more noise": "from 0.01 to 0.3, by 40 held-back examples",
    "linear scaling of the learning rate": "29 points apart; one run of five does as well",
    "square root scaling of the learning rate": FEW,
    "logarithmic scaling of the learning rate": FEW,
    "noise that decays tests better": FEW,
}
CONTRADICTED = {"accuracy is above 90%": "20 updates of a tiny network get 40% right"}
REFUSED = [
    ({"batches": (50, 20)}, "different values, rising"),
    ({"batches": (20, 300)}, "choose smaller batches"),
    ({"rules": ("cubic",)}, "choose from linear"),
    ({"runs": 2}, "at least 5"),
    ({"noises": (-0.1, 0.3)}, "must be positive"),
]

PLAIN, NOISY = [0.9, 0.6], [0.9, 0.8]
"""Accuracies as the paper has them: noise wins back what the largest batch loses."""


def _as_in_the_paper(result):
    result = ending({
        "plain": PLAIN, "noisy": NOISY, "constant": 0.7,
        "linear": 0.1, "square root": 0.2, "logarithmic": 0.3,
    })(result)  # fmt: skip
    return result.assign(search=_search(result, [[0.9, 0.2], [0.2, 0.9]]))


def _search(result, best):
    """Return scores by batch and noise, the same at every rate."""
    scores = result["search"].copy(deep=True)
    scores[{"search_noise": slice(1, None)}] = np.array(best)[:, None, :]
    return scores


def _wrong(**values):
    return ending({name.replace("_", " "): value for name, value in values.items()})


PLANTED = [
    Planted(
        "noise is not added at all",
        _wrong(noisy=PLAIN),
        ["noise wins accuracy back", "what noise gains rises"],
        right=_as_in_the_paper,
    ),
    Planted(
        "accuracy does not depend on the batch",
        _wrong(plain=0.9),
        ["without noise the accuracy falls"],
        right=_as_in_the_paper,
    ),
    Planted(
        "noise helps the smallest batch as much",
        _wrong(noisy=[0.95, 0.8]),
        ["at the smallest batch noise gains little"],
        right=_as_in_the_paper,
    ),
    Planted(
        "learning rates are not scaled",
        _wrong(linear=0.8, square_root=0.81, logarithmic=0.82),
        ["scaling of the learning rate"] * 3,
        only=True,
        right=_as_in_the_paper,
    ),
    Planted(
        "noise that should not decay does",
        _wrong(constant=0.85),
        ["noise that decays tests better"],
        only=True,
        right=_as_in_the_paper,
    ),
    Planted(
        "the search mixes up the batch sizes",
        lambda result, monkeypatch: result.assign(search=_search(result, [[0.2, 0.9], [0.9, 0.2]])),
        ["larger batches want more noise"],
        only=True,
        right=_as_in_the_paper,
    ),
]
