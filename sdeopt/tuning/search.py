"""The search over couplings: a coarse grid, finer where it is low, more replicas where it is open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from sdeopt.arguments import Array
from sdeopt.tuning.decision import Decision

Measure: TypeAlias = Callable[[Sequence[float], int, int], Array]
"""Couplings, the number of a batch and its replicas -> what each reached, (couplings, replicas)."""

COARSE = 2.0
"""The factor between couplings of the first grid."""
FINE = 2.0**0.25
"""The factor at which a finer grid would not be told apart."""
SHARE = 0.02
"""Of the range of the averages: the standard error that is small enough by default."""


@dataclass
class Search:
    """What was measured so far, and what to measure next.

    Parameters
    ----------
    measure : callable
        See `Measure`.
    low, high : float
        The smallest coupling above 0, and the largest.
    replicas, most : int
        Of every coupling at first, and at the most where the decision is open.
    error : float or None
        The standard error of a difference that is small enough; None is a share of the range.
    level : float
        The probability with which the best may be missed, over all looks.
    """

    measure: Measure
    low: float
    high: float
    replicas: int
    most: int
    error: float | None = None
    level: float = 0.05
    looks: int = 0
    batches: dict[float, list[Array]] = field(default_factory=dict)

    def run(self) -> Decision:
        """Search until nothing more is open, or no more replicas are allowed."""
        count = round(np.log(self.high / self.low) / np.log(COARSE)) + 1
        self._add([0.0, *np.geomspace(self.low, self.high, count).tolist()], 1)
        while True:
            self.looks += 1
            decision = self.decision()
            finer = self._finer(decision)
            if finer:
                self._add(finer, max(len(self.batches[k]) for k in self._possible(decision)))
                continue
            if not self._grow(decision):
                return decision

    def decision(self) -> Decision:
        """Return what is known now."""
        couplings = sorted(self.batches)
        rows = [np.concatenate(self.batches[k]) for k in couplings]
        values = np.full((len(rows), max(map(len, rows))), np.nan)
        for place, row in enumerate(rows):
            values[place, : len(row)] = row
        return Decision(np.array(couplings), values, self.level / self._most_looks)

    @property
    def _most_looks(self) -> int:
        """How often the data may be looked at: once a doubling of the replicas, once a finer grid."""
        doublings = int(np.ceil(np.log2(max(self.most / self.replicas, 1.0))))
        finer = int(np.ceil(np.log2(np.log(COARSE) / np.log(FINE))))
        return 1 + doublings + 2 * finer

    def _possible(self, decision: Decision) -> list[float]:
        kept: list[float] = decision.couplings[decision.possible].tolist()
        return kept or [float(decision.couplings[decision.best])]

    def _finer(self, decision: Decision) -> list[float]:
        """Return couplings between the best and its neighbours, where these are far apart."""
        couplings, best = decision.couplings, decision.best
        if couplings[best] == 0.0 or self.looks >= self._most_looks:
            return []
        found = []
        for low, high in ((best - 1, best), (best, best + 1)):
            inside = low >= 0 and high < len(couplings) and couplings[low] > 0
            if inside and couplings[high] > FINE * 1.0001 * couplings[low]:
                found.append(float(np.sqrt(couplings[low] * couplings[high])))
        return found

    def _grow(self, decision: Decision) -> bool:
        """Give more replicas to the couplings between which the decision is open."""
        open_ones = self._possible(decision)
        averages = np.nanmean(decision.values[~decision.diverged], axis=1)
        spread = float(np.ptp(averages)) if len(averages) else 0.0
        wanted = SHARE * spread if self.error is None else self.error
        done = max(len(np.concatenate(self.batches[k])) for k in open_ones)
        if len(open_ones) < 2 or decision.error_behind_best() <= wanted or done >= self.most:
            return False
        self._add(open_ones, max(len(self.batches[k]) for k in open_ones) + 1)
        return True

    def _add(self, couplings: Sequence[float], batches: int) -> None:
        """Measure couplings until each has so many batches, which double its replicas up to the most."""
        for number in range(batches):
            lacking = [k for k in couplings if len(self.batches.get(k, [])) == number]
            if lacking:
                done = self.replicas * 2 ** (number - 1) if number else 0
                size = min(done, self.most - done) if number else self.replicas
                for k, values in zip(lacking, self.measure(lacking, number, size), strict=True):
                    self.batches.setdefault(k, []).append(values)
