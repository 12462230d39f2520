"""Where the iteration without noise stops to be stable, found by trying couplings."""

from dataclasses import replace

import numpy as np

import sdeopt as so
from sims.check.case import Case

__all__ = ["BAND", "border"]

BAND = 0.01
"""The share within which a border is found: growth near it takes many steps to show."""

STEPS = 2_000
HALVINGS = 10
REPLICAS = 4


def border(case: Case, predicted: float) -> float:
    """Return the largest stable ηk, by bisection between half and twice the predicted one.

    Parameters
    ----------
    case : Case
        The problem; its own coupling does not matter.
    predicted : float
        The border of the theory.

    Returns
    -------
    float
        The largest ηk that was seen to be stable.
    """
    low, high = 0.5 * predicted, 2.0 * predicted
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _dies_out(case, middle):
            low = middle
        else:
            high = middle
    return low


def _dies_out(case: Case, moving_rate: float) -> bool:
    """Return whether the state is smaller at the end of a run than in its middle."""
    problem = case.problem
    centre = case.constants.minimum
    assert centre is not None
    run = so.simulate(
        problem.loss,
        replace(problem.algorithm, coupling=moving_rate / problem.step_size),  # type: ignore[call-arg]
        steps=STEPS,
        step_size=problem.step_size,
        start=so.start.Gaussian(centre, 1.0),
        agents=problem.agents,
        replicas=REPLICAS,
        seed=problem.seed,
        record=so.record.At([STEPS // 2, STEPS]),
        on_divergence="mask",
        progress=False,
    )
    if (run["diverged_at"] >= 0).any():
        return False
    # Apart from each other and apart from the minimizer: either may grow.
    sizes = [np.abs(run[name].values - centre) for name in ("agents", "quorum")]
    middle, end = (max(float(size[place].max()) for size in sizes) for place in (0, 1))
    return end <= middle
