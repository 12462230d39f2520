"""Theorem 5.2, eq. (51): how near EASGD comes to the minimizer, mean and quorum variable together."""

from sims.check.case import Case
from sims.check.measurement import Plan
from sims.check.theorem import Theorem
from sims.shared.linear import mean_length


def _exact(case: Case, plan: Plan) -> float | None:
    return None if case.moments is None else mean_length(case.moments.together)


THEOREM = Theorem(
    result="theorem_5_2",
    quantity="E‖(x• − x*, x~ − x*)‖",
    algorithms=("EASGD",),
    measured=lambda laboratory, _: laboratory.stationary.quantity("joint_distance"),
    exact=_exact,
)
