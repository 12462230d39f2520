"""The arrays that a driver reads and writes, grouped by what they are, and their place in memory.

Rows begin with a cache line, because a vector that straddles two lines costs two loads. The rows of a
block come from one allocation: buffers allocated one by one may lie a little more than a multiple of
4096 bytes apart, and the processor then delays a load from one that looks like a load of what was just
stored to the other (4K aliasing). Each block is copied to its thread's buffers, because threads
working on neighbouring blocks in place would prefetch the lines that the other writes.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled_in_kernels, compiled_inline, compiled_separately
from sdeopt.kernels.intrinsics import never_inline
from sdeopt.kernels.means import SCRATCH
from sdeopt.kernels.passes import copy_all
from sdeopt.kernels.philox import UNKNOWN
from sdeopt.kernels.received import Received, empty_received
from sdeopt.kernels.vectors import NARROW
from sdeopt.kernels.watched import Watched

Values = NDArray[np.float64]
Integers = NDArray[np.int64]
Words = NDArray[np.uint64]

LINE = 64
"""Bytes of a cache line, and of the widest vectors."""

NUMBERS = LINE // 8


class State(NamedTuple):
    """State of all blocks; lane ``agent * R + replica`` within a block.

    Behind positions and means are the vectors that the algorithm declares, in its order.
    """

    agents: Values  # (blocks, vectors, dim, lanes) of every agent, positions first
    replicas: Values  # (blocks, vectors, dim, R) of every replica, means first
    history: Values  # (blocks, slots, dim, R or lanes) signals of past steps, or (blocks, 0, 0, 0)
    champion: Values  # (blocks, R) agent with the least loss at the start of the epoch
    diverged: Integers  # (blocks, R) step of divergence or -1


class Tables(NamedTuple):
    """Schedules on the steps of one chunk; P is 1 or the number of agents."""

    time: Values  # (steps + 1,) argument of the schedules
    step_size: Values  # (steps, P) learning rate, or dt on the SDE clock
    amplitude: Values  # (steps, P) factor from a standard variate to an increment
    coupling: Values  # (steps,)
    scheduled: Values  # (steps, 3) the algorithm's other scheduled numbers
    stage_coupling: Values  # (steps,) at the inner stage of the strong scheme
    stage_scheduled: Values  # (steps, 3) the same


class Given(NamedTuple):
    """Increments given by the user, empty otherwise, and noise of the step before that lasts."""

    values: Values  # (steps, replicas, agents, dim)
    areas: Values  # the same shape; time integrals of the path, for the strong scheme
    lasting: Values  # (blocks, dim, lanes) of the whole run, or (blocks, 0, 0)


class Observed(NamedTuple):
    """Accumulators of the streamed statistics, sums over the observed steps of a window."""

    wanted: NDArray[np.bool_]  # (5,) which of the scalars
    scalars: Values  # (5, blocks, R)
    shift: Values  # (blocks, dim, R) origin of the moments, or empty
    first: Values  # (blocks, R, dim)
    second: Values  # (blocks, R, dim, dim)
    agent_counts: Integers  # (blocks, dim, bins + 2), or empty
    mean_counts: Integers  # (blocks, dim, bins + 2), or empty
    edges: Values  # (4,) low, high of the agents' histogram, then of the means'
    watched: Watched


class Buffers(NamedTuple):
    """The memory a driver works in, reused for every block, on cache lines that no other thread uses."""

    agents: Values  # (vectors, dim, lanes) of the block at work, and
    x: Values  # (dim, lanes) the first of them
    replicas: Values  # (vectors, dim, R)
    mean: Values  # (dim, R) the first of them
    centre: Values  # (dim, R) that of them which agents are pulled towards
    slope: Values  # (dim, lanes) gradient
    point: Values  # (dim, lanes) where it is taken, if not at x; scratch
    signal: Values  # (dim, lanes + NARROW) what agents are pulled towards
    shown: Values  # (number, dim, lanes) what else the rule of an agent takes of its replica
    z: Values  # (steps drawn together * dim, lanes) standard variates
    words: Words  # the same memory, before it is made into variates
    cached: Words  # (2, lanes) and
    cached_for: Words  # (1,) of the noise or minibatch stream: see `fill_words`
    held: Integers  # `UNDRAWN` and `TOGETHER`
    agent_of: Words  # (lanes,)
    replica_of: Words  # (lanes,)
    step_size: Values  # (lanes,) or, where all agents share it, (1,)
    amplitude: Values  # the same
    coupling: Values  # (lanes,) or, where all replicas share it, (1,)
    weights: Values  # (1, lanes) of the agents in a weighted mean
    relaxed: Values  # (vectors - 1, dim, R) what the rule of a replica returns
    sums: Values  # (SCRATCH,) see `agent_means`
    losses: Values  # (lanes,)
    single: Values  # (1, R) scratch of statistics
    at_mean: Values  # (dim, R) the same
    averaged: Values  # (dim, R) the same
    marks: Values  # (lanes,) one for a champion, else zero
    column: Values  # (dim,) scratch of B(x)
    matrix: Values  # (dim, dim) scratch of B(x)
    drawn: Integers  # (batch, lanes) minibatches
    received: Received  # what agents receive, where they do not all receive one signal
    numbers: Values  # time, coupling and the scheduled numbers of this step
    counts: Integers  # `AGENTS`, `SINCE_EPOCH` and `NOISE_ROW` of this step


TIME, COUPLING, SCHEDULED, STEP_SIZE, NUMBERS_NOW = 0, 1, 2, 5, 6
"""Where the numbers of a step are in `Buffers.numbers`, and how many there are."""

AGENTS, SINCE_EPOCH, NOISE_ROW, COUNTS_NOW = 0, 1, 2, 3
"""The same for `Buffers.counts`; the noise begins at that row of z."""


UNDRAWN, TOGETHER, HELD = 0, 1, 2
"""In `Buffers.held`: the first step of the chunk whose noise is not drawn yet, and the number of steps,
a power of two, whose noise is drawn at once."""

DRAWN_AT_ONCE = 512
"""Numbers: a block of fewer draws the noise of several steps at once."""


class Stages(NamedTuple):
    """Further memory of the strong scheme: rates and states of its two stages."""

    early: Values  # (vectors, dim, lanes) rates of those of an agent at the first stage
    late: Values  # (vectors, dim, lanes) at the second
    inner: Values  # (vectors, dim, lanes) what they are there
    early_shared: Values  # (vectors - 1, dim, R) rates of those of a replica besides the mean
    late_shared: Values  # (vectors - 1, dim, R)
    inner_shared: Values  # (vectors, dim, R)


@compiled_in_kernels
def aligned_rows(count: int, length: int) -> Values:
    """Return an uninitialized array of rows."""
    memory = np.empty(count * length + NUMBERS)
    skipped = (-memory.ctypes.data) % LINE // 8
    return memory[skipped : skipped + count * length].reshape(count, length)


def own_cache_lines(*shape: int) -> Values:
    """Return an uninitialized array that shares no cache line with another array.

    Threads that write to the same line wait for each other (false sharing), and small arrays allocated
    one by one often lie on one line.
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


