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

from sdeopt.kernels.addresses import (
    Pack,
    call_diffusion,
    call_gradient,
    call_observation,
    call_rates,
    call_relax,
    call_weigh,
)
from sdeopt.kernels.compilation import compiled_inline, compiled_separately
from sdeopt.kernels.drawn_noise import noise_rows
from sdeopt.kernels.intrinsics import never_inline
from sdeopt.kernels.means import agent_means
from sdeopt.kernels.passages import look
from sdeopt.kernels.passes import copy_given, copy_rows, expand, fill_lanes, first_nonfinite
from sdeopt.kernels.philox import NOISE, NOISE_AREA
from sdeopt.kernels.places import place_of
from sdeopt.kernels.plan import Passes, Plan, Work, work_at
from sdeopt.kernels.state import (
    COUPLING,
    UNDRAWN,
    Buffers,
    Given,
    Observed,
    Stages,
    State,
    Tables,
    load_block,
    note_step,
    store_block,
)

Values = NDArray[np.float64]


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


@compiled_inline
def stage(
    place: int, x: Values, v: Values, u: Values, mean: Values, quorum: Values, rate: Values
) -> None:  # fmt: skip
    """Write the rates of x, v and u, from the signal and the gradient at a stage."""
    work = work_at(place)
    buffers, options, passes = work.buffers, work.plan.options, work.passes
    if options.weighted:
        call_weigh(passes.weigh, place, x, mean, quorum)
    else:
        buffers.coupling[0] = buffers.numbers[COUPLING]
    if options.velocity_signal:
        agent_means(v, work.plan.agents, buffers.sums, buffers.at_mean)
        expand(buffers.at_mean, buffers.velocity_signal)
    if options.signal:
        expand(quorum if options.filter or options.weighted else mean, buffers.signal)
    call_gradient(passes.gradient, x, work.loss, buffers.slope)
    call_rates(passes.rates, place, x, v, u, rate)


@compiled_separately
def advance(
    first_block: int,
    last_block: int,
    state: State,
    tables: Tables,
    plan: Plan,
    passes: Passes,
    given: Given,
    observed: Observed,
    loss: Pack,
    law: Pack,
    shape: Values,
    paths: Buffers,
    areas: Buffers,
    stages: Stages,
) -> None:
    """Advance a range of blocks through the steps of one chunk; see `sdeopt.kernels.driver`."""
    options = plan.options
    place = place_of(Work(paths, observed, plan, passes, loss))
    place_of_areas = place_of(Work(areas, observed, plan, passes, loss))
    dim, lanes, replicas = state.x.shape[1], state.x.shape[2], state.mean.shape[2]
    agents, sums, h, w = plan.agents, paths.sums, paths.step_size, paths.amplitude
    early, late, inner = stages.early, stages.late, stages.inner
    inner_mean, inner_quorum = stages.inner_mean, stages.inner_quorum
    early_q, late_q = stages.early_quorum, stages.late_quorum
    x, v, u, mean, quorum = paths.x, paths.v, paths.u, paths.mean, paths.quorum
    looks = observed.watched.passages.region.size > 0
    noisy = 1 if options.noise_in_velocity else 0
    for b in range(first_block, last_block):
        load_block(b, state, paths)
        paths.held[UNDRAWN] = plan.first_step
        areas.held[UNDRAWN] = plan.first_step
        real = min(replicas, plan.replicas - b * replicas)
        for lane in range(lanes):
            for each in (paths, areas):
                each.agent_of[lane] = np.uint64(lane // replicas)
                each.replica_of[lane] = np.uint64(b * replicas + lane % replicas)
        agent_means(x, agents, sums, mean)
        if looks:
            look(place, b, plan.first_step, state)
        if plan.observe_start and passes.observation != 0:
            call_observation(passes.observation, place, b)
        until_observed = plan.observe_every - plan.first_step % plan.observe_every
        for s in range(plan.steps):
            t, time = plan.first_step + s, tables.time[s]
            fill_lanes(tables.step_size, s, replicas, h)
            fill_lanes(tables.amplitude, s, replicas, w)
            dt = tables.step_size[s, 0]
            # z is the increment of the path, area its time integral divided by the step
            begin = 0
            if not options.given:
                begin = noise_rows(work_at(place), NOISE, t, shape)
                noise_rows(work_at(place_of_areas), NOISE_AREA, t, shape)
            z, area = paths.z[begin : begin + dim], areas.z[begin : begin + dim]
            if options.given:
                copy_given(given.values, s, b * replicas, agents, replicas, z)
                copy_given(given.areas, s, b * replicas, agents, replicas, area)
            for d in range(dim):
                for lane in range(lanes):
                    if options.given:
                        area[d, lane] /= dt
                    else:
                        area[d, lane] = 0.5 * (z[d, lane] + area[d, lane] / math.sqrt(3.0))
            if passes.diffusion != 0:
                for drawn in (z, area):
                    call_diffusion(passes.diffusion, x, law, paths.column, paths.matrix, drawn)
            # first stage
            note_step(paths, agents, time, 0, tables.coupling[s], tables.scheduled[s])
            stage(place, x, v, u, mean, quorum, early)
            combine(x, early[0], h, 0.75, inner[0])
            if options.uses_v:
                combine(v, early[1], h, 0.75, inner[1])
            if options.uses_u:
                combine(u, early[2], h, 0.75, inner[2])
            add_noise(inner[noisy], w, area, 1.5)
            copy_rows(quorum, inner_quorum)
            if options.filter:
                call_relax(passes.relax, place, quorum, mean, early_q)
                for d in range(dim):
                    for r in range(replicas):
                        inner_quorum[d, r] += 0.75 * dt * early_q[d, r]
            agent_means(inner[0], agents, sums, inner_mean)
            # second stage, at three quarters of the step
            time += 0.75 * dt
            note_step(paths, agents, time, 0, tables.stage_coupling[s], tables.stage_scheduled[s])
            stage(place, inner[0], inner[1], inner[2], inner_mean, inner_quorum, late)
            combine(x, early[0], h, 1.0 / 3.0, x)
            combine(x, late[0], h, 2.0 / 3.0, x)
            if options.uses_v:
                combine(v, early[1], h, 1.0 / 3.0, v)
                combine(v, late[1], h, 2.0 / 3.0, v)
            if options.uses_u:
                combine(u, early[2], h, 1.0 / 3.0, u)
                combine(u, late[2], h, 2.0 / 3.0, u)
            add_noise(v if options.noise_in_velocity else x, w, z, 1.0)
            if options.filter:
                call_relax(passes.relax, place, inner_quorum, inner_mean, late_q)
                for d in range(dim):
                    for r in range(replicas):
                        quorum[d, r] += dt / 3.0 * (early_q[d, r] + 2.0 * late_q[d, r])
            finite = agent_means(x, agents, sums, mean)
            if looks:
                look(place, b, t + 1, state)
            if options.weighted:
                # the weighted quorum of the new state, for statistics and records
                note_step(
                    paths, agents, tables.time[s + 1], 0, tables.coupling[s],
                    tables.stage_scheduled[s],
                )  # fmt: skip
                call_weigh(passes.weigh, place, x, mean, quorum)
            elif not options.filter:
                copy_rows(mean, quorum)
            if not finite:
                diverging = first_nonfinite(mean, real, t + 1, state.diverged[b])
                if diverging and plan.stop_on_divergence:
                    break
            until_observed -= 1
            if until_observed == 0:
                until_observed = plan.observe_every
                call_observation(passes.observation, place, b)
        store_block(b, state, paths)
