"""What the rules of an algorithm do in a step, each a function that a driver calls by its address.

The names in capitals and the functions `drift`, `step`, ... are bound by `sdeopt.kernels.generation`,
which writes other imports in place of those from `sdeopt.kernels.bindings`; every function here becomes
a module of its own, so that one is compiled again only where what it binds is new.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.bindings import (
    FILTER,
    HAS_STEP,
    NOISE_IN_VELOCITY,
    NOISE_ON_UPDATE,
    NOISE_ON_WEIGHTS,
    NOISY,
    PER_AGENT,
    RECEIVES,
    SIGNAL,
    SOMETIMES,
    USES_U,
    USES_V,
    VECTOR_FILTER,
    VELOCITY_SIGNAL,
    WEIGHTED,
    drift,
    look_ahead,
    quorum_rate,
    quorum_vector_rate,
    step,
    weights,
)
from sdeopt.kernels.compilation import called_by_address
from sdeopt.kernels.intrinsics import fma
from sdeopt.kernels.means import weighted_signal
from sdeopt.kernels.passes import expand, wrap_around
from sdeopt.kernels.plan import work_at
from sdeopt.kernels.state import AGENTS, COUPLING, NOISE_ROW, SCHEDULED, SINCE_EPOCH, TIME
from sdeopt.kernels.vectors import NARROW, load, store

Values = NDArray[np.float64]


@called_by_address
def update(place: int) -> None:
    """Take one step in every coordinate of every lane: the algorithm's `step`, or Euler's of `drift`.

    A number that all lanes share is the first of its array. A signal that all agents of a replica
    receive is stored once for every replica, and repeats after as many lanes; where replicas do not
    fill whole vectors, it is copied to a row that continues with its beginning. From one vector to the
    next its index grows by `stride`.
    """
    work = work_at(place)
    buffers = work.buffers
    x, v, u, slope, z = buffers.x, buffers.v, buffers.u, buffers.slope, buffers.z
    velocity_signal, lane_coupling = buffers.velocity_signal, buffers.coupling
    step_size, amplitude, numbers = buffers.step_size, buffers.amplitude, buffers.numbers
    scheduled = (numbers[SCHEDULED], numbers[SCHEDULED + 1], numbers[SCHEDULED + 2])
    z_row, replicas = buffers.counts[NOISE_ROW], buffers.mean.shape[1]
    stride, repeats, own = NARROW % replicas, replicas, False
    signal = buffers.quorum if FILTER or WEIGHTED else buffers.mean
    if RECEIVES:
        own = work.plan.reception.own
        if work.plan.reception.late:
            signal = buffers.received.late
    if SIGNAL and replicas % NARROW != 0 and not own:
        wrap_around(signal, buffers.signal)
        signal = buffers.signal
    if RECEIVES and own:
        signal, stride, repeats = buffers.received.signal, NARROW, x.shape[1]
    # read once: the compiler cannot know that no store below changes them
    one_h, one_w, one_coupling = step_size[0], amplitude[0], lane_coupling[0]
    for d in range(x.shape[0]):
        index = 0
        for lane in range(0, x.shape[1], NARROW):
            h = load(step_size, 0, lane, NARROW) if PER_AGENT else one_h
            w = load(amplitude, 0, lane, NARROW) if PER_AGENT else one_w
            each = WEIGHTED or SOMETIMES
            coupling = load(lane_coupling, 0, lane, NARROW) if each else one_coupling
            old_x = load(x, d, lane, NARROW)
            old_v = load(v, d, lane, NARROW) if USES_V else 0.0
            old_u = load(u, d, lane, NARROW) if USES_U else 0.0
            target = load(signal, d, index, NARROW) if SIGNAL else 0.0
            v_target = load(velocity_signal, d, lane, NARROW) if VELOCITY_SIGNAL else 0.0
            g = load(slope, d, lane, NARROW)
            noise = w * load(z, z_row + d, lane, NARROW) if NOISY and not NOISE_ON_WEIGHTS else 0.0
            inside = 0.0 if NOISE_ON_UPDATE else noise
            if HAS_STEP:
                new_x, new_v, new_u = step(
                    old_x, old_v, old_u, g, inside, target, v_target, h, coupling, scheduled
                )
            else:
                dx, dv, du = drift(old_x, old_v, old_u, g, target, v_target, coupling, scheduled)
                new_x = fma(h, dx, old_x) + (0.0 if NOISE_IN_VELOCITY else inside)
                new_v = fma(h, dv, old_v) + (inside if NOISE_IN_VELOCITY else 0.0)
                new_u = fma(h, du, old_u)
            store(x, d, lane, new_x + noise if NOISE_ON_UPDATE else new_x)
            if USES_V:
                store(v, d, lane, new_v)
            if USES_U:
                store(u, d, lane, new_u)
            index = index + stride if index + stride < repeats else index + stride - repeats


@called_by_address
def update_one_by_one(place: int) -> None:
    """Do the same as `update` for a rule that is more than sums and products: one lane at a time."""
    work = work_at(place)
    buffers = work.buffers
    x, v, u, slope, z = buffers.x, buffers.v, buffers.u, buffers.slope, buffers.z
    velocity_signal, lane_coupling = buffers.velocity_signal, buffers.coupling
    step_size, amplitude, numbers = buffers.step_size, buffers.amplitude, buffers.numbers
    scheduled = (numbers[SCHEDULED], numbers[SCHEDULED + 1], numbers[SCHEDULED + 2])
    z_row, signal = buffers.counts[NOISE_ROW], buffers.signal
    source = buffers.quorum if FILTER or WEIGHTED else buffers.mean
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
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            h = step_size[lane] if PER_AGENT else one_h
            w = amplitude[lane] if PER_AGENT else one_w
            coupling = lane_coupling[lane] if WEIGHTED or SOMETIMES else one_coupling
            old_x = x[d, lane]
            old_v = v[d, lane] if USES_V else 0.0
            old_u = u[d, lane] if USES_U else 0.0
            target = signal[d, lane] if SIGNAL else 0.0
            v_target = velocity_signal[d, lane] if VELOCITY_SIGNAL else 0.0
            g = slope[d, lane]
            noise = w * z[z_row + d, lane] if NOISY and not NOISE_ON_WEIGHTS else 0.0
            inside = 0.0 if NOISE_ON_UPDATE else noise
            if HAS_STEP:
                new_x, new_v, new_u = step(
                    old_x, old_v, old_u, g, inside, target, v_target, h, coupling, scheduled
                )
            else:
                dx, dv, du = drift(old_x, old_v, old_u, g, target, v_target, coupling, scheduled)
                new_x = fma(h, dx, old_x) + (0.0 if NOISE_IN_VELOCITY else inside)
                new_v = fma(h, dv, old_v) + (inside if NOISE_IN_VELOCITY else 0.0)
                new_u = fma(h, du, old_u)
            x[d, lane] = new_x + noise if NOISE_ON_UPDATE else new_x
            if USES_V:
                v[d, lane] = new_v
            if USES_U:
                u[d, lane] = new_u


@called_by_address
def rates(place: int, x: Values, v: Values, u: Values, out: Values) -> None:
    """Write the rates of x, v and u of every lane, for the strong scheme."""
    buffers = work_at(place).buffers
    slope, signal, velocity_signal = buffers.slope, buffers.signal, buffers.velocity_signal
    lane_coupling, numbers = buffers.coupling, buffers.numbers
    scheduled = (numbers[SCHEDULED], numbers[SCHEDULED + 1], numbers[SCHEDULED + 2])
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            old_v = v[d, lane] if USES_V else 0.0
            old_u = u[d, lane] if USES_U else 0.0
            target = signal[d, lane] if SIGNAL else 0.0
            v_target = velocity_signal[d, lane] if VELOCITY_SIGNAL else 0.0
            coupling = lane_coupling[lane] if WEIGHTED else lane_coupling[0]
            dx, dv, du = drift(
                x[d, lane], old_v, old_u, slope[d, lane], target, v_target, coupling, scheduled
            )
            out[0, d, lane] = dx
            if USES_V:
                out[1, d, lane] = dv
            if USES_U:
                out[2, d, lane] = du


@called_by_address
def look_ahead_rows(place: int) -> None:
    """Write the points at which the gradient is taken."""
    buffers = work_at(place).buffers
    x, v, out, numbers = buffers.x, buffers.v, buffers.point, buffers.numbers
    scheduled = (numbers[SCHEDULED], numbers[SCHEDULED + 1], numbers[SCHEDULED + 2])
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            ahead = v[d, lane] if USES_V else 0.0
            out[d, lane] = look_ahead(x[d, lane], ahead, scheduled)


@called_by_address
def weigh(place: int, x: Values, mean: Values, quorum: Values) -> None:
    """Compute the weighted quorum variable, and every lane's coupling to it."""
    buffers = work_at(place).buffers
    numbers, counts, lane_weights = buffers.numbers, buffers.counts, buffers.weights
    scheduled = (numbers[SCHEDULED], numbers[SCHEDULED + 1], numbers[SCHEDULED + 2])
    weights(
        x, numbers[TIME], counts[SINCE_EPOCH], buffers.marks, numbers[COUPLING], scheduled,
        lane_weights[0],
    )  # fmt: skip
    weighted_signal(
        x, mean, lane_weights, counts[AGENTS], buffers.sums, buffers.point, quorum,
        buffers.coupling,
    )  # fmt: skip


@called_by_address
def relax(place: int, quorum: Values, mean: Values, out: Values) -> None:
    """Write the rates of the quorum variable under its own dynamics."""
    buffers = work_at(place).buffers
    numbers, agents = buffers.numbers, buffers.counts[AGENTS]
    time, coupling = numbers[TIME], numbers[COUPLING]
    scheduled = (numbers[SCHEDULED], numbers[SCHEDULED + 1], numbers[SCHEDULED + 2])
    if VECTOR_FILTER:
        dim = quorum.shape[0]
        current, centre, rate = np.empty(dim), np.empty(dim), np.empty(dim)
        for r in range(quorum.shape[1]):
            for d in range(dim):
                current[d] = quorum[d, r]
                centre[d] = mean[d, r]
            quorum_vector_rate(current, centre, time, rate)
            for d in range(dim):
                out[d, r] = rate[d]
    else:
        for d in range(quorum.shape[0]):
            for r in range(quorum.shape[1]):
                out[d, r] = quorum_rate(quorum[d, r], mean[d, r], time, agents, coupling, scheduled)
