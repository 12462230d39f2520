"""Streamed statistics of one block at one moment, added to accumulators.

`observe` is called by its address; `sdeopt.kernels.generation` copies the text of this file to a module
that is compiled once per machine.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.addresses import call_gradient, call_value
from sdeopt.kernels.compilation import called_by_address, compiled_inline
from sdeopt.kernels.means import agent_means
from sdeopt.kernels.plan import work_at
from sdeopt.kernels.tallies import tally

Values = NDArray[np.float64]


@compiled_inline
def add_distances(x: Values, mean: Values, agents: int, out: Values) -> None:
    """Add the synchronization sum over agents of ||x^i - x.||^2 of every replica."""
    replicas = mean.shape[1]
    for d in range(x.shape[0]):
        for i in range(agents):
            for r in range(replicas):
                away = x[d, i * replicas + r] - mean[d, r]
                out[r] += away * away


@compiled_inline
def add_means(lanes: Values, agents: int, scratch: Values, means: Values, out: Values) -> None:
    """Add the mean over agents of one number a lane."""
    agent_means(lanes, agents, scratch, means)
    for r in range(out.shape[0]):
        out[r] += means[0, r]


@compiled_inline
def add_distortion(at_mean: Values, averaged: Values, out: Values) -> None:
    """Add the norm of grad f(x.) - (1/p) sum of grad f(x^i), the distortion of eq. (29)."""
    for r in range(out.shape[0]):
        square = 0.0
        for d in range(at_mean.shape[0]):
            away = at_mean[d, r] - averaged[d, r]
            square += away * away
        out[r] += math.sqrt(square)


@compiled_inline
def add_moments(x: Values, shift: Values, agents: int, first: Values, second: Values) -> None:
    """Add sums of (x - c) and (x - c)(x - c)^T over agents, c a point near the data."""
    dim = x.shape[0]
    replicas = shift.shape[1]
    for i in range(agents):
        for r in range(replicas):
            lane = i * replicas + r
            for d in range(dim):
                away = x[d, lane] - shift[d, r]
                first[r, d] += away
                for e in range(d + 1):
                    second[r, d, e] += away * (x[e, lane] - shift[e, r])


@compiled_inline
def add_counts(
    rows: Values, lanes: int, replicas: int, real: int, low: float, high: float,
    counts: NDArray[np.int64],
) -> None:  # fmt: skip
    """Count values into equal bins; the first and last bin take what falls outside."""
    bins = counts.shape[1] - 2
    scale = bins / (high - low)
    for d in range(rows.shape[0]):
        for lane in range(lanes):
            value = rows[d, lane]
            if lane % replicas >= real or math.isnan(value):
                continue
            if value < low:
                counts[d, 0] += 1
            elif value >= high:
                counts[d, bins + 1] += 1
            else:
                counts[d, 1 + min(int((value - low) * scale), bins - 1)] += 1


@called_by_address
def observe(place: int, b: int) -> None:
    """Add the statistics of one block at this moment to its accumulators."""
    work = work_at(place)
    buffers, observed, plan, passes = work.buffers, work.observed, work.plan, work.passes
    x, mean, agents = buffers.x, buffers.mean, plan.agents
    replicas, wanted = mean.shape[1], observed.wanted
    point, sums, single = buffers.point, buffers.sums, buffers.single
    if wanted[0]:
        add_distances(x, mean, agents, observed.scalars[0, b])
    if wanted[1]:
        losses = buffers.losses.reshape(1, x.shape[1])
        call_value(passes.value, x, work.loss, losses[0])
        add_means(losses, agents, sums, single, observed.scalars[1, b])
    for which, centre in ((2, mean), (3, buffers.centre)):
        if wanted[which]:
            call_value(passes.value, centre, work.loss, single[0])
            for r in range(replicas):
                observed.scalars[which, b, r] += single[0, r]
    if wanted[4]:
        call_gradient(passes.gradient, mean, work.loss, buffers.at_mean)
        call_gradient(passes.gradient, x, work.loss, point)
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
    if observed.watched.tallies.kinds.size > 0:
        tally(place, b)
