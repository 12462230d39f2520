"""The loop of the strong-order-1.5 scheme: Rößler's SRA1 for additive noise.

Two stages a step. With f the rates, W the increment and Z its time integral over the step,

    H = x + (3/4) f(x) dt + (3/2) B Z / dt,    x' = x + (f(x) + 2 f(H)) dt / 3 + B W.

Rößler, SIAM J. Numer. Anal. 48 (2010), scheme SRA1. The mean and the quorum variable are taken at
both stages, so the scheme has its order for the coupled system, not for one agent in a given field.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.bindings import (
    FILTER,
    GIVEN,
    NOISE_IN_VELOCITY,
    OBSERVES,
    USES_U,
    USES_V,
    WEIGHTED,
    gradient,
)
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.coupling import agent_means, fill_lanes
from sdeopt.kernels.drawing import copy_given
from sdeopt.kernels.passes import first_nonfinite
from sdeopt.kernels.philox import NOISE, NOISE_AREA, UNKNOWN
from sdeopt.kernels.pieces import diffuse, hear, noise_rows, observe, quorum_rates, rates
from sdeopt.kernels.state import Buffers, Given, Observed, Plan, State, Tables

__all__ = ["advance"]

Values = NDArray[np.float64]


@compiled
def combine(base: Values, one: Values, h: Values, share: float, out: Values) -> None:
    """Set out = base + share * h * one."""
    for d in range(base.shape[0]):
        for lane in range(base.shape[1]):
            out[d, lane] = base[d, lane] + share * h[lane] * one[d, lane]


@compiled
def add_noise(out: Values, w: Values, z: Values, factor: float) -> None:
    """Add factor * w * z to out."""
    for d in range(out.shape[0]):
        for lane in range(out.shape[1]):
            out[d, lane] += factor * w[lane] * z[d, lane]


@compiled
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
    work: tuple[Buffers, ...],
) -> None:
    """Advance a range of blocks through the steps of one chunk; see `sdeopt.kernels.driver`."""
    dim, lanes, replicas = state.x.shape[1], state.x.shape[2], state.mean.shape[2]
    slope, scratch = np.empty((dim, lanes)), np.empty((dim, lanes))
    paths, areas = work[0], work[1]
    signal, velocity_signal = np.empty((dim, lanes)), np.empty((dim, lanes))
    early, late = np.empty((3, dim, lanes)), np.empty((3, dim, lanes))
    inner = np.empty((3, dim, lanes))
    inner_mean, inner_quorum = np.empty((dim, replicas)), np.empty((dim, replicas))
    early_q, late_q = np.zeros((dim, replicas)), np.zeros((dim, replicas))
    h, w, pull, marks = np.empty(lanes), np.empty(lanes), np.zeros(lanes), np.zeros(lanes)
    column, matrix = np.empty(dim), np.empty((dim, dim))
    folded = np.empty(lanes)
    noisy = 1 if NOISE_IN_VELOCITY else 0
    for b in range(first_block, last_block):
        x, v, u = state.x[b], state.v[b], state.u[b]
        mean, quorum = state.mean[b], state.quorum[b]
        paths.held[0] = UNKNOWN
        areas.held[0] = UNKNOWN
        real = min(replicas, plan.replicas - b * replicas)
        for lane in range(lanes):
            for each in (paths, areas):
                each.agent_of[lane] = np.uint64(lane // replicas)
                each.replica_of[lane] = np.uint64(b * replicas + lane % replicas)
        agent_means(x, plan.agents, folded, mean)
        if OBSERVES and plan.observe_start:
            observe(b, state, plan, parameters, folded, scratch, observed)
        for s in range(plan.steps):
            t, time = plan.first_step + s, tables.time[s]
            fill_lanes(tables.step_size, s, replicas, h)
            fill_lanes(tables.amplitude, s, replicas, w)
            dt = tables.step_size[s, 0]
            coupling = tables.gains[s, 0]
            gains = (tables.gains[s, 1], tables.gains[s, 2], tables.gains[s, 3])
            # z is the increment of the path, area its time integral divided by the step
            begin = 0
            if not GIVEN:
                begin = noise_rows(plan.seed, NOISE, t, shape, paths)
                noise_rows(plan.seed, NOISE_AREA, t, shape, areas)
            z, area = paths.z[begin : begin + dim], areas.z[begin : begin + dim]
            if GIVEN:
                copy_given(given.values, s, b * replicas, plan.agents, replicas, z)
                copy_given(given.areas, s, b * replicas, plan.agents, replicas, area)
                area /= dt
            else:
                for d in range(dim):
                    for lane in range(lanes):
                        area[d, lane] = 0.5 * (z[d, lane] + area[d, lane] / math.sqrt(3.0))
            diffuse(x, law_parameters, column, matrix, z)
            diffuse(x, law_parameters, column, matrix, area)
            # first stage
            hear(
                x, v, mean, quorum, plan.agents, time, 0, marks, coupling, gains, folded, scratch,
                signal, velocity_signal, pull,
            )  # fmt: skip
            gradient(x, parameters, slope)
            rates(
                x, v, u, slope, signal, velocity_signal, pull, gains, early[0], early[1], early[2]
            )
            combine(x, early[0], h, 0.75, inner[0])
            if USES_V:
                combine(v, early[1], h, 0.75, inner[1])
            if USES_U:
                combine(u, early[2], h, 0.75, inner[2])
            add_noise(inner[noisy], w, area, 1.5)
            inner_quorum[:] = quorum
            if FILTER:
                quorum_rates(quorum, mean, time, plan.agents, coupling, gains, early_q)
                inner_quorum += 0.75 * dt * early_q
            agent_means(inner[0], plan.agents, folded, inner_mean)
            # second stage, at three quarters of the step
            time += 0.75 * dt
            coupling = tables.stage_gains[s, 0]
            gains = (
                tables.stage_gains[s, 1], tables.stage_gains[s, 2], tables.stage_gains[s, 3]
            )  # fmt: skip
            hear(
                inner[0], inner[1], inner_mean, inner_quorum, plan.agents, time, 0, marks, coupling,
                gains, folded, scratch, signal, velocity_signal, pull,
            )  # fmt: skip
            gradient(inner[0], parameters, slope)
            rates(
                inner[0], inner[1], inner[2], slope, signal, velocity_signal, pull, gains,
                late[0], late[1], late[2],
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
                quorum_rates(inner_quorum, inner_mean, time, plan.agents, coupling, gains, late_q)
                quorum += dt / 3.0 * (early_q + 2.0 * late_q)
            agent_means(x, plan.agents, folded, mean)
            if WEIGHTED:
                # the weighted quorum of the new state, for whoever looks at it
                hear(
                    x, v, mean, quorum, plan.agents, tables.time[s + 1], 0, marks,
                    tables.gains[s, 0], gains, folded, scratch, signal, velocity_signal, pull,
                )  # fmt: skip
            elif not FILTER:
                quorum[:] = mean
            if first_nonfinite(mean, real, t + 1, state.diverged[b]) and plan.stop_on_divergence:
                break
            if OBSERVES and (t + 1) % plan.observe_every == 0:
                observe(b, state, plan, parameters, folded, scratch, observed)
