"""Lemma 5.2, eq. (50): how fast EASGD converges once its agents are together."""

import numpy as np

from sims.check.dynamics import ROUNDING, rate_between
from sims.check.theorem import AT_LEAST, Laboratory, Theorem


def _measured(laboratory: Laboratory, rate: float) -> float | None:
    minimum = laboratory.case.constants.minimum
    if minimum is None:
        return None
    flow = laboratory.flow(rate, together=True)
    sizes = [
        # the metric of the lemma, Θ = diag(√p I, I)
        np.sqrt(
            laboratory.case.problem.agents * ((mean - minimum) ** 2).sum(axis=-1)
            + ((quorum - minimum) ** 2).sum(axis=-1)
        )
        for mean, quorum in zip(flow.mean(), flow.quorum(), strict=True)
    ]
    return rate_between(sizes[0], sizes[1], flow.time)


THEOREM = Theorem(
    result="lemma_5_2",
    quantity="rate of (x• − x*, x~ − x*)",
    relation=AT_LEAST,
    algorithms=("EASGD",),
    measured=_measured,
    tolerance=ROUNDING,
)
