"""What the rules of an algorithm do in a step, each a function that a driver calls by its address.

The names in capitals and the functions `moved`, `weights`, ... are bound by `sdeopt.kernels.generation`,
which writes other imports in place of those from `sdeopt.kernels.bindings`; every function here becomes
a module of its own, so that one is compiled again only where what it binds is new. The vectors of an
agent are the rows of one array, those of a replica of another, in the order in which the algorithm
declares them; the functions between here and its rules are written by `sdeopt.kernels.rule_calls`.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.bindings import (
    AGENT_VECTORS,
    NOISE_ON_UPDATE,
    NOISE_ON_WEIGHTS,
    NOISY,
    PER_AGENT,
    RECEIVES,
    REPLICA_VECTORS,
    SHOWN,
    SIGNAL,
    SOMETIMES,
    WEIGHTED,
    moved,
    point_ahead,
    rates_of,
    relaxed,
    replica_vector_drift,
    weights,
)
from sdeopt.kernels.compilation import called_by_address
from sdeopt.kernels.means import weighted_signal
from sdeopt.kernels.passes import expand, wrap_around
from sdeopt.kernels.plan import work_at
from sdeopt.kernels.state import (
    AGENTS,
    COUPLING,
    NOISE_ROW,
    SCHEDULED,
    SINCE_EPOCH,
    STEP_SIZE,
    TIME,
)
from sdeopt.kernels.vectors import NARROW, load, load_all, store_all

Values = NDArray[np.float64]


@called_by_address
def update(place: int) -> None:
    """Take one step in every coordinate of every lane.

    A number that all lanes share is the first of its array. A signal that all agents of a replica
    receive is stored once for every replica, and repeats after as many lanes; where replicas do not
    fill whole vectors, it is copied to a row that continues with its beginning. From one vector to the
    next its index grows by `stride`.
    """
    work = work_at(place)
    buffers = work.buffers
    agents, slope, z, wide = buffers.agents, buffers.slope, buffers.z, buffers.shown
    lane_coupling = buffers.coupling
    step_size, amplitude, numbers = buffers.step_size, buffers.amplitude, buffers.numbers
    scheduled = (numbers[SCHEDULED], numbers[SCHEDULED + 1], numbers[SCHEDULED + 2])
    z_row, replicas = buffers.counts[NOISE_ROW], buffers.mean.shape[1]
    stride, repeats, own = NARROW % replicas, replicas, False
    signal = buffers.centre
    if RECEIVES:
        own = work.plan.reception.own
        if work.plan.reception.late:
            signal = buffers.received.late
    if SIGNAL and replicas % NARROW != 0 and not own:
        wrap_around(signal, buffers.signal)
        signal = buffers.signal
    if RECEIVES and own:
        signal, stride, repeats = buffers.received.signal, NARROW, slope.shape[1]
    # read once: the compiler cannot know that no store below changes them
    one_h, one_w, one_coupling = step_size[0], amplitude[0], lane_coupling[0]
    for d in range(slope.shape[0]):
        index = 0
        for lane in range(0, slope.shape[1], NARROW):
            h = load(step_size, 0, lane, NARROW) if PER_AGENT else one_h
            w = load(amplitude, 0, lane, NARROW) if PER_AGENT else one_w
            each = WEIGHTED or SOMETIMES
            coupling = load(lane_coupling, 0, lane, NARROW) if each else one_coupling
            old = load_all(agents, 0, AGENT_VECTORS, d, lane, NARROW)
            target = load(signal, d, index, NARROW) if SIGNAL else 0.0
            shown = load_all(wide, 0, SHOWN, d, lane, NARROW)
            g = load(slope, d, lane, NARROW)
            noise = w * load(z, z_row + d, lane, NARROW) if NOISY and not NOISE_ON_WEIGHTS else 0.0
            inside = 0.0 if NOISE_ON_UPDATE else noise
            new = moved(old, g, inside, noise, target, shown, h, coupling, scheduled)
            store_all(agents, 0, d, lane, NARROW, new)
            index = index + stride if index + stride < repeats else index + stride - repeats


@called_by_address
def update_one_by_one(place: int) -> None:
    """Do the same as `update` for a rule that is more than sums and products: one lane at a time."""
    work = work_at(place)
    buffers = work.buffers
    agents, slope, z, wide = buffers.agents, buffers.slope, buffers.z, buffers.shown
    lane_coupling = buffers.coupling
    step_size, amplitude, numbers = buffers.step_size, buffers.amplitude, buffers.numbers
    scheduled = (numbers[SCHEDULED], numbers[SCHEDULED + 1], numbers[SCHEDULED + 2])
    z_row, signal = buffers.counts[NOISE_ROW], buffers.signal
    source = buffers.centre
    own = False
    if RECEIVES:
        own = work.plan.reception.own
        if work.plan.reception.late:
            source = buffers.received.late
    one_h, one_w, one_coupling = step_size[0], amplitude[0], lane_coupling[0]
    if SIGNAL and not own:
        expand(source, signal)
    if RECEIVES and own:
        signal = buffers.received.signal
    for d in range(slope.shape[0]):
        for lane in range(slope.shape[1]):
            h = step_size[lane] if PER_AGENT else one_h
            w = amplitude[lane] if PER_AGENT else one_w
            coupling = lane_coupling[lane] if WEIGHTED or SOMETIMES else one_coupling
            old = load_all(agents, 0, AGENT_VECTORS, d, lane, 1)
            target = signal[d, lane] if SIGNAL else 0.0
            shown = load_all(wide, 0, SHOWN, d, lane, 1)
            g = slope[d, lane]
            noise = w * z[z_row + d, lane] if NOISY and not NOISE_ON_WEIGHTS else 0.0
            inside = 0.0 if NOISE_ON_UPDATE else noise
            new = moved(old, g, inside, noise, target, shown, h, coupling, scheduled)
            store_all(agents, 0, d, lane, 1, new)


@called_by_address
def rates(place: int, agents: Values, out: Values) -> None:
    """Write the rates of the vectors of every lane, for the strong scheme."""
    buffers = work_at(place).buffers
    slope, signal, wide = buffers.slope, buffers.signal, buffers.shown
    lane_coupling, numbers = buffers.coupling, buffers.numbers
    scheduled = (numbers[SCHEDULED], numbers[SCHEDULED + 1], numbers[SCHEDULED + 2])
    for d in range(slope.shape[0]):
        for lane in range(slope.shape[1]):
            old = load_all(agents, 0, AGENT_VECTORS, d, lane, 1)
            target = signal[d, lane] if SIGNAL else 0.0
            shown = load_all(wide, 0, SHOWN, d, lane, 1)
            coupling = lane_coupling[lane] if WEIGHTED else lane_coupling[0]
            new = rates_of(old, slope[d, lane], target, shown, coupling, scheduled)
            store_all(out, 0, d, lane, 1, new)


@called_by_address
def look_ahead_rows(place: int) -> None:
    """Write the points at which the gradient is taken."""
    buffers = work_at(place).buffers
    agents, out, numbers = buffers.agents, buffers.point, buffers.numbers
    scheduled = (numbers[SCHEDULED], numbers[SCHEDULED + 1], numbers[SCHEDULED + 2])
    for d in range(out.shape[0]):
        for lane in range(out.shape[1]):
            old = load_all(agents, 0, AGENT_VECTORS, d, lane, 1)
            out[d, lane] = point_ahead(old, scheduled)[0]


@called_by_address
def weigh(place: int, x: Values, mean: Values, out: Values) -> None:
    """Compute the weighted mean of every replica, and every lane's coupling to it."""
    buffers = work_at(place).buffers
    numbers, counts, lane_weights = buffers.numbers, buffers.counts, buffers.weights
    scheduled = (numbers[SCHEDULED], numbers[SCHEDULED + 1], numbers[SCHEDULED + 2])
    weights(
        x, numbers[TIME], counts[SINCE_EPOCH], buffers.marks, numbers[COUPLING], scheduled,
        lane_weights[0],
    )  # fmt: skip
    weighted_signal(
        x, mean, lane_weights, counts[AGENTS], buffers.sums, buffers.point, out, buffers.coupling
    )


