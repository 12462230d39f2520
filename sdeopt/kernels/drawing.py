"""Filling a block's buffers with what is drawn or handed in: minibatches and given increments."""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled_inline
from sdeopt.kernels.philox import MINIBATCH, fill_words
from sdeopt.kernels.state import Buffers, Plan
from sdeopt.kernels.variates import unit_interval

Values = NDArray[np.float64]


@compiled_inline
def draw_examples(plan: Plan, t: int, buffers: Buffers) -> None:
    """Draw the minibatch of every lane: element t * batch + m of its minibatch stream."""
    purpose = np.uint64(MINIBATCH)
    words, out = buffers.words, buffers.drawn
    agents, replicas = buffers.agent_of, buffers.replica_of
    kept, kept_for = buffers.kept, buffers.kept_for
    for m in range(plan.batch):
        element = t * plan.batch + m
        block = np.uint64(element // 2)
        fill_words(plan.seed, purpose, block, agents, replicas, kept, kept_for, words, 0, 2)
        row = element % 2
        limit = plan.examples if plan.replacement else plan.examples - plan.batch + m + 1
        for lane in range(out.shape[1]):
            drawn = min(int(unit_interval(words[row, lane]) * limit), limit - 1)
            if not plan.replacement:
                # Floyd's sampling: a repeated draw is replaced by the newest index
                for earlier in range(m):
                    if out[earlier, lane] == drawn:
                        drawn = limit - 1
                        break
            out[m, lane] = drawn


@compiled_inline
def copy_given(given: Values, s: int, first: int, agents: int, replicas: int, z: Values) -> None:
    """Lay out the increments of one step for a block, in the first rows of z."""
    dim = given.shape[3]
    z[:dim] = 0.0
    for r in range(min(replicas, given.shape[1] - first)):
        for i in range(agents):
            for d in range(dim):
                z[d, i * replicas + r] = given[s, first + r, i, d]
