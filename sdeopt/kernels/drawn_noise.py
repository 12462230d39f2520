"""The noise of one step: its words, its variates and what they are multiplied by."""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.addresses import call_variates
from sdeopt.kernels.compilation import compiled_inline
from sdeopt.kernels.philox import fill_words
from sdeopt.kernels.plan import Work

Values = NDArray[np.float64]
Words = NDArray[np.uint64]


@compiled_inline
def draw_rows(
    z: Values, words: Words, cached: Words, cached_for: Words, held: Words, agents: Words,
    replicas: Words, seed: np.uint64, variates: int, purpose: int, t: int, shape: Values,
) -> int:  # fmt: skip
    """Draw the variates of a law that makes pairs of them; return the row where they begin."""
    dim, stream = z.shape[0] // 2, np.uint64(purpose)
    begin = dim * (t % 2) if dim % 2 == 1 else 0
    row = begin - begin % 2
    if row < begin and held[0] == np.uint64(t):
        # drawn together with the last of the step before
        row += 2
    end = begin + dim
    if row < end:
        block = np.uint64((t * dim - begin + row) // 2)
        fill_words(seed, stream, block, agents, replicas, cached, cached_for, words, row, end)
        call_variates(variates, z, row, end, shape)
    if (end - row) % 2 == 1:
        held[0] = np.uint64(t + 1)
    return begin


@compiled_inline
def noise_rows(work: Work, purpose: int, t: int, shape: Values) -> int:
    """Draw the standard variates of step t, elements t * dim, ... of every lane's stream.

    They are drawn in pairs, so in an odd dimension every second step begins with the second of a
    pair whose first belonged to the step before; the buffer then holds two steps. Returned is the row
    where they begin.
    """
    buffers, seed, variates = work.buffers, work.plan.seed, work.passes.variates
    z, words, held = buffers.z, buffers.words, buffers.held
    agents, replicas = buffers.agent_of, buffers.replica_of
    cached, cached_for = buffers.cached, buffers.cached_for
    if work.plan.options.single:
        dim, stream = z.shape[0] // 2, np.uint64(purpose)
        for d in range(dim):
            block = np.uint64(t * dim + d)
            fill_words(seed, stream, block, agents, replicas, cached, cached_for, words, d, d + 1)
            call_variates(variates, z, d, d + 1, shape)
        return 0
    return draw_rows(
        z, words, cached, cached_for, held, agents, replicas, seed, variates, purpose, t, shape
    )


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