@compiled_inline
def note_step(
    buffers: Buffers, agents: int, time: float, since_epoch: int, coupling: float, scheduled: Values
) -> None:
    """Write the numbers of a step where the rules read them."""
    numbers, counts = buffers.numbers, buffers.counts
    numbers[TIME], numbers[COUPLING] = time, coupling
    for which in range(scheduled.shape[0]):
        numbers[SCHEDULED + which] = scheduled[which]
    counts[AGENTS], counts[SINCE_EPOCH] = agents, since_epoch


@compiled_separately
def load_block(b: int, state: State, buffers: Buffers) -> None:
    """Copy the state of a block to the buffers."""
    never_inline()
    copy_all(state.agents[b], buffers.agents)
    copy_all(state.replicas[b], buffers.replicas)


@compiled_separately
def store_block(b: int, state: State, buffers: Buffers) -> None:
    """Copy the buffers back to the state of a block."""
    never_inline()
    copy_all(buffers.agents, state.agents[b])
    copy_all(buffers.replicas, state.replicas[b])


def make_buffers(
    state: State, batch: int, step_sizes: int, couplings: int, *, centre: int = 0, shown: int = 0,
    received: Received | None = None,
) -> Buffers:  # fmt: skip
    """Allocate the buffers of a block.

    `step_sizes` and `couplings` count one number for all lanes, or one each; `centre` is the vector of a
    replica that agents are pulled towards, `shown` the number of further ones that their rule takes.
    """
    _, vectors, dim, lanes = state.agents.shape
    _, per_replica, _, replicas = state.replicas.shape
    together = 1 + dim % 2
    while 2 * together * dim * lanes <= DRAWN_AT_ONCE:
        together *= 2
    drawn = max(2, together)  # other draws take two rows
    before = 2 + max(shown, 1)
    memory = aligned_rows(before + vectors + drawn, dim * lanes)
    whole = memory[: before + vectors].reshape(-1, dim, lanes)
    z = memory[before + vectors :].reshape(drawn * dim, lanes)
    of_replicas = own_cache_lines(per_replica, dim, replicas)
    z[:] = 0.0
    held = own_cache_lines(HELD).view(np.int64)
    held[TOGETHER] = together
    coupling = own_cache_lines(couplings)
    coupling[:] = 0.0
    words = aligned_rows(4, lanes).view(np.uint64)
    cached_for = own_cache_lines(1).view(np.uint64)
    cached_for[:] = UNKNOWN
    return Buffers(
        agents=whole[before:],
        x=whole[before],
        replicas=of_replicas,
        mean=of_replicas[0],
        centre=of_replicas[centre],
        slope=whole[0],
        point=whole[1],
        signal=aligned_rows(dim, lanes + NARROW),
        shown=whole[2 : 2 + shown],
        z=z,
        words=z.view(np.uint64),
        cached=words[:2],
        cached_for=cached_for,
        held=held,
        agent_of=words[2],
        replica_of=words[3],
        step_size=own_cache_lines(step_sizes),
        amplitude=own_cache_lines(step_sizes),
        coupling=coupling,
        weights=own_cache_lines(1, lanes),
        relaxed=own_cache_lines(per_replica - 1, dim, replicas),
        sums=own_cache_lines(SCRATCH),
        losses=own_cache_lines(lanes),
        single=own_cache_lines(1, replicas),
        at_mean=own_cache_lines(dim, replicas),
        averaged=own_cache_lines(dim, replicas),
        marks=own_cache_lines(lanes),
        column=own_cache_lines(dim),
        matrix=own_cache_lines(dim, dim),
        drawn=own_cache_lines(batch, lanes).view(np.int64),
        received=empty_received() if received is None else received,
        numbers=own_cache_lines(NUMBERS_NOW),
        counts=own_cache_lines(COUNTS_NOW).view(np.int64),
    )


def make_stages(state: State) -> Stages:
    """Allocate the rates and states of the two stages of the strong scheme."""
    early, late, inner = np.zeros((3, *state.agents.shape[1:]))
    _, count, *shape = state.replicas.shape
    early_shared, late_shared = np.zeros((2, count - 1, *shape))
    return Stages(early, late, inner, early_shared, late_shared, np.zeros((count, *shape)))
