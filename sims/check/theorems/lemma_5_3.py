"""Lemma 5.3, eq. (52): how fast momentum converges once the agents are together."""

import numpy as np

from sims.check.dynamics import ROUNDING, rate_between
from sims.check.momentum import of_lemma_5_3, with_the_mean
from sims.check.theorem import AT_LEAST, Laboratory, Theorem


def _measured(laboratory: Laboratory, rate: float) -> float | None:
    case = laboratory.case
    minimum = case.constants.minimum
    if minimum is None:
        return None
    own = of_lemma_5_3(case)
    shift, damping = own["metric_shift"], case.parameter("damping")
    # α² of the lemma; the metric has the coordinates (αx, v + βx)
    total = own["smoothness"] + case.parameter("strong_convexity")
    stretch = total / 2 - shift * (damping - shift)
    flow = laboratory.flow(rate, together=True)
    sizes = []
    for mean, velocities in zip(flow.mean(), flow.velocities(), strict=True):
        away = mean - minimum
        turned = velocities.mean(axis=1) + shift * away
        sizes.append(np.sqrt(stretch * (away**2).sum(axis=-1) + (turned**2).sum(axis=-1)))
    return rate_between(sizes[0], sizes[1], flow.time)


THEOREM = Theorem(
    result="lemma_5_3",
    quantity="rate of (x• − x*, v•)",
    relation=AT_LEAST,
    algorithms=("ContinuousMomentum",),
    why_not=with_the_mean,
    own=of_lemma_5_3,
    measured=_measured,
    tolerance=ROUNDING,
)
