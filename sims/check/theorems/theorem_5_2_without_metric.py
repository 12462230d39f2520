"""Theorem 5.2 without a metric: the mean of EASGD comes as near as that of QSGD."""

from sims.check.theorem import Theorem
from sims.check.theorems.theorem_5_1 import distance_of_mean

THEOREM = Theorem(
    result="theorem_5_2_without_metric",
    quantity="E‖x• − x*‖",
    algorithms=("EASGD",),
    measured=lambda laboratory, _: laboratory.stationary.quantity("distance"),
    exact=distance_of_mean,
)
