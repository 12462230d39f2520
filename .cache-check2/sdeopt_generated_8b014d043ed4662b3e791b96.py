import numba
from sdeopt_generated_e085e24c12fb76ed8639db8b import gradient as gradient
from sdeopt_generated_e085e24c12fb76ed8639db8b import value as value
from sdeopt.kernels.variates import gaussian_pair as variates
from sdeopt.algorithms.qsgd import drift as drift
from sdeopt.kernels.bindings import step as step
from sdeopt.kernels.bindings import look_ahead as look_ahead
from sdeopt.kernels.bindings import quorum_rate as quorum_rate
from sdeopt.kernels.bindings import quorum_vector_rate as quorum_vector_rate
from sdeopt.kernels.bindings import weights as weights
from sdeopt.kernels.passes import constant_diagonal as diffusion_diagonal
from sdeopt.kernels.passes import constant_matrix as diffusion_matrix
from sdeopt.kernels.bindings import minibatch_gradient as minibatch_gradient
USES_V = False
USES_U = False
HAS_STEP = False
LOOKS_AHEAD = False
SIGNAL = True
VELOCITY_SIGNAL = False
FILTER = False
VECTOR_FILTER = False
WEIGHTED = False
CHAMPION = False
AVERAGING = False
NOISE_IN_VELOCITY = False
PER_AGENT = False
NOISY = True
SINGLE = False
DIAGONAL = False
MATRIX = False
MINIBATCH = False
NOISE_ON_WEIGHTS = False
NOISE_ON_UPDATE = False
GIVEN = False
OBSERVES = True
"""The parts of a step that depend on the loss, the algorithm or the noise law.

The names in capitals and the functions `gradient`, `value`, `drift`, `step`, ... are bound by
`sdeopt.kernels.generation`, which writes other imports in place of those from
`sdeopt.kernels.bindings`, so that a whole simulation compiles into one cached function.
"""

