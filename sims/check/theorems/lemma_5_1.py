"""Lemma 5.1: how fast every agent of coupled descent comes to the minimizer without noise."""

import numpy as np

from sims.check.case import Case
from sims.check.dynamics import ROUNDING, rate_between
from sims.check.theorem import AT_LEAST, Laboratory, Theorem


def _rates(case: Case) -> dict[str, float]:
    convexity = case.parameter("strong_convexity")
    return {
        "synchronization_rate": convexity + case.parameter("coupling"),
        "descent_rate": convexity,
    }


def _measured(laboratory: Laboratory, rate: float) -> float | None:
    case, minimum = laboratory.case, laboratory.case.constants.minimum
    if minimum is None:
        return None
    flow = laboratory.flow(rate)
    start, end = flow.agents()
    rates, p = _rates(case), case.problem.agents
    # With u(x) = k x/p: the Lipschitz constant is k/p; the distances to all other agents count.
    away = ((start - start.mean(axis=1, keepdims=True)) ** 2).sum(axis=-1)
    pairs = p * away + away.sum(axis=1, keepdims=True)
    head = (case.parameter("coupling") / p) ** 2 * p * pairs / np.prod([*rates.values()])
    return rate_between(
        head + ((start - minimum) ** 2).sum(axis=-1),
        ((end - minimum) ** 2).sum(axis=-1),
        flow.time,
    )


THEOREM = Theorem(
    result="lemma_5_1",
    quantity="rate of ‖xⁱ − x*‖²",
    relation=AT_LEAST,
    algorithms=("SGD", "QSGD"),
    own=_rates,
    constants=("strong_convexity",),
    measured=_measured,
    tolerance=ROUNDING,
)
