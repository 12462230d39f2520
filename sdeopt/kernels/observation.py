"""Streamed statistics of one block at one moment, added to accumulators."""

import math

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled_inline
from sdeopt.kernels.means import agent_means

__all__ = ["add_counts", "add_distances", "add_distortion", "add_means", "add_moments"]

Values = NDArray[np.float64]


@compiled_inline
def add_distances(x: Values, mean: Values, agents: int, out: Values) -> None:
    """Add the synchronization sum over agents of ||x^i - x.||^2 of every replica.

    Parameters
    ----------
    x : float64 array, shape (dim, lanes)
        Positions.
    mean : float64 array, shape (dim, R)
        Spatial means.
    agents : int
        p.
    out : float64 array, shape (R,)
        Added to.
    """
    replicas = mean.shape[1]
    for d in range(x.shape[0]):
        for i in range(agents):
            for r in range(replicas):
                away = x[d, i * replicas + r] - mean[d, r]
                out[r] += away * away


@compiled_inline
def add_means(lanes: Values, agents: int, scratch: Values, means: Values, out: Values) -> None:
    """Add the mean over agents of one number a lane.

    Parameters
    ----------
    lanes : float64 array, shape (1, lanes)
        One number a lane.
    agents : int
        p.
    scratch : float64 array, shape (SCRATCH,)
        Overwritten.
    means : float64 array, shape (1, R)
        Overwritten.
    out : float64 array, shape (R,)
        Added to.
    """
    agent_means(lanes, agents, scratch, means)
    for r in range(out.shape[0]):
        out[r] += means[0, r]


@compiled_inline
def add_distortion(at_mean: Values, averaged: Values, out: Values) -> None:
    """Add the norm of grad f(x.) - (1/p) sum of grad f(x^i), the distortion of eq. (29).

    Parameters
    ----------
    at_mean : float64 array, shape (dim, R)
        Gradient at the spatial mean.
    averaged : float64 array, shape (dim, R)
        Mean over agents of the gradients.
    out : float64 array, shape (R,)
        Added to.
    """
    for r in range(out.shape[0]):
        square = 0.0
        for d in range(at_mean.shape[0]):
            away = at_mean[d, r] - averaged[d, r]
            square += away * away
        out[r] += math.sqrt(square)


@compiled_inline
def add_moments(x: Values, shift: Values, agents: int, first: Values, second: Values) -> None:
    """Add sums of (x - c) and (x - c)(x - c)^T over agents, c a point near the data.

    Parameters
    ----------
    x : float64 array, shape (dim, lanes)
        Positions.
    shift : float64 array, shape (dim, R)
        The origin c of each replica, against cancellation.
    agents : int
        p.
    first : float64 array, shape (R, dim)
        Added to.
    second : float64 array, shape (R, dim, dim)
        Its lower triangle is added to.
    """
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
    """Count values into equal bins; the first and last bin take what falls outside.

    Parameters
    ----------
    rows : float64 array, shape (dim, at least lanes)
        Values; NaN is not counted.
    lanes : int
        How many of each row count.
    replicas, real : int
        R, and how many of them exist.
    low, high : float
        Ends of the binned interval.
    counts : int64 array, shape (dim, bins + 2)
        Added to.
    """
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
