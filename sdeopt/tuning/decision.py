"""Which couplings can still be the best, and which of them looks so."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sdeopt.arguments import Array


@dataclass(frozen=True, eq=False)
class Decision:
    """What replicas say of the best of several couplings.

    Parameters
    ----------
    couplings : numpy.ndarray
        k, rising.
    values : numpy.ndarray, shape (couplings, replicas)
        What is to be low. Replicas of equal number had the same noise; those that were not simulated
        are NaN. A coupling with an infinite value diverged, and is not the best.
    level : float
        The probability with which the truly best coupling may be dropped.
    """

    couplings: Array
    values: Array
    level: float = 0.05

    @cached_property
    def possible(self) -> NDArray[np.bool_]:
        """Which couplings may be the best.

        One is dropped where another is lower by a paired one-sided t-test at `level` divided by the
        number of others, so that the best is dropped with at most that probability (Bonferroni; the
        subset selection of Gupta, 1965).
        """
        stable = ~self.diverged
        rows = self.values[stable]
        found = stable.copy()
        found[stable] = [not self._beaten(rows, place) for place in range(len(rows))]
        return found

    @cached_property
    def diverged(self) -> NDArray[np.bool_]:
        """Which couplings diverged, in some replica."""
        found: NDArray[np.bool_] = np.asarray(np.isinf(self.values).any(axis=1))
        return found

    def _beaten(self, rows: Array, place: int) -> bool:
        behind = rows[place] - np.delete(rows, place, axis=0)
        count = np.isfinite(behind).sum(axis=1)
        behind, count = behind[count > 1], count[count > 1]
        if not len(behind):
            return False
        middle = np.nanmean(behind, axis=1)
        error = np.nanstd(behind, axis=1, ddof=1) / np.sqrt(count)
        reach = stats.t.isf(self.level / len(behind), count - 1)
        return bool((middle > reach * error).any())

    @cached_property
    def best(self) -> int:
        """The place of the lowest average, over the replicas that all possible couplings have."""
        possible = self.possible
        if not possible.any():  # each is beaten by another, or all diverged
            possible = ~self.diverged
        if not possible.any():
            return 0
        chosen = self.values[possible]
        common = np.isfinite(chosen).all(axis=0)
        return int(np.flatnonzero(possible)[np.argmin(chosen[:, common].mean(axis=1))])

    @property
    def interval(self) -> tuple[float, float]:
        """The least and the largest coupling that may be the best."""
        kept = self.couplings[self.possible]
        best = self.couplings[self.best]
        return float(min(kept, default=best)), float(max(kept, default=best))

    def error_behind_best(self) -> float:
        """Return the largest standard error of the differences of possible couplings to the best."""
        best = self.values[self.best]
        errors = []
        for place in np.flatnonzero(self.possible):
            behind = self.values[place] - best
            behind = behind[np.isfinite(behind)]
            if place != self.best and len(behind) > 1:
                errors.append(float(behind.std(ddof=1) / np.sqrt(len(behind))))
        return max(errors, default=0.0)
