"""The arrays that a driver reads and writes, grouped by what they are."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Integers = NDArray[np.int64]
Words = NDArray[np.uint64]


class State(NamedTuple):
    """State of all blocks; lane ``agent * R + replica`` within a block."""

    x: Values  # (blocks, dim, lanes) positions
    v: Values  # (blocks, dim, lanes) velocities, or (blocks, 0, 0)
    u: Values  # (blocks, dim, lanes) own filters, or (blocks, 0, 0)
    mean: Values  # (blocks, dim, R)
    quorum: Values  # (blocks, dim, R)
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


class Plan(NamedTuple):
    """Whole numbers that are fixed during a run."""

    seed: np.uint64
    agents: int
    replicas: int
    first_step: int
    steps: int
    epoch: int  # steps between two choices of a champion
    period: int  # steps between two averagings
    observe_every: int
    observe_start: bool  # the state before the first step of the chunk counts too
    stop_on_divergence: bool
    batch: int
    examples: int
    replacement: bool


class Given(NamedTuple):
    """Increments given by the user, empty otherwise."""

    values: Values  # (steps, replicas, agents, dim)
    areas: Values  # the same shape; time integrals of the path, for the strong scheme


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


class Buffers(NamedTuple):
    """The memory a driver works in, reused for every block, on cache lines that no other thread uses."""

    x: Values  # (dim, lanes) of the block at work
    v: Values  # (dim, lanes) or (0, 0)
    u: Values  # (dim, lanes) or (0, 0)
    mean: Values  # (dim, R)
    quorum: Values  # (dim, R)
    slope: Values  # (dim, lanes) gradient
    point: Values  # (dim, lanes) where it is taken, if not at x; scratch
    signal: Values  # (dim, lanes + NARROW) what agents are pulled towards
    velocity_signal: Values  # (dim, lanes)
    z: Values  # (2 * dim, lanes) standard variates of two steps
    words: Words  # the same memory, before it is made into variates
    cached: Words  # (2, lanes) and
    cached_for: Words  # (1,) of the noise or minibatch stream: see `fill_words`
    held: Words  # (1,) see `noise_rows`
    agent_of: Words  # (lanes,)
    replica_of: Words  # (lanes,)
    step_size: Values  # (lanes,) or, where all agents share it, (1,)
    amplitude: Values  # the same
    coupling: Values  # (lanes,) or, where all replicas share it, (1,)
    quorum_rate: Values  # (dim, R)
    sums: Values  # (SCRATCH,) see `agent_means`
    losses: Values  # (lanes,)
    single: Values  # (1, R) scratch of statistics
    at_mean: Values  # (dim, R) the same
    averaged: Values  # (dim, R) the same
    marks: Values  # (lanes,) one for a champion, else zero
    column: Values  # (dim,) scratch of B(x)
    matrix: Values  # (dim, dim) scratch of B(x)
    drawn: Integers  # (batch, lanes) minibatches


class Stages(NamedTuple):
    """Further memory of the strong scheme: rates and states of its two stages."""

    early: Values  # (3, dim, lanes) rates of x, v, u at the first stage
    late: Values  # (3, dim, lanes) at the second
    inner: Values  # (3, dim, lanes) x, v, u there
    inner_mean: Values  # (dim, R)
    inner_quorum: Values  # (dim, R)
    early_quorum: Values  # (dim, R) rates of the quorum variable
    late_quorum: Values  # (dim, R)
