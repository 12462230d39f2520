"""What the theorems about momentum share: the metric of Lemma 5.3, and what they are about."""

import math

from sims.check.case import Case

__all__ = ["of_lemma_5_3", "only_positions_coupled", "with_the_mean"]

APART = 1e-9
"""Where l = L, L is taken larger by this share: the metric is for l < L."""


def of_lemma_5_3(case: Case) -> dict[str, float]:
    """Return the shift β of the best metric of Lemma 5.3, and L above l.

    Parameters
    ----------
    case : Case
        With l, L and the damping μ.

    Returns
    -------
    dict
        ``metric_shift`` and ``smoothness``: β = μ/2 for μ² ≤ L + 3l, else β(μ − β) = (L + 3l)/4.

    Examples
    --------
    >>> import sdeopt as so
    >>> from sims.check.case import Case
    >>> from sims.check.derivation import constants_of
    >>> from sims.check.momentum import of_lemma_5_3
    >>> from sims.check.problem import Problem
    >>> bowl, noise = so.losses.Quadratic([[1.0, 0.0], [0.0, 4.0]]), so.noise.Gaussian(1.0)
    >>> algorithm = so.ContinuousMomentum(coupling=1.0, damping=2.0)
    >>> problem = Problem(bowl, algorithm, noise, step_size=0.1, agents=3)
    >>> of_lemma_5_3(Case(problem, constants_of(problem)))
    {'metric_shift': 1.0, 'smoothness': 4.0}
    """
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
