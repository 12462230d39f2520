"""Planted bugs of the manuscript's Table 3, and what a small network says otherwise."""

from tests.experiments.large_batches import curves
from tests.experiments.planted import Planted

CONTRADICTED = {"simulated SGD gets 97.13% right": "a tiny network, 200 digits and 40 iterations"}
REFUSED = [({"epochs": 0}, "epochs"), ({"rate": -0.1}, "rate")]

_as_in_the_paper = curves(noisy=[0.1, 0.9, 0.95, 0.975])

PLANTED = [
    Planted(
        "the training stops after a fifth",
        curves(noisy=[0.1, 0.97, 0.97, 0.97, 0.97, 0.97, 0.97, 0.97, 0.97]),
        ["simulated SGD goes on to improve"],
        right=lambda result: curves(noisy=[0.1, 0.3, 0.95, 0.965, 0.97, 0.975])(result),
    ),
    Planted(
        "the network learns little",
        curves(noisy=[0.1, 0.3, 0.5, 0.7]),
        ["simulated SGD gets 97.13% right"],
        only=True,
        right=_as_in_the_paper,
    ),
]
