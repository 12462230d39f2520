"""Theorem 5.3, eq. (54), in the metric of Lemma 5.3: how near QSGD with momentum comes."""

from sims.check.case import Case
from sims.check.measurement import Plan
from sims.check.momentum import of_lemma_5_3, only_positions_coupled
from sims.check.theorem import Theorem
from sims.shared.linear import mean_length


def _exact(case: Case, plan: Plan) -> float | None:
    return None if case.moments is None else mean_length(case.moments.together)


THEOREM = Theorem(
    result="theorem_5_3_explicit",
    quantity="E‖(x• − x*, v•)‖",
    algorithms=("ContinuousMomentum",),
    why_not=only_positions_coupled,
    own=of_lemma_5_3,
    measured=lambda laboratory, _: laboratory.stationary.quantity("state_distance"),
    exact=_exact,
)
