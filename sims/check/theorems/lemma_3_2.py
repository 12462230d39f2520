"""Lemma 3.2, eq. (35): how fast agents with momentum synchronize."""

import numpy as np

from sims.check.dynamics import ROUNDING, rate_between
from sims.check.theorem import AT_LEAST, Laboratory, Theorem
from sims.check.theorems.lemma_3_1 import THEOREM as SPREAD


def _measured(laboratory: Laboratory, rate: float) -> float:
    flow = laboratory.flow(rate)
    sizes = []
    for positions, velocities in zip(flow.agents(), flow.velocities(), strict=True):
        state = np.concatenate([positions, velocities], axis=-1)
        away = state - state.mean(axis=1, keepdims=True)
        sizes.append(np.sqrt((away**2).sum(axis=(1, 2))))
    return rate_between(sizes[0], sizes[1], flow.time)


THEOREM = Theorem(
    result="lemma_3_2",
    quantity="rate of (xⁱ − xʲ, vⁱ − vʲ)",
    relation=AT_LEAST,
    algorithms=("ContinuousMomentum",),
    why_not=SPREAD.why_not,
    measured=_measured,
    tolerance=ROUNDING,
)
