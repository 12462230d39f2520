"""How often statistics are observed where the user does not say.

Every step, unless the loss is a sum over the user's data. Its value and its full gradient pass over all
examples, a step on a minibatch over few, so observing each step would be most of the run.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sdeopt.losses.finite_sum import FiniteSum
from sdeopt.noise import Minibatch
from sdeopt.simulation.run import Run

SHARE = 10
"""Observing takes at most the work of the steps divided by this."""


def default_interval(run: Run) -> int:
    """Return the steps between two observations, counted from the work and never from a clock.

    Every window between two records keeps an observation.
    """
    loss, recorded = run.loss, run.record.steps(run.steps)
    if not isinstance(loss, FiniteSum):
        return 1
    step = 2 * run.noise.examples if isinstance(run.noise, Minibatch) else loss.gradient_work
    value, gradient = float(loss.examples), loss.gradient_work
    of_centre = 1.0 / run.agents
    costs: dict[str, float] = {
        "loss": value,
        "loss_of_mean": value * of_centre,
        "loss_of_quorum": value * of_centre,
        "distortion": gradient * (1.0 + of_centre),
    }
    observing = sum(costs.get(name, 0.0) for name in run.selection.scalars)
    wanted = math.ceil(SHARE * observing / step)
    every: int = max(1, min(wanted, int(recorded[-1])))
    while unseen(every, recorded) is not None:
        every -= 1
    return every


def unseen(every: int, recorded: NDArray[np.int64]) -> int | None:
    """Return which of the recorded windows ends without an observation, if one does."""
    ends = recorded[recorded > 0]  # a record at the start has the start in it
    missing = np.diff(ends // every, prepend=0) == 0
    return int(np.argmax(missing)) if missing.any() else None
