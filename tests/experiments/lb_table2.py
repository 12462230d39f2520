"""Planted bugs of the manuscript's Table 2, and what 48 digits say otherwise."""

from tests.experiments.large_batches import ending
from tests.experiments.planted import Planted

UNDECIDED = dict.fromkeys(
    (
        "noise wins accuracy back",
        "at the smallest batch noise gains little",
        "what noise gains rises",
    ),
    "nine updates leave the network near chance: it shows that it runs",
)
REFUSED = [
    ({"batches": (16, 64)}, "choose smaller batches"),
    ({"rates": ()}, "at least 1"),
    ({"part": 0}, "part"),
]

_as_in_the_paper = ending({"plain": [0.86, 0.65], "noisy": [0.84, 0.71]})

PLANTED = [
    Planted(
        "noise is not added at all",
        ending({"noisy": [0.86, 0.65]}),
        ["noise wins accuracy back", "what noise gains rises"],
        right=_as_in_the_paper,
    ),
    Planted(
        "batches are normalized in parts of their own size, and larger ones better",
        ending({"plain": [0.65, 0.86]}),
        ["without noise the accuracy falls", "at the smallest batch noise gains little"],
        right=_as_in_the_paper,
    ),
]
