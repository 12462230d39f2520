"""The noise of one step: its words, its variates and what they are multiplied by."""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.addresses import call_variates
from sdeopt.kernels.compilation import compiled_inline
from sdeopt.kernels.philox import fill_words
from sdeopt.kernels.plan import Work
from sdeopt.kernels.state import TOGETHER, UNDRAWN

Values = NDArray[np.float64]


@compiled_inline
def noise_rows(work: Work, purpose: int, t: int, shape: Values) -> int:
    """Draw the standard variates of step t, elements t * dim, ... of every lane's stream.

    A block of few numbers draws those of many steps of the chunk at once, as a call costs more than
    they do. An odd dimension takes two steps at least, because variates come in pairs. Returned is the
    row where they begin.
    """
    buffers, seed, variates = work.buffers, work.plan.seed, work.passes.variates
    z, words, held = buffers.z, buffers.words, buffers.held
    agents, replicas = buffers.agent_of, buffers.replica_of
    cached, cached_for = buffers.cached, buffers.cached_for
    dim = buffers.x.shape[0]
    stream = np.uint64(purpose)
    if work.plan.options.single:
        for d in range(dim):
            block = np.uint64(t * dim + d)
            fill_words(seed, stream, block, agents, replicas, cached, cached_for, words, d, d + 1)
            call_variates(variates, z, d, d + 1, shape)
        return 0
    turn = t & (held[TOGETHER] - 1)
    begin = dim * turn
    if t >= held[UNDRAWN]:
        last = min(t - turn + held[TOGETHER], work.plan.first_step + work.plan.steps)
        row, end = begin - begin % 2, begin + dim * (last - t)
        block = np.uint64((t * dim - begin + row) // 2)
        fill_words(seed, stream, block, agents, replicas, cached, cached_for, words, row, end)
        call_variates(variates, z, row, end, shape)
        held[UNDRAWN] = last
    return int(begin)


@compiled_inline
def perturb(x: Values, z: Values, z_row: int, amplitude: Values) -> None:
    """Add the noise of a step to the positions; all lanes may share an amplitude, the first."""
    own = amplitude.shape[0] > 1
    for d in range(x.shape[0]):
        w = amplitude[0]
        for lane in range(x.shape[1]):
            if own:
                w = amplitude[lane]
            x[d, lane] += w * z[z_row + d, lane]
