"""The noise of one step: its words, its variates and what they are multiplied by."""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.addresses import call_variates
from sdeopt.kernels.compilation import compiled_inline
from sdeopt.kernels.philox import fill_words
from sdeopt.kernels.plan import Work
from sdeopt.kernels.state import TOGETHER, UNDRAWN

Values = NDArray[np.float64]
Integers = NDArray[np.int64]
Words = NDArray[np.uint64]


@compiled_inline
def draw_rows(
    z: Values, words: Words, cached: Words, cached_for: Words, held: Integers, agents: Words,
    replicas: Words, seed: np.uint64, variates: int, purpose: int, t: int, dim: int, end_step: int,
    shape: Values,
) -> int:  # fmt: skip
    """Draw the variates of a law that makes pairs of them; return the row where they begin.

    Few numbers are drawn for many steps at once, up to the one before `end_step`, as a call costs more
    than they do. An odd dimension takes two steps at least.
    """
    turn = t & (held[TOGETHER] - 1)
    begin = dim * turn
    if t >= held[UNDRAWN]:
        last = min(t - turn + held[TOGETHER], end_step)
        row, end = begin - begin % 2, begin + dim * (last - t)
        block = np.uint64((t * dim - begin + row) // 2)
        stream = np.uint64(purpose)
        fill_words(seed, stream, block, agents, replicas, cached, cached_for, words, row, end)
        call_variates(variates, z, row, end, shape)
        held[UNDRAWN] = last
    return int(begin)


@compiled_inline
def noise_rows(work: Work, purpose: int, t: int, shape: Values) -> int:
    """Draw the standard variates of step t, elements t * dim, ... of every lane's stream.

    Returned is the row where they begin.
    """
    buffers, seed, variates = work.buffers, work.plan.seed, work.passes.variates
    z, words, dim = buffers.z, buffers.words, buffers.x.shape[0]
    agents, replicas = buffers.agent_of, buffers.replica_of
    cached, cached_for = buffers.cached, buffers.cached_for
    if work.plan.options.single:
        stream = np.uint64(purpose)
        for d in range(dim):
            block = np.uint64(t * dim + d)
            fill_words(seed, stream, block, agents, replicas, cached, cached_for, words, d, d + 1)
            call_variates(variates, z, d, d + 1, shape)
        return 0
    return draw_rows(
        z, words, cached, cached_for, buffers.held, agents, replicas, seed, variates, purpose, t, dim,
        work.plan.first_step + work.plan.steps, shape,
    )  # fmt: skip


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
