"""Theorem 3.1: how fast agents that hear one signal synchronize without noise."""

import numpy as np

from sims.check.dynamics import ROUNDING, rate_between
from sims.check.theorem import AT_LEAST, Laboratory, Theorem
from sims.check.theorems.lemma_3_1 import THEOREM as SPREAD


def _measured(laboratory: Laboratory, rate: float) -> float:
    flow = laboratory.flow(rate)
    sizes = [
        np.sqrt(((agents - agents.mean(axis=1, keepdims=True)) ** 2).sum(axis=(1, 2)))
        for agents in flow.agents()
    ]
    return rate_between(sizes[0], sizes[1], flow.time)


THEOREM = Theorem(
    result="theorem_3_1",
    quantity="rate of xⁱ − xʲ",
    relation=AT_LEAST,
    algorithms=SPREAD.algorithms,
    why_not=SPREAD.why_not,
    measured=_measured,
    tolerance=ROUNDING,
)
