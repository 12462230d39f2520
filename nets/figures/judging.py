"""When a difference between two methods counts: by three standard errors, or by the plan of looks.

Methods that are compared share the initial points, data orders and training examples of a run, so the
difference of two is taken in every run. At quick and paper scale a difference is clear when it exceeds
`CLEAR` standard errors. At desk scale it is judged by the plan in ``docs/plan-desk.md``: by Student's
interval of the paired differences, wide enough for all looks together, and a smallest effect.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sdeopt.experiment import Claim, Interval
from sdeopt.experiments.measured import interval_of

Array: TypeAlias = NDArray[np.float64]

CLEAR = 3.0
"""Standard errors that make a difference clear."""

LEVEL = 0.95
"""The confidence of an interval of the plan, over all of its looks together."""

SMALLEST = {"share": 0.01, "loss": 0.03, "log": 0.05}
"""The smallest effects of interest: in accuracy, in a loss, in the logarithm of a distance."""

MOST = 10_000
"""Pairs up to which it is told how many would decide."""

FEWEST = 2
"""Pairs that have an interval."""


def rise(low: Array, high: Array) -> tuple[float, float]:
    """Return the mean of ``high - low`` over the runs, and its standard error.

    Where a run was lost (infinite), what remains is the sign, without an error.
    """
    with np.errstate(invalid="ignore"):
        difference = high - low
    if not np.isfinite(difference).all():
        sign = np.sign((np.nan_to_num(difference, nan=0.0) / len(difference)).sum())
        return (float(sign * np.inf) if sign else 0.0), 0.0
    return float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(len(difference)))


def correlation(first: Array, second: Array) -> float:
    """Return the correlation of two rows of numbers; 0 where one is constant or not finite."""
    for each in (first, second):
        if not (np.isfinite(each).all() and each.std()):
            return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def percent(share: float) -> str:
    """Return a share in percent."""
    return f"{100 * share:.2f}%"


def numbers_in_words(low: Array, high: Array, kind: str) -> str:
    """Return both averages and the standard error of their difference."""
    with np.errstate(invalid="ignore"):
        above, below = high.mean(), low.mean()
        shown = rise(low, high)[1] if np.isfinite(above - below) else np.nan
    if kind == "share":
        return f"{percent(above)} against {percent(below)}, ± {percent(shown)}"
    return f"{above:.4g} against {below:.4g}, ± {shown:.2g}"


@dataclass(frozen=True)
class Judge:
    """How the differences of a result are judged; without looks, by three standard errors."""

    looks: tuple[int, ...] = ()

    def higher(self, words: str, low: Array, high: Array, *, kind: str = "share") -> Claim:
        """Claim that one number is higher than another; `kind` is one of `SMALLEST`."""
        shown = f"{words} ({numbers_in_words(low, high, kind)})"
        return self.rises(shown, low, high, kind=kind)

    def rises(
        self,
        words: str,
        low: Array,
        high: Array,
        *,
        kind: str = "share",
        what: str = "difference",
        parts: float = 1.0,
    ) -> Claim:
        """Claim the same where the words say the numbers, or where it is one of several parts."""
        difference, error = rise(low, high)
        with np.errstate(invalid="ignore"):
            finite = bool(np.isfinite(high - low).all())
        if not finite:
            return self._of_signs(words, low, high)
        if not self.looks:
            return Claim.clear(words, difference, error, CLEAR, f"{what} / its standard error")
        smallest = SMALLEST[kind] / parts
        if len(low) < FEWEST:
            return self._of_signs(words, low, high)
        interval = self.interval(high - low)
        claim = Claim.difference(words, difference, interval, smallest, what)
        if not (high - low).any():
            # one and the same training on both sides, or both lost from the start
            same = f"{len(low)} pairs, the two numbers the same in each"
            return _with_note(replace(claim, holds=None, equivalent=False), same)
        room = max(abs(difference), smallest - abs(difference))
        needed = "" if claim.holds is not None else self.needed(high - low, room)
        return _with_note(claim, f"{len(low)} pairs{needed}")

    def further(self, words: str, near: Array, far: Array) -> Claim:
        """Claim that sums of squared distances are larger; by the plan, the logarithms of distances."""
        shown = f"{words} ({numbers_in_words(near, far, 'log')})"
        if not self.looks:
            return self.rises(shown, near, far)
        # no distance on both sides is no difference
        none = (near == 0) & (far == 0)
        with np.errstate(divide="ignore"):
            near, far = (np.log(np.where(none, 1.0, each)) / 2 for each in (near, far))
        return self.rises(shown, near, far, kind="log", what="difference of log distances")

    def alike(self, words: str, first: Array, second: Array, *, kind: str = "share") -> Claim:
        """Claim that two numbers differ by less than the smallest effect of interest."""
        smallest = SMALLEST[kind]
        shown = f"{words} ({numbers_in_words(first, second, kind)})"
        with np.errstate(invalid="ignore"):
            difference = second - first
        claim = self._within(shown, difference, (-smallest, smallest), "difference")
        if not difference.any():
            return _with_note(
                replace(claim, holds=None), "one and the same training in all of them"
            )
        return claim

    def ratio(
        self,
        words: str,
        above: Array,
        below: Array,
        what: str,
        *,
        least: float = -np.inf,
        most: float = np.inf,
    ) -> Claim:
        """Claim that a ratio of positive numbers is at least, or at most, a bound.

        It is that of the averages, or by the plan the average of those of the runs.
        """
        if not self.looks:
            value = _of_averages(above, below)
            ends = interval_of(_of_averages, above, below, possible=(0.0, np.inf))
            if np.isfinite(least) and np.isfinite(most):
                return Claim.between(words, value, least, most, what, interval=ends)
            if np.isfinite(least):
                return Claim.at_least(words, value, least, what, interval=ends)
            return Claim.at_most(words, value, most, what, interval=ends)
        return self._within(words, above / below, (least, most), what, possible=0.0)

    def _within(
        self, words: str, values: Array, wanted: Interval, what: str, possible: float = -np.inf
    ) -> Claim:
        """Claim that a mean over runs is in a range: it holds where all of its interval is."""
        ends = [f"{end:.6g}" if np.isfinite(end) else "" for end in wanted]
        asked = f"{ends[0]}{' ≤ ' if ends[0] else ''}{what}{' ≤ ' if ends[1] else ''}{ends[1]}"
        criterion = f"{asked}, {len(values)} runs"
        if not np.isfinite(values).all():
            lost = f"{criterion}, of which some did not converge"
            return Claim(words, np.nan, lost, None, None, (possible, np.inf))
        value, (low, high) = float(values.mean()), self.interval(values)
        low = max(low, possible)
        inside = wanted[0] <= low and high <= wanted[1]
        outside = high < wanted[0] or low > wanted[1]
        verdict = True if inside else False if outside else None
        room = min(abs(value - end) for end in wanted)
        needed = "" if verdict is not None else self.needed(values, room)
        return Claim(words, value, criterion + needed, verdict, value, (low, high))

    def _of_signs(self, words: str, low: Array, high: Array) -> Claim:
        """Claim the same where a run was lost: then only signs are known, and all must agree.

        A run of which both numbers are lost agrees with neither, and by the plan nor do equal ones.
        """
        with np.errstate(invalid="ignore"):
            difference = high - low
        above, below = difference > 0, difference < 0
        equal = (difference == 0) & (not self.looks)
        same = True if (above | equal).all() else False if (below | equal).all() else None
        signs = above.astype(np.float64) - below
        ends = (-np.inf, np.inf) if same is None else (np.inf, np.inf) if same else (-np.inf,) * 2
        claim = Claim(words, float(signs.mean()), "sign of the difference > 0", same, None, ends)
        return _with_note(claim, f"{len(low)} pairs, of which some did not converge")

    def interval(self, values: Array) -> Interval:
        """Return the interval of the mean of some values, one a run."""
        centre, reach = float(values.mean()), float(self.reach(values[:, None])[0])
        return centre - reach, centre + reach

    def reach(self, values: Array) -> Array:
        """Return half the interval of means over the first dimension, the runs."""
        count = len(values)
        errors = np.asarray(values.std(axis=0, ddof=1) / np.sqrt(count))
        return self.quantile(count) * errors

    def quantile(self, count: int) -> float:
        """Return how many standard errors an interval of so many pairs reaches to each side."""
        if not self.looks:
            return CLEAR
        # Bonferroni: the error of all looks together is at most that of each, times their number
        return _student(1 - (1 - LEVEL) / 2 / len(self.looks), count - 1)

    def needed(self, values: Array, room: float) -> str:
        """Return in words how many runs would decide, if they scatter as these do.

        Their mean has so much `room` to the nearest end of what would be another verdict.
        """
        scatter = float(values.std(ddof=1))
        for count in range(len(values) + 1, MOST):
            if self.quantile(count) * scatter / np.sqrt(count) < room:
                return f"; about {count} would decide"
        return f"; more than {MOST:,} would decide"


@lru_cache(MOST)
def _student(level: float, freedom: int) -> float:
    from scipy import stats

    return float(stats.t.ppf(level, freedom))


def _with_note(claim: Claim, note: str) -> Claim:
    return replace(claim, criterion=f"{claim.criterion}, {note}")


def judge_of(result: xr.Dataset) -> Judge:
    """Return how a result is judged."""
    looks = np.atleast_1d(result.attrs.get("looks", ())).tolist()
    return Judge(tuple(int(look) for look in looks))


def _of_averages(above: Array, below: Array) -> float:
    return float(above.mean() / below.mean())
