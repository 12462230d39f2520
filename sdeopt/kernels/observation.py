"""Streamed statistics of one block at one moment, added to accumulators."""

import math

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled_inline
from sdeopt.kernels.means import agent_means

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
