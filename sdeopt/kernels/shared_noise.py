"""Noise that agents share, and noise that lasts.

Both are made of standard normal variates, so that what they give is standard normal too: √(1−ρ) times
an agent's own with √ρ times one that all agents of its replica have, and a times that of the step
before with √(1−a²) times a new one. The first step is a draw, so the process is stationary from there.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled_separately
from sdeopt.kernels.drawn_noise import draw_rows
from sdeopt.kernels.intrinsics import never_inline
from sdeopt.kernels.philox import SHARED, UNKNOWN
from sdeopt.kernels.plan import work_at
from sdeopt.kernels.state import HELD, TOGETHER, UNDRAWN
from sdeopt.kernels.vectors import NARROW

Values = NDArray[np.float64]
Integers = NDArray[np.int64]
Words = NDArray[np.uint64]

DECAY, CORRELATION = 0, 1
"""Where the two numbers are in the shape of a law."""


class Shared(NamedTuple):
    """The memory of a thread for noise that agents share; columns are replicas, filled up to vectors."""

    z: Values  # (2 * dim, columns)
    words: Words  # the same memory
    cached: Words  # (2, columns)
    cached_for: Words  # (1,)
    held: Integers  # `UNDRAWN` and `TOGETHER`
    agent_of: Words  # (columns,) zeros
    replica_of: Words  # (columns,)


def make_shared(dim: int, replicas: int) -> Shared:
    """Allocate it."""
    columns = -(-replicas // NARROW) * NARROW
    z, cached = np.zeros((2 * dim, columns)), np.zeros((2, columns), np.uint64)
    held, cached_for = np.zeros(HELD, np.int64), np.full(1, UNKNOWN)
    held[TOGETHER] = 1 + dim % 2
    nobody = np.zeros((2, columns), np.uint64)
    return Shared(z, z.view(np.uint64), cached, cached_for, held, nobody[0], nobody[1])


@compiled_separately
def begin_shared(shared: Shared, first_replica: int) -> None:
    """Turn to the replicas of another block."""
    never_inline()
    shared.held[UNDRAWN] = 0
    for column in range(shared.replica_of.shape[0]):
        shared.replica_of[column] = np.uint64(first_replica + column)


@compiled_separately
def mix_shared(place: int, shared: Shared, t: int, begin: int, shape: Values) -> None:
    """Give the agents of every replica their common part of the noise of step t."""
    never_inline()
    work = work_at(place)
    z, plan = work.buffers.z, work.plan
    replicas = work.buffers.mean.shape[1]
    dim = work.buffers.x.shape[0]
    first = draw_rows(
        shared.z, shared.words, shared.cached, shared.cached_for, shared.held, shared.agent_of,
        shared.replica_of, plan.seed, work.passes.variates, SHARED, t, dim,
        plan.first_step + plan.steps, shape,
    )  # fmt: skip
    common, own = math.sqrt(shape[CORRELATION]), math.sqrt(1.0 - shape[CORRELATION])
    for d in range(dim):
        row = begin + d
        for i in range(plan.agents):
            for r in range(replicas):
                lane = i * replicas + r
                z[row, lane] = own * z[row, lane] + common * shared.z[first + d, r]


@compiled_separately
def let_last(z: Values, lasting: Values, t: int, shape: Values) -> None:
    """Add the noise of the step before, and keep what comes of it."""
    never_inline()
    decay = shape[DECAY] if t > 0 else 0.0
    fresh = math.sqrt(1.0 - decay * decay)
    for d in range(z.shape[0]):
        for lane in range(z.shape[1]):
            z[d, lane] = decay * lasting[d, lane] + fresh * z[d, lane]
            lasting[d, lane] = z[d, lane]
