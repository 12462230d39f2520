"""The parts of a step that depend on the loss, the algorithm or the noise law.

The names in capitals and the functions `gradient`, `value`, `drift`, `step`, ... are bound by
`sdeopt.kernels.generation`, which writes other imports in place of those from
`sdeopt.kernels.bindings`, so that a whole simulation compiles into one cached function.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.bindings import (
    DIAGONAL,
    HAS_STEP,
    MATRIX,
    NOISE_IN_VELOCITY,
    NOISE_ON_UPDATE,
    NOISE_ON_WEIGHTS,
    NOISY,
    PER_AGENT,
    SIGNAL,
    SINGLE,
    SOMETIMES,
    USES_U,
    USES_V,
    VECTOR_FILTER,
    VELOCITY_SIGNAL,
    WEIGHTED,
    diffusion_diagonal,
    diffusion_matrix,
    drift,
    gradient,
    look_ahead,
    quorum_rate,
    quorum_vector_rate,
    step,
    value,
    variates,
    weights,
)
from sdeopt.kernels.compilation import compiled, compiled_inline, compiled_separately
from sdeopt.kernels.intrinsics import fma, never_inline
from sdeopt.kernels.means import agent_means, weighted_signal
from sdeopt.kernels.observation import (
    add_counts,
    add_distances,
    add_distortion,
    add_means,
    add_moments,
)
from sdeopt.kernels.passes import expand
from sdeopt.kernels.philox import fill_words
from sdeopt.kernels.state import Buffers, Observed, Plan
from sdeopt.kernels.vectors import NARROW, load, store

Values = NDArray[np.float64]
Scheduled = tuple[float, float, float]
Parameters = tuple[Values, ...]


@compiled_inline
def noise_rows(
    seed: np.uint64, purpose: int, t: int, shape: Values, buffers: Buffers
) -> int:  # fmt: skip
    """Draw the standard variates of step t, elements t * dim, ... of every lane's stream.

    They are drawn in pairs, so in an odd dimension every second step begins with the second of a
    pair whose first belonged to the step before; the buffer then holds two steps.
    """
    z, words, held = buffers.z, buffers.words, buffers.held
    agents, replicas = buffers.agent_of, buffers.replica_of
    cached, cached_for = buffers.cached, buffers.cached_for
    dim = z.shape[0] // 2
    stream = np.uint64(purpose)
    if SINGLE:
        for d in range(dim):
            block = np.uint64(t * dim + d)
            fill_words(seed, stream, block, agents, replicas, cached, cached_for, words, d, d + 1)
            make_variates(z, d, d + 1, shape)
        return 0
    begin = dim * (t % 2) if dim % 2 == 1 else 0
    row = begin - begin % 2
    if row < begin and held[0] == np.uint64(t):
        # drawn together with the last of the step before
        row += 2
    end = begin + dim
    if row < end:
        block = np.uint64((t * dim - begin + row) // 2)
        fill_words(seed, stream, block, agents, replicas, cached, cached_for, words, row, end)
        make_variates(z, row, end, shape)
    if (end - row) % 2 == 1:
        held[0] = np.uint64(t + 1)
    return begin


@compiled_inline
def diffuse(x: Values, parameters: Parameters, column: Values, matrix: Values, z: Values) -> None:
    """Turn standard variates into B(x) times them."""
    if DIAGONAL:
        diffusion_diagonal(x, parameters, z)
    if MATRIX:
        diffusion_matrix(x, parameters, column, matrix, z)


@compiled_separately
def slopes(x: Values, parameters: Parameters, out: Values) -> None:
    """Write the gradient; a function of its own, because many constants take all registers."""
    never_inline()
    gradient(x, parameters, out)


@compiled_separately
def make_variates(drawn: Values, first: int, end: int, shape: Values) -> None:
    """Turn words into variates, two rows at a time; a function of its own for the same reason."""
    never_inline()
    for row in range(first, end, 2):
        variates(drawn, row, shape)


@compiled_inline
def perturb(x: Values, z: Values, z_row: int, amplitude: Values) -> None:
    """Add the noise of a step to the positions; parameters as for `update`."""
    for d in range(x.shape[0]):
        w = amplitude[0]
        for lane in range(x.shape[1]):
            if PER_AGENT:
                w = amplitude[lane]
            x[d, lane] += w * z[z_row + d, lane]


@compiled_inline
def update(
    x: Values, v: Values, u: Values, slope: Values, z: Values, z_row: int, signal: Values,
    repeats: int, stride: int, velocity_signal: Values, step_size: Values, amplitude: Values,
    lane_coupling: Values, scheduled: Scheduled,
) -> None:  # fmt: skip
    """Take one step in every coordinate of every lane: the algorithm's `step`, or Euler's of `drift`.

    The noise begins at row `z_row` of z. A number that all lanes share is the first of its array.
    A signal that all agents of a replica share repeats after as many lanes as there are replicas and
    is stored once; where replicas do not fill whole vectors, the row continues with its beginning.
    From one vector to the next its index grows by `stride` = NARROW modulo `repeats`.
    """
    for d in range(x.shape[0]):
        index = 0
        for lane in range(0, x.shape[1], NARROW):
            h = load(step_size, 0, lane, NARROW) if PER_AGENT else step_size[0]
            w = load(amplitude, 0, lane, NARROW) if PER_AGENT else amplitude[0]
            each = WEIGHTED or SOMETIMES
            coupling = load(lane_coupling, 0, lane, NARROW) if each else lane_coupling[0]
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


@compiled_inline
def look_ahead_rows(x: Values, v: Values, scheduled: Scheduled, out: Values) -> None:
    """Write the points at which the gradient is taken."""
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            ahead = v[d, lane] if USES_V else 0.0
            out[d, lane] = look_ahead(x[d, lane], ahead, scheduled)


@compiled
def receive(
    x: Values, v: Values, mean: Values, quorum: Values, agents: int, time: float, since_epoch: int,
    marks: Values, coupling: float, scheduled: Scheduled, sums: Values, scratch: Values,
    velocity_signal: Values, lane_coupling: Values,
) -> None:  # fmt: skip
    """Compute what agents receive: the weighted quorum, the mean velocity, and every lane's coupling."""
    if WEIGHTED:
        lane_weights = np.empty((1, x.shape[1]))
        weights(x, time, since_epoch, marks, coupling, scheduled, lane_weights[0])
        weighted_signal(x, mean, lane_weights, agents, sums, scratch, quorum, lane_coupling)
    elif SIGNAL or USES_U:
        lane_coupling[0] = coupling
    if VELOCITY_SIGNAL:
        velocity_mean = np.empty_like(mean)
        agent_means(v, agents, sums, velocity_mean)
        expand(velocity_mean, velocity_signal)


