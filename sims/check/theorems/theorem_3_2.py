"""Theorem 3.2, eq. (31): the distortion that the mean of coupled agents feels."""

from sims.check.theorem import Theorem
from sims.check.theorems.lemma_3_1 import THEOREM as SPREAD

THEOREM = Theorem(
    result="theorem_3_2",
    quantity="E‖ε‖",
    algorithms=SPREAD.algorithms,
    why_not=SPREAD.why_not,
    measured=lambda laboratory, _: laboratory.stationary.quantity("distortion"),
    exact=lambda case, _: None if case.hessian is None else 0.0,
    of_all=True,
)