@called_by_address
def relax(place: int, replicas: Values, mean: Values, out: Values) -> None:
    """Write the rates of the vectors of every replica, or what an iteration makes of them."""
    buffers = work_at(place).buffers
    numbers, agents = buffers.numbers, buffers.counts[AGENTS]
    time, coupling, step_size = numbers[TIME], numbers[COUPLING], numbers[STEP_SIZE]
    scheduled = (numbers[SCHEDULED], numbers[SCHEDULED + 1], numbers[SCHEDULED + 2])
    for d in range(mean.shape[0]):
        for r in range(mean.shape[1]):
            old = load_all(replicas, 1, REPLICA_VECTORS, d, r, 1)
            new = relaxed(old, mean[d, r], time, agents, step_size, coupling, scheduled)
            store_all(out, 0, d, r, 1, new)


@called_by_address
def relax_whole(place: int, replicas: Values, mean: Values, out: Values) -> None:
    """Do the same as `relax` for a rule that mixes coordinates."""
    time, count, dim = work_at(place).buffers.numbers[TIME], out.shape[0], out.shape[1]
    now, centre, rate = np.empty((count, dim)), np.empty(dim), np.empty((count, dim))
    for r in range(mean.shape[1]):
        for d in range(dim):
            centre[d] = mean[d, r]
            for which in range(count):
                now[which, d] = replicas[1 + which, d, r]
        replica_vector_drift(now, centre, time, rate)
        for which in range(count):
            for d in range(dim):
                out[which, d, r] = rate[which, d]
