"""Theorem 5.2 for the mean alone, without what the quorum variable adds."""

from sims.check.theorem import Theorem
from sims.check.theorems.theorem_5_1 import distance_of_mean

THEOREM = Theorem(
    result="theorem_5_2",
    statement="mean",
    quantity="E‖x• − x*‖",
    algorithms=("EASGD",),
    measured=lambda laboratory, _: laboratory.stationary.quantity("distance"),
    exact=distance_of_mean,
)
