"""Theorem 5.2 without a metric, for the quorum variable of EASGD."""

from sims.check.case import Case
from sims.check.measurement import Plan
from sims.check.theorem import Theorem
from sims.shared.linear import mean_length


def _exact(case: Case, plan: Plan) -> float | None:
    if case.moments is None:
        return None
    dim = case.problem.loss.dim
    return mean_length(case.moments.together[-dim:, -dim:])


THEOREM = Theorem(
    result="theorem_5_2_without_metric",
    statement="quorum",
    quantity="E‖x~ − x*‖",
    algorithms=("EASGD",),
    measured=lambda laboratory, _: laboratory.stationary.quantity("quorum_distance"),
    exact=_exact,
)