@compiled_inline
def rates(
    x: Values, v: Values, u: Values, slope: Values, signal: Values, velocity_signal: Values,
    lane_coupling: Values, scheduled: Scheduled, x_rate: Values, v_rate: Values, u_rate: Values,
) -> None:  # fmt: skip
    """Rates of all coordinates of every lane."""
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
            x_rate[d, lane] = dx
            if USES_V:
                v_rate[d, lane] = dv
            if USES_U:
                u_rate[d, lane] = du


@compiled
def quorum_rates(
    quorum: Values, mean: Values, time: float, agents: int, coupling: float, scheduled: Scheduled,
    out: Values,
) -> None:  # fmt: skip
    """Rates of the quorum variable under its own dynamics."""
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


@compiled_separately
def observe(
    b: int, plan: Plan, parameters: Parameters, buffers: Buffers, observed: Observed
) -> None:
    """Add the statistics of one block at this moment to its accumulators."""
    never_inline()
    x, mean, agents = buffers.x, buffers.mean, plan.agents
    replicas, wanted = mean.shape[1], observed.wanted
    point, sums, single = buffers.point, buffers.sums, buffers.single
    if wanted[0]:
        add_distances(x, mean, agents, observed.scalars[0, b])
    if wanted[1]:
        losses = buffers.losses.reshape(1, x.shape[1])
        value(x, parameters, losses[0])
        add_means(losses, agents, sums, single, observed.scalars[1, b])
    for which, centre in ((2, mean), (3, buffers.quorum)):
        if wanted[which]:
            value(centre, parameters, single[0])
            for r in range(replicas):
                observed.scalars[which, b, r] += single[0, r]
    if wanted[4]:
        gradient(mean, parameters, buffers.at_mean)
        gradient(x, parameters, point)
        agent_means(point, agents, sums, buffers.averaged)
        add_distortion(buffers.at_mean, buffers.averaged, observed.scalars[4, b])
    if observed.shift.size > 0:
        add_moments(x, observed.shift[b], agents, observed.first[b], observed.second[b])
    real = min(replicas, plan.replicas - b * replicas)
    e = observed.edges
    if observed.agent_counts.size > 0:
        add_counts(x, agents * replicas, replicas, real, e[0], e[1], observed.agent_counts[b])
    if observed.mean_counts.size > 0:
        add_counts(mean, replicas, replicas, real, e[2], e[3], observed.mean_counts[b])
