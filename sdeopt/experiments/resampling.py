"""Claims about medians and spreads over few runs: bootstrap intervals, and permutation tests.

`sdeopt.experiments.measured` has means and limits for replicas by the hundred. A training costs minutes
and is repeated ten times; what the papers read off ten numbers is their median and how far they spread.
Trainings that are compared share the seeds of their runs, so runs are drawn together for all of them:
what is common to a run cancels.

A claim is about a contrast, Σ w_g s_g of a statistic s of several groups of runs: a difference, a slope,
a difference of differences. Of ten runs an interval of `LEVEL` leaves out a difference of zero in 3 to
5 of 100 experiments for medians and in 5 to 8 for spreads (a test).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Claim, Interval

Array: TypeAlias = NDArray[np.float64]
Statistic: TypeAlias = Callable[[Array], Array]
"""Of values whose last axis is that of the runs."""

LEVEL = 0.95
"""The confidence of an interval."""

DRAWS = 2_000
"""Drawn sets of runs, or exchanges of labels."""

KEPT = 4_000
"""Claims of which a process remembers the draws."""

FEWEST = 5
"""Fewest runs: of less, all sets that can be drawn are few."""


def median(values: Array) -> Array:
    """Return the median of the runs."""
    return np.asarray(np.median(values, axis=-1))


def spread(values: Array) -> Array:
    """Return the mean distance of the runs from their median.

    The interquartile range of ten runs rests on four of them and its interval is far too wide; the
    standard deviation rests on the farthest, and its interval is too narrow.
    """
    far = np.abs(values - np.median(values, axis=-1, keepdims=True))
    return np.asarray(far.mean(axis=-1))


def contrast_of(
    groups: Sequence[ArrayLike], weights: ArrayLike, of: Statistic = median, level: float = LEVEL
) -> tuple[float, Interval]:
    """Return Σ w_g s_g and its interval, from sets of runs that are drawn with replacement."""
    samples, factors = _samples(groups), np.asarray(weights, np.float64)
    found = _drawn(samples.tobytes(), samples.shape, factors.tobytes(), of)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return float(factors @ of(samples)), (float(low), float(high))


@lru_cache(KEPT)
def _drawn(samples: bytes, shape: tuple[int, ...], weights: bytes, of: Statistic) -> Array:
    """Return the contrast for drawn sets of runs; the same claim is often asked for again."""
    draws = np.random.default_rng(0).integers(0, shape[-1], (DRAWS, shape[-1]))
    every = np.frombuffer(samples).reshape(shape)[:, draws]
    return np.asarray(np.frombuffer(weights) @ of(every))


def permuted(groups: Sequence[ArrayLike], weights: ArrayLike, of: Statistic = median) -> float:
    """Return how often a contrast is as large, on either side, when labels are exchanged within runs.

    That is the probability of it where the groups do not differ, exact up to the number of exchanges.
    """
    samples = _samples(groups)
    return _permuted(
        samples.tobytes(), samples.shape, np.asarray(weights, np.float64).tobytes(), of
    )


@lru_cache(KEPT)
def _permuted(samples: bytes, shape: tuple[int, ...], weights: bytes, of: Statistic) -> float:
    given, factors = np.frombuffer(samples).reshape(shape), np.frombuffer(weights)
    size = abs(factors @ of(given))
    places = np.broadcast_to(np.arange(shape[0])[:, None], (DRAWS, *shape))
    labels = np.random.default_rng(0).permuted(places, axis=1)
    exchanged = np.take_along_axis(given[None], labels, axis=1)
    others = np.abs(of(exchanged) @ factors)
    # the labels as they are count too; rounding must not tell them from their like
    return float((1 + (others >= size * (1 - 1e-9)).sum()) / (1 + DRAWS))


def higher(
    words: str, low: ArrayLike, high: ArrayLike, of: Statistic = median, what: str = "difference"
) -> Claim:
    """Claim that a statistic of one group of runs is higher than that of another."""
    return contrasted(words, [low, high], [-1.0, 1.0], of, what)


def rises(
    words: str, groups: Sequence[ArrayLike], of: Statistic = median, what: str = "rise"
) -> Claim:
    """Claim that a statistic rises from group to group: the line through all of them, end to end."""
    places = np.arange(len(groups)) - (len(groups) - 1) / 2
    weights = places / (places**2).sum() * (len(groups) - 1)
    return contrasted(words, groups, weights, of, what)


def contrasted(
    words: str,
    groups: Sequence[ArrayLike],
    weights: ArrayLike,
    of: Statistic = median,
    what: str = "difference",
    *,
    exchangeable: bool = True,
) -> Claim:
    """Claim that a contrast is positive.

    The permutation test is told where groups without any effect would be `exchangeable`.
    """
    value, ends = contrast_of(groups, weights, of)
    test = f", p = {permuted(groups, weights, of):.2g} by permutation" if exchangeable else ""
    return _positive(words, value, ends, f"{what} > 0{test}")


def alike(
    words: str,
    one: ArrayLike,
    other: ArrayLike,
    within: float,
    of: Statistic = median,
    what: str = "difference",
) -> Claim:
    """Claim that a statistic of two groups differs by at most so much."""
    value, ends = contrast_of([one, other], [-1.0, 1.0], of)
    return Claim.between(words, value, -within, within, what, interval=ends)


def one_is_higher(
    words: str,
    low: Mapping[float, ArrayLike],
    high: Mapping[float, ArrayLike],
    of: Statistic = median,
    what: str = "largest difference",
) -> Claim:
    """Claim that a statistic is higher at one setting at least, each compared with its own partner.

    The largest of several differences is positive by chance alone, so each interval is that much wider
    that all of them hold together at `LEVEL` (Bonferroni); the largest difference then lies between the
    largest lower end and the largest upper end.
    """
    level = 1 - (1 - LEVEL) / len(high)
    found = {key: contrast_of([low[key], high[key]], [-1.0, 1.0], of, level) for key in high}
    best = max(found, key=lambda key: found[key][0])
    ends = [max(interval[side] for _, interval in found.values()) for side in (0, 1)]
    shown = f"{words} (largest difference at {best:g})"
    return _positive(shown, found[best][0], (ends[0], ends[1]), f"{what} > 0")


def _positive(words: str, value: float, ends: Interval, criterion: str) -> Claim:
    """Claim that a contrast is positive; an interval that ends at 0, as with ties, decides nothing."""
    verdict = True if ends[0] > 0 else False if ends[1] < 0 else None
    return Claim(words, value, criterion, verdict, value, ends, met=value > 0)


def _samples(groups: Sequence[ArrayLike]) -> Array:
    """Return groups of the same runs as one array, or say what is wrong with them."""
    arrays = [np.asarray(group, np.float64) for group in groups]
    sizes = sorted({each.shape for each in arrays})
    if len(sizes) != 1 or len(sizes[0]) != 1 or sizes[0][0] < FEWEST:
        raise InvalidArgumentError(
            f"groups of runs have the shapes {', '.join(map(str, sizes))}, but need the same number of "
            f"runs, one number for each, and at least {FEWEST} of them."
        )
    if not all(np.isfinite(each).all() for each in arrays):
        raise InvalidArgumentError(
            "a run has a number that is not finite; give runs that diverged the value that stands for "
            "that, such as the accuracy of chance."
        )
    return np.stack(arrays)
