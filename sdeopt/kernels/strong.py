"""The loop of the strong-order-1.5 scheme: Rößler's SRA1 for additive noise.

Two stages a step. With f the rates, W the increment and Z its time integral over the step,

    H = x + (3/4) f(x) dt + (3/2) B Z / dt,    x' = x + (f(x) + 2 f(H)) dt / 3 + B W.

Rößler, SIAM J. Numer. Anal. 48 (2010), scheme SRA1. The vectors of replicas are computed at both
stages, so the scheme has its order for the coupled system, not only for an agent in a given
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
from sdeopt.kernels.means import agent_means, show
from sdeopt.kernels.passages import look
from sdeopt.kernels.passes import copy_all, copy_given, expand, fill_lanes, first_nonfinite
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
    place: int, of_agents: Values, of_replicas: Values, rate: Values
) -> None:  # fmt: skip
    """Write the rates of the vectors of agents, from the signal and the gradient at a stage."""
    work = work_at(place)
    buffers, plan, passes = work.buffers, work.plan, work.passes
    x, centre = of_agents[0], of_replicas[plan.centre]
    if plan.options.weighted:
        call_weigh(passes.weigh, place, x, of_replicas[0], centre)
    else:
        buffers.coupling[0] = buffers.numbers[COUPLING]
    show(
        plan.shown,
        of_agents,
        of_replicas,
        plan.agents,
        buffers.sums,
        buffers.at_mean,
        buffers.shown,
    )
    if plan.options.signal:
        expand(centre, buffers.signal)
    call_gradient(passes.gradient, x, work.loss, buffers.slope)
    call_rates(passes.rates, place, of_agents, rate)


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
    dim, lanes, replicas = paths.x.shape[0], paths.x.shape[1], paths.mean.shape[1]
    agents, sums, h, w = plan.agents, paths.sums, paths.step_size, paths.amplitude
    early, late, inner = stages.early, stages.late, stages.inner
    early_shared, late_shared, inner_shared = (
        stages.early_shared,
        stages.late_shared,
        stages.inner_shared,
    )
    x, mean, of_agents, of_replicas = paths.x, paths.mean, paths.agents, paths.replicas
    centre, vectors, noisy = paths.centre, paths.agents.shape[0], plan.noisy
    looks = observed.watched.passages.region.size > 0
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
            stage(place, of_agents, of_replicas, early)
            for which in range(vectors):
                combine(of_agents[which], early[which], h, 0.75, inner[which])
            add_noise(inner[noisy], w, area, 1.5)
            copy_all(of_replicas, inner_shared)
            if options.filter:
                call_relax(passes.relax, place, of_replicas, mean, early_shared)
                for which in range(early_shared.shape[0]):
                    for d in range(dim):
                        for r in range(replicas):
                            inner_shared[1 + which, d, r] += 0.75 * dt * early_shared[which, d, r]
            agent_means(inner[0], agents, sums, inner_shared[0])
            # second stage, at three quarters of the step
            time += 0.75 * dt
            note_step(paths, agents, time, 0, tables.stage_coupling[s], tables.stage_scheduled[s])
            stage(place, inner, inner_shared, late)
            for which in range(vectors):
                now = of_agents[which]
                combine(now, early[which], h, 1.0 / 3.0, now)
                combine(now, late[which], h, 2.0 / 3.0, now)
            add_noise(of_agents[noisy], w, z, 1.0)
            if options.filter:
                call_relax(passes.relax, place, inner_shared, inner_shared[0], late_shared)
                for which in range(late_shared.shape[0]):
                    for d in range(dim):
                        for r in range(replicas):
                            both = early_shared[which, d, r] + 2.0 * late_shared[which, d, r]
                            of_replicas[1 + which, d, r] += dt / 3.0 * both
            finite = agent_means(x, agents, sums, mean)
            if looks:
                look(place, b, t + 1, state)
            if options.weighted:
                # the weighted mean of the new state, for statistics and records
                note_step(
                    paths, agents, tables.time[s + 1], 0, tables.coupling[s],
                    tables.stage_scheduled[s],
                )  # fmt: skip
                call_weigh(passes.weigh, place, x, mean, centre)
            if not finite:
                diverging = first_nonfinite(mean, real, t + 1, state.diverged[b])
                if diverging and plan.stop_on_divergence:
                    break
            until_observed -= 1
            if until_observed == 0:
                until_observed = plan.observe_every
                call_observation(passes.observation, place, b)
        store_block(b, state, paths)
