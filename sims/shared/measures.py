"""Numbers that turn the words of a figure into something to check.

All figures on losses with ripples use the same few conventions, chosen once from the words of
Sec. 4.3 of Boffi & Slotine (2020) and the lengths of the problem, not from any panel:

* the *reach* r = ηW of one step's noise is the unit of "near": nothing can rest more finely;
* the *width* of a law is its central 90% interval; "sharp" is at most 2r wide, "wide" is wider;
* convergence is "reliable" when at least 90% of the replicas end within r of the place;
* a number "rises" when its mean over replicas does so by at least three standard errors.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.experiment import Claim, Interval
from sdeopt.experiments.measured import interval_of

Array: TypeAlias = NDArray[np.float64]

RELIABLE = 0.9
"""The share of replicas that makes convergence reliable."""


def width(sample: ArrayLike) -> float:
    """Return the length of the central 90% interval of a law."""
    low, high = np.quantile(np.asarray(sample), [0.05, 0.95])
    return float(high - low)


def share_within(sample: ArrayLike, centre: ArrayLike, reach: float) -> float:
    """Return the share of a sample that lies near a place."""
    distance = np.abs(np.asarray(sample) - np.asarray(centre))
    return float(np.mean(distance <= reach))


def share_in_ripples(sample: ArrayLike, frequency: float) -> float:
    """Return the share of a sample in the lower halves of the ripples −cos(wx)."""
    return float(np.mean(np.cos(frequency * np.asarray(sample)) > 0.0))


def sampled(
    kind: Callable[..., Claim],
    words: str,
    statistic: Callable[..., float],
    samples: Sequence[ArrayLike],
    *asked: float | str,
    possible: Interval = (-np.inf, np.inf),
) -> Claim:
    """Claim something of a function of samples over replicas, with its confidence interval.

    `kind` is a constructor of `Claim`, `asked` are its bounds and the name of the number, and
    `possible` are the values between which it lies.
    """
    interval = interval_of(statistic, *samples, possible=possible)
    return kind(words, statistic(*samples), *asked, interval=interval)


def rise(before: ArrayLike, after: ArrayLike) -> tuple[float, float]:
    """Return by how much the mean of a number rose, and the standard error of that."""
    first, second = np.asarray(before), np.asarray(after)
    error = float(np.sqrt(first.var(ddof=1) / first.size + second.var(ddof=1) / second.size))
    return float(second.mean() - first.mean()), error


def rises(words: str, before: ArrayLike, after: ArrayLike) -> Claim:
    """Claim that the mean of a number rose."""
    return Claim.clear(words, *rise(before, after))


@dataclass(frozen=True, eq=False)
class Basins:
    """The basins of a one-dimensional loss: a minimum each, ridges between them."""

    minima: Array
    depths: Array
    ridges: Array

    @classmethod
    def of(cls, position: ArrayLike, loss: ArrayLike) -> "Basins":
        """Return the basins of a loss given on a fine grid."""
        x, f = np.asarray(position, np.float64), np.asarray(loss, np.float64)
        inner, left, right = f[1:-1], f[:-2], f[2:]
        bottoms = 1 + np.flatnonzero((inner < left) & (inner <= right))
        tops = 1 + np.flatnonzero((inner > left) & (inner >= right))
        return cls(x[bottoms], f[bottoms], x[tops])

    @property
    def deepest(self) -> int:
        """The number of the basin of the global minimum."""
        return int(np.argmin(self.depths))

    @property
    def two_deepest(self) -> tuple[int, int]:
        """The numbers of the two deepest basins, from left to right."""
        ranked = np.argsort(self.depths)[:2].tolist()
        return min(ranked), max(ranked)

    @property
    def narrowest(self) -> float:
        """The width of the narrowest basin between two ridges; infinite without one."""
        return float(np.diff(self.ridges).min(initial=np.inf))

    def number(self, sample: ArrayLike) -> NDArray[np.int64]:
        """Return the number of the basin in which each draw lies."""
        return np.searchsorted(self.ridges, np.asarray(sample))

    def in_inner_half(self, sample: ArrayLike) -> NDArray[np.bool_]:
        """Return whether each draw is nearer to its minimum than to its ridge.

        The outermost basins, which have one ridge only, count as symmetric. A uniform law on a
        basin has half of its weight there.
        """
        x = np.asarray(sample, np.float64)
        which = self.number(x)
        offset = x - self.minima[which]
        # The outer walls stand in for a ridge as far off as the inner one.
        to_left = np.append(np.inf, self.minima[1:] - self.ridges)
        to_right = np.append(self.ridges - self.minima[:-1], np.inf)
        to_left[0], to_right[-1] = to_right[0], to_left[-1]
        reach = np.where(offset < 0, to_left[which], to_right[which])
        inside: NDArray[np.bool_] = np.abs(offset) < 0.5 * reach
        return inside
