"""Lemma 3.1, eq. (22): how far noise keeps coupled agents apart."""

from sims.check.case import Case
from sims.check.theorem import Theorem


def _alone(case: Case) -> str:
    return "it takes two agents at least" if case.problem.agents < 2 else ""


THEOREM = Theorem(
    result="lemma_3_1",
    quantity="E Σ‖xⁱ − x•‖²",
    algorithms=("SGD", "QSGD", "EASGD", "ArbitraryQuorum"),
    why_not=_alone,
    measured=lambda laboratory, _: laboratory.stationary.quantity("spread"),
    exact=lambda case, _: None if case.moments is None else float(case.moments.spread),
    of_all=True,
)
