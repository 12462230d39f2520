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

from sdeopt.kernels.bindings import (
    FILTER,
    GIVEN,
    NOISE_IN_VELOCITY,
    OBSERVES,
    SIGNAL,
    USES_U,
    USES_V,
    WEIGHTED,
    gradient,
)
from sdeopt.kernels.compilation import compiled_separately
from sdeopt.kernels.intrinsics import never_inline
from sdeopt.kernels.means import agent_means
from sdeopt.kernels.passes import copy_given, copy_rows, expand, fill_lanes, first_nonfinite
from sdeopt.kernels.philox import NOISE, NOISE_AREA, UNKNOWN
from sdeopt.kernels.pieces import diffuse, noise_rows, observe, quorum_rates, rates, receive
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


@compiled_separately
def combine(base: Values, one: Values, h: Values, share: float, out: Values) -> None:
    """Set out = base + share * h * one."""
    never_inline()
    for d in range(base.shape[0]):
        for lane in range(base.shape[1]):
            out[d, lane] = base[d, lane] + share * h[lane] * one[d, lane]


@compiled_separately
def add_noise(out: Values, w: Values, z: Values, factor: float) -> None:
    """Add factor * w * z to out."""
    never_inline()
    for d in range(out.shape[0]):
        for lane in range(out.shape[1]):
            out[d, lane] += factor * w[lane] * z[d, lane]


@compiled_separately
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


@compiled_separately
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
