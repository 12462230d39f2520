"""Lemma 3.2 with noise: how far it keeps agents with momentum apart."""

from sims.check.case import Case
from sims.check.measurement import Plan
from sims.check.theorem import Theorem
from sims.check.theorems.lemma_3_1 import THEOREM as SPREAD


def _exact(case: Case, plan: Plan) -> float | None:
    if case.moments is None:
        return None
    return float(case.moments.spread + case.moments.velocity_spread)


THEOREM = Theorem(
    result="lemma_3_2",
    statement="spread",
    quantity="E Σ‖(xⁱ − x•, vⁱ − v•)‖²",
    algorithms=("ContinuousMomentum",),
    why_not=SPREAD.why_not,
    measured=lambda laboratory, _: laboratory.stationary.quantity("state_spread"),
    exact=_exact,
)
