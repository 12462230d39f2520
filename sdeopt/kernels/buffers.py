"""The memory that a driver works in: aligned rows, buffers, a block's own copy of its state.

A vector that straddles two lines costs two loads. And buffers that were asked for one by one may lie
a little more than a multiple of 4096 bytes apart, where the processor takes a load from one for a
load of what was just stored in the other and waits; rows of one allocation lie exactly their length
apart.

A processor fetches more than it is asked for: of two threads that worked on neighbouring blocks where
they lie, one would fetch what the other writes.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled_apart, compiled_in_kernels
from sdeopt.kernels.intrinsics import stay_apart
from sdeopt.kernels.means import SCRATCH
from sdeopt.kernels.passes import copy_rows
from sdeopt.kernels.philox import UNKNOWN
from sdeopt.kernels.state import Buffers, Stages, State
from sdeopt.kernels.vectors import NARROW

Values = NDArray[np.float64]

LINE = 64
"""Bytes of a cache line, and of the widest vectors."""

NUMBERS = LINE // 8


@compiled_in_kernels
def aligned_rows(count: int, length: int) -> Values:
    """Return an uninitialized array of rows."""
    memory = np.empty(count * length + NUMBERS)
    skipped = (-memory.ctypes.data) % LINE // 8
    return memory[skipped : skipped + count * length].reshape(count, length)


def own_lines(*shape: int) -> Values:
    """Return an uninitialized array that has the lines of the cache it lies in to itself.

    Two threads that write different numbers of one line wait for each other, and small arrays that
    were asked for one by one often share a line.
    """
    size = math.prod(shape)
    return aligned_rows(1, -(-size // NUMBERS) * NUMBERS)[0, :size].reshape(shape)


def aligned_copy(array: Values) -> Values:
    """Return a C-contiguous copy that begins with a cache line."""
    memory = np.empty(array.size + NUMBERS)
    skipped = -memory.ctypes.data % LINE // 8
    copy = memory[skipped : skipped + array.size].reshape(array.shape)
    copy[...] = array
    return copy


@compiled_apart
def take_up(b: int, state: State, buffers: Buffers) -> None:
    """Copy a block to where it is worked on."""
    stay_apart()
    copy_rows(state.x[b], buffers.x)
    copy_rows(state.v[b], buffers.v)
    copy_rows(state.u[b], buffers.u)
    copy_rows(state.quorum[b], buffers.quorum)


@compiled_apart
def give_back(b: int, state: State, buffers: Buffers) -> None:
    """Copy a block to where it lies between chunks."""
    stay_apart()
    copy_rows(buffers.x, state.x[b])
    copy_rows(buffers.v, state.v[b])
    copy_rows(buffers.u, state.u[b])
    copy_rows(buffers.mean, state.mean[b])
    copy_rows(buffers.quorum, state.quorum[b])


def make_buffers(state: State, batch: int, step_sizes: int, pulls: int) -> Buffers:
    """Allocate the buffers of a block."""
    _, dim, lanes = state.x.shape
    replicas = state.mean.shape[2]
    memory = aligned_rows(6, dim * lanes)
    whole = memory[:4].reshape(4, dim, lanes)
    z = memory[4:].reshape(2 * dim, lanes)
    z[:] = 0.0
    pull = own_lines(pulls)
    pull[:] = 0.0
    words = aligned_rows(4, lanes).view(np.uint64)
    seen = own_lines(2).view(np.uint64)
    seen[:] = UNKNOWN
    return Buffers(
        x=whole[3],
        v=own_lines(*state.v.shape[1:]),
        u=own_lines(*state.u.shape[1:]),
        mean=own_lines(dim, replicas),
        quorum=own_lines(dim, replicas),
        slope=whole[0],
        point=whole[1],
        signal=aligned_rows(dim, lanes + NARROW),
        velocity_signal=whole[2],
        z=z,
        words=z.view(np.uint64),
        kept=words[:2],
        kept_for=seen[:1],
        held=seen[1:],
        agent_of=words[2],
        replica_of=words[3],
        step_size=own_lines(step_sizes),
        amplitude=own_lines(step_sizes),
        pull=pull,
        quorum_rate=own_lines(dim, replicas),
        sums=own_lines(SCRATCH),
        losses=own_lines(lanes),
        single=own_lines(1, replicas),
        at_mean=own_lines(dim, replicas),
        averaged=own_lines(dim, replicas),
        marks=own_lines(lanes),
        column=own_lines(dim),
        matrix=own_lines(dim, dim),
        drawn=own_lines(batch, lanes).view(np.int64),
    )


def make_stages(state: State) -> Stages:
    """Allocate what the strong scheme keeps of its two stages."""
    of_agents = np.zeros((3, 3, *state.x.shape[1:]))
    of_replicas = np.zeros((4, *state.mean.shape[1:]))
    return Stages(*of_agents, *of_replicas)
