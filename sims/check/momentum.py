"""What the theorems about momentum share: the metric of Lemma 5.3, and what they are about."""

import math

from sims.check.case import Case

APART = 1e-9
"""Where l = L, L is taken larger by this share: the metric is for l < L."""


def of_lemma_5_3(case: Case) -> dict[str, float]:
    """Return the shift β of the best metric of Lemma 5.3, and L above l."""
    l, most = case.parameter("strong_convexity"), case.parameter("smoothness")  # noqa: E741
    most, damping = max(most, l * (1 + APART)), case.parameter("damping")
    heavy = damping**2 - most - 3 * l
    shift = damping / 2 - (math.sqrt(heavy) / 2 if heavy > 0 else 0.0)
    return {"metric_shift": shift, "smoothness": most}


def with_the_mean(case: Case) -> str:
    """Return why theorems about QSGD with momentum do not apply: agents hear x~."""
    hears = getattr(case.problem.algorithm, "quorum", "mean")
    return "" if hears == "mean" else "it is about agents that are pulled towards x•, not x~"


def only_positions_coupled(case: Case) -> str:
    """Return why theorems with k₂ = 0 do not apply."""
    if case.problem.number("velocity_coupling"):
        return "it is about coupling of the positions alone, k₂ = 0"
    return with_the_mean(case)
