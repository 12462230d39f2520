"""Planted bugs of the manuscript's Figure 1, and what a small network says otherwise."""

from tests.experiments.large_batches import curves
from tests.experiments.planted import Planted

UNDECIDED = {
    "the test accuracy oscillates wildly": "the median run drops by 17 points, one by less than 10",
    "noise removes oscillation": "by half, but five runs of 200 digits scatter as much",
}
CONTRADICTED = {
    "and removes essentially all": "by up to 11 points, where one test of 300 digits has an error of 3",
}
REFUSED = [({"batch": 300}, "choose smaller batches"), ({"epochs": 0}, "epochs")]

WILD = [0.1, 0.5, 0.8, 0.3, 0.7, 0.4, 0.9, 0.6, 0.9, 0.9]
CALM = [0.1, 0.5, 0.7, 0.8, 0.85, 0.87, 0.88, 0.9, 0.91, 0.92]
_as_in_the_paper = curves(plain=WILD, noisy=CALM)

PLANTED = [
    Planted(
        "noise oscillates too",
        curves(noisy=WILD),
        ["noise removes oscillation", "and removes essentially all"],
        only=True,
        right=_as_in_the_paper,
    ),
    Planted(
        "the learning rate is too small to oscillate",
        curves(plain=CALM),
        ["the test accuracy oscillates wildly", "noise removes oscillation"],
        only=True,
        right=_as_in_the_paper,
    ),
]
