"""Filling a block's buffers with what is drawn or handed in: minibatches and given increments."""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.philox import MINIBATCH, fill_words
from sdeopt.kernels.state import Plan
from sdeopt.kernels.variates import unit_interval

__all__ = ["copy_given", "draw_examples"]

Values = NDArray[np.float64]
Words = NDArray[np.uint64]


@compiled
def draw_examples(
    plan: Plan, t: int, agents: Words, replicas: Words, words: Words, out: NDArray[np.int64]
) -> None:
    """Draw the minibatch of every lane: element t * batch + m of its minibatch stream."""
    stream = np.uint64(MINIBATCH)
    for m in range(plan.batch):
        element = t * plan.batch + m
        block = np.uint64(element // 2)
        fill_words(plan.seed, stream, block, agents, replicas, words[0], words[1])
        row = words[element % 2]
        limit = plan.examples if plan.replacement else plan.examples - plan.batch + m + 1
        for lane in range(out.shape[1]):
            drawn = min(int(unit_interval(row[lane]) * limit), limit - 1)
            if not plan.replacement:
                # Floyd's sampling: a repeated draw is replaced by the newest index
                for earlier in range(m):
                    if out[earlier, lane] == drawn:
                        drawn = limit - 1
                        break
            out[m, lane] = drawn


@compiled
def copy_given(given: Values, s: int, first: int, agents: int, replicas: int, z: Values) -> None:
    """Lay out the increments of one step for a block."""
    z[:] = 0.0
    for r in range(min(replicas, given.shape[1] - first)):
        for i in range(agents):
            for d in range(z.shape[0]):
                z[d, i * replicas + r] = given[s, first + r, i, d]
