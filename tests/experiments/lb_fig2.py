"""Planted bugs of the manuscript's Figure 2, and what a small network says otherwise."""

from tests.experiments.large_batches import curves
from tests.experiments.planted import Planted

UNDECIDED = {"noise conditioned on the iterate": "5 points apart, and runs by 40"}
REFUSED = [({"rate": 0.0}, "rate"), ({"noise": -1.0}, "noise"), ({"imitated": -3}, "imitated")]

SLOW, FAST, FASTEST = [0.1, 0.2, 0.3, 0.4], [0.1, 0.5, 0.7, 0.8], [0.1, 0.6, 0.8, 0.9]
_as_in_the_paper = curves(plain=SLOW, noisy=FAST, conditioned=FASTEST)

PLANTED = [
    Planted(
        "noise and no noise are exchanged",
        curves(plain=FAST, noisy=SLOW),
        ["noise accelerates full-batch training", "with noise the accuracy after"],
        only=True,
        right=_as_in_the_paper,
    ),
    Planted(
        "noise conditioned on the iterate is isotropic",
        curves(conditioned=FAST),
        ["noise conditioned on the iterate"],
        only=True,
        right=_as_in_the_paper,
    ),
]
