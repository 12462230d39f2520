"""Theorem 5.1, eq. (47): how near QSGD comes to the minimizer."""

from sims.check.case import Case
from sims.check.measurement import Plan
from sims.check.theorem import Theorem
from sims.shared.linear import mean_length


def distance_of_mean(case: Case, plan: Plan) -> float | None:
    """Return E‖x• − x*‖ on a quadratic: the mean length of a normal vector."""
    if case.moments is None:
        return None
    dim = case.problem.loss.dim
    return mean_length(case.moments.together[:dim, :dim])


THEOREM = Theorem(
    result="theorem_5_1",
    quantity="E‖x• − x*‖",
    algorithms=("SGD", "QSGD"),
    measured=lambda laboratory, _: laboratory.stationary.quantity("distance"),
    exact=distance_of_mean,
    of_all=True,
)