import numpy as np
from numpy.typing import NDArray

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
    replicas: int, stride: int, velocity_signal: Values, step_size: Values, amplitude: Values,
    lane_coupling: Values, scheduled: Scheduled,
) -> None:  # fmt: skip
    """Take one step in every coordinate of every lane: the algorithm's `step`, or Euler's of `drift`.

    The noise begins at row `z_row` of z. A number that all lanes share is the first of its array.
    The signal repeats after `replicas` lanes and is stored once; where replicas do not fill whole
    vectors, the row continues with its beginning. From one vector to the next its index grows by
    `stride` = NARROW modulo `replicas`.
    """
    for d in range(x.shape[0]):
        index = 0
        for lane in range(0, x.shape[1], NARROW):
            h = load(step_size, 0, lane, NARROW) if PER_AGENT else step_size[0]
            w = load(amplitude, 0, lane, NARROW) if PER_AGENT else amplitude[0]
            coupling = load(lane_coupling, 0, lane, NARROW) if WEIGHTED else lane_coupling[0]
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
            index = index + stride if index + stride < replicas else index + stride - replicas


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
"""The loop of the strong-order-1.5 scheme: Rößler's SRA1 for additive noise.

Two stages a step. With f the rates, W the increment and Z its time integral over the step,

    H = x + (3/4) f(x) dt + (3/2) B Z / dt,    x' = x + (f(x) + 2 f(H)) dt / 3 + B W.

Rößler, SIAM J. Numer. Anal. 48 (2010), scheme SRA1. The mean and the quorum variable are computed at
both stages, so the scheme has its order for the coupled system, not only for an agent in a given
signal.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled_separately
from sdeopt.kernels.intrinsics import never_inline
from sdeopt.kernels.means import agent_means
from sdeopt.kernels.passes import copy_given, copy_rows, expand, fill_lanes, first_nonfinite
from sdeopt.kernels.philox import NOISE, NOISE_AREA, UNKNOWN
from sdeopt.kernels.state import (
    Buffers,
    Given,
    Observed,
    Plan,
    Stages,
    State,
    Tables,
    load_block,
    store_block,
)

Values = NDArray[np.float64]
Scheduled = tuple[float, float, float]


@numba.njit(
    error_model="numpy", nogil=True, cache=True, no_cfunc_wrapper=True, _nrt=False,
    forceinline=False,
)
def combine(base: Values, one: Values, h: Values, share: float, out: Values) -> None:
    """Set out = base + share * h * one."""
    never_inline()
    for d in range(base.shape[0]):
        for lane in range(base.shape[1]):
            out[d, lane] = base[d, lane] + share * h[lane] * one[d, lane]


@numba.njit(
    error_model="numpy", nogil=True, cache=True, no_cfunc_wrapper=True, _nrt=False,
    forceinline=False,
)
def add_noise(out: Values, w: Values, z: Values, factor: float) -> None:
    """Add factor * w * z to out."""
    never_inline()
    for d in range(out.shape[0]):
        for lane in range(out.shape[1]):
            out[d, lane] += factor * w[lane] * z[d, lane]


@numba.njit(
    error_model="numpy", nogil=True, cache=True, no_cfunc_wrapper=True, _nrt=False,
    forceinline=False,
)
def stage(
    x: Values, v: Values, u: Values, mean: Values, quorum: Values, agents: int, time: float,
    coupling: float, scheduled: Scheduled, parameters: tuple[Values, ...], buffers: Buffers,
    rate: Values,
) -> None:  # fmt: skip
    """Write the rates of x, v and u, from the signal and the gradient at a stage."""
    never_inline()
    slope, signal, velocity_signal = buffers.slope, buffers.signal, buffers.velocity_signal
    receive(
        x, v, mean, quorum, agents, time, 0, buffers.marks, coupling, scheduled, buffers.sums,
        buffers.point, velocity_signal, buffers.coupling,
    )  # fmt: skip
    if SIGNAL:
        expand(quorum if FILTER or WEIGHTED else mean, signal)
    gradient(x, parameters, slope)
    rates(
        x,
        v,
        u,
        slope,
        signal,
        velocity_signal,
        buffers.coupling,
        scheduled,
        rate[0],
        rate[1],
        rate[2],
    )


@numba.njit(
    error_model="numpy", nogil=True, cache=True, no_cfunc_wrapper=True, _nrt=False,
    forceinline=False,
)
def advance(
    first_block: int,
    last_block: int,
    state: State,
    tables: Tables,
    plan: Plan,
    given: Given,
    observed: Observed,
    parameters: tuple[Values, ...],
    law_parameters: tuple[Values, ...],
    shape: Values,
    work: tuple[Buffers, Buffers, Stages],
) -> None:
    """Advance a range of blocks through the steps of one chunk; see `sdeopt.kernels.driver`."""
    dim, lanes, replicas = state.x.shape[1], state.x.shape[2], state.mean.shape[2]
    paths, areas, stages = work[0], work[1], work[2]
    agents, sums, h, w = plan.agents, paths.sums, paths.step_size, paths.amplitude
    early, late, inner = stages.early, stages.late, stages.inner
    inner_mean, inner_quorum = stages.inner_mean, stages.inner_quorum
    early_q, late_q = stages.early_quorum, stages.late_quorum
    x, v, u, mean, quorum = paths.x, paths.v, paths.u, paths.mean, paths.quorum
    noisy = 1 if NOISE_IN_VELOCITY else 0
    for b in range(first_block, last_block):
        load_block(b, state, paths)
        paths.held[0] = UNKNOWN
        areas.held[0] = UNKNOWN
        real = min(replicas, plan.replicas - b * replicas)
        for lane in range(lanes):
            for each in (paths, areas):
                each.agent_of[lane] = np.uint64(lane // replicas)
                each.replica_of[lane] = np.uint64(b * replicas + lane % replicas)
        agent_means(x, agents, sums, mean)
        if OBSERVES and plan.observe_start:
            observe(b, plan, parameters, paths, observed)
        for s in range(plan.steps):
            t, time = plan.first_step + s, tables.time[s]
            fill_lanes(tables.step_size, s, replicas, h)
            fill_lanes(tables.amplitude, s, replicas, w)
            dt = tables.step_size[s, 0]
            coupling = tables.coupling[s]
            scheduled = (tables.scheduled[s, 0], tables.scheduled[s, 1], tables.scheduled[s, 2])
            # z is the increment of the path, area its time integral divided by the step
            begin = 0
            if not GIVEN:
                begin = noise_rows(plan.seed, NOISE, t, shape, paths)
                noise_rows(plan.seed, NOISE_AREA, t, shape, areas)
            z, area = paths.z[begin : begin + dim], areas.z[begin : begin + dim]
            if GIVEN:
                copy_given(given.values, s, b * replicas, agents, replicas, z)
                copy_given(given.areas, s, b * replicas, agents, replicas, area)
            for d in range(dim):
                for lane in range(lanes):
                    if GIVEN:
                        area[d, lane] /= dt
                    else:
                        area[d, lane] = 0.5 * (z[d, lane] + area[d, lane] / math.sqrt(3.0))
            diffuse(x, law_parameters, paths.column, paths.matrix, z)
            diffuse(x, law_parameters, paths.column, paths.matrix, area)
            # first stage
            stage(
                x, v, u, mean, quorum, agents, time, coupling, scheduled, parameters, paths, early
            )  # fmt: skip
            combine(x, early[0], h, 0.75, inner[0])
            if USES_V:
                combine(v, early[1], h, 0.75, inner[1])
            if USES_U:
                combine(u, early[2], h, 0.75, inner[2])
            add_noise(inner[noisy], w, area, 1.5)
            copy_rows(quorum, inner_quorum)
            if FILTER:
                quorum_rates(quorum, mean, time, agents, coupling, scheduled, early_q)
                for d in range(dim):
                    for r in range(replicas):
                        inner_quorum[d, r] += 0.75 * dt * early_q[d, r]
            agent_means(inner[0], agents, sums, inner_mean)
            # second stage, at three quarters of the step
            time += 0.75 * dt
            coupling = tables.stage_coupling[s]
            scheduled = (
                tables.stage_scheduled[s, 0], tables.stage_scheduled[s, 1],
                tables.stage_scheduled[s, 2],
            )  # fmt: skip
            stage(
                inner[0], inner[1], inner[2], inner_mean, inner_quorum, agents, time, coupling,
                scheduled, parameters, paths, late,
            )  # fmt: skip
            combine(x, early[0], h, 1.0 / 3.0, x)
            combine(x, late[0], h, 2.0 / 3.0, x)
            if USES_V:
                combine(v, early[1], h, 1.0 / 3.0, v)
                combine(v, late[1], h, 2.0 / 3.0, v)
            if USES_U:
                combine(u, early[2], h, 1.0 / 3.0, u)
                combine(u, late[2], h, 2.0 / 3.0, u)
            add_noise(v if NOISE_IN_VELOCITY else x, w, z, 1.0)
            if FILTER:
                quorum_rates(inner_quorum, inner_mean, time, agents, coupling, scheduled, late_q)
                for d in range(dim):
                    for r in range(replicas):
                        quorum[d, r] += dt / 3.0 * (early_q[d, r] + 2.0 * late_q[d, r])
            finite = agent_means(x, agents, sums, mean)
            if WEIGHTED:
                # the weighted quorum of the new state, for statistics and records
                receive(
                    x, v, mean, quorum, agents, tables.time[s + 1], 0, paths.marks,
                    tables.coupling[s], scheduled, sums, paths.point, paths.velocity_signal,
                    paths.coupling,
                )  # fmt: skip
            elif not FILTER:
                copy_rows(mean, quorum)
            if not finite:
                diverging = first_nonfinite(mean, real, t + 1, state.diverged[b])
                if diverging and plan.stop_on_divergence:
                    break
            if OBSERVES and (t + 1) % plan.observe_every == 0:
                observe(b, plan, parameters, paths, observed)
        store_block(b, state, paths)
