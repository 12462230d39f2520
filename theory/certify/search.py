"""Branch and bound: the box with the least certain rate is cut, until the answer is known."""

import dataclasses
import heapq
import itertools
from fractions import Fraction
from typing import Literal

import numpy as np
from flint import arb
from numpy.typing import NDArray

from theory.certify.balls import float_above, float_below
from theory.certify.rate import Basis, Matrix, basis, rate_at_least, rate_at_most
from theory.certify.system import Box, Enclosure, System

Status = Literal["proved", "disproved", "undecided"]
SMALLEST = Fraction(1, 2**40)
"""The smallest edge of a box, as a part of that of the whole one."""


@dataclasses.dataclass(frozen=True)
class Sample:
    """A point, and an upper bound on the rate there."""

    rate: Fraction
    point: tuple[Fraction, ...]


@dataclasses.dataclass(frozen=True)
class Leaf:
    """A box that is not cut yet, and a rate that holds on it, if one is known."""

    rate: Fraction | None
    box: Box
    spread: tuple[float, ...] | None


class Search:
    """One search: boxes in a heap, the one with the least certain rate first."""

    def __init__(
        self,
        system: System,
        metric: Matrix,
        whole: Box,
        asked: Fraction | None,
        tolerance: float,
        max_boxes: int,
    ) -> None:
        self._system, self._metric, self._whole = system, metric, whole
        self._asked, self._tolerance, self._max_boxes = asked, Fraction(tolerance), max_boxes
        self._plain = basis([[arb(0)] * len(metric)] * len(metric), metric)
        self._heap: list[tuple[bool, Fraction, int, Leaf]] = []
        self._order = itertools.count()
        self.boxes = 0
        self.least: Sample | None = None
        """The point with the least rate so far."""

    @property
    def _first(self) -> Leaf:
        return self._heap[0][-1]

    @property
    def proved(self) -> Fraction:
        """The rate that holds on all boxes."""
        rate = self._first.rate
        assert rate is not None
        return rate

    def run(self) -> tuple[Status, str]:
        """Return the answer, and the reason when there is none."""
        hole = self._examine(self._whole)
        while not hole:
            if self._is_disproved():
                return "disproved", ""
            rate = self._first.rate
            if rate is not None and self._is_enough(rate):
                return "proved", ""
            halves = () if self.boxes + 2 > self._max_boxes else self._halves(self._first)
            if not halves:
                # The tolerance is not met, but the rate is positive, which was the question.
                if rate is not None and self._asked is None and rate > 0:
                    return "proved", ""
                return "undecided", self._open_question()
            heapq.heappop(self._heap)
            for half in halves:
                hole = self._examine(half) or hole
        return "undecided", hole

    def _examine(self, box: Box) -> str:
        """Enclose the rate on a box; return why no part of the box can be decided, or nothing."""
        self.boxes += 1
        middle = tuple((low + high) / 2 for low, high in box)
        centre = self._system.at(middle)
        if centre is None:
            where = ", ".join(f"{float(value):.6g}" for value in middle)
            return f"the system or its derivative may be undefined at ({where})."
        columns = basis(centre, self._metric)
        self._sample(middle, centre, columns)
        enclosure = self._system.on(box, centre)
        if enclosure.slopes is not None:
            self._sample_corner(box, enclosure.slopes, columns)
        entry = self._bound(enclosure, columns)
        known = entry is not None
        leaf = Leaf(entry, box, enclosure.spread)
        heapq.heappush(self._heap, (known, entry or Fraction(0), next(self._order), leaf))
        return ""

    def _bound(self, enclosure: Enclosure, columns: Basis) -> Fraction | None:
        """Return a rate that holds on a box: the better one of two bases."""
        if enclosure.matrix is None:
            return None
        # The eigenvectors at the midpoint are best for small boxes, those of the metric for large.
        rates = [
            rate_at_least(enclosure.matrix, self._metric, each) for each in (columns, self._plain)
        ]
        return max((rate for rate in rates if rate is not None), default=None)

    def _sample(self, point: tuple[Fraction, ...], matrix: Matrix, columns: Basis) -> None:
        rate = rate_at_most(matrix, self._metric, columns)
        if rate is not None and (self.least is None or rate < self.least.rate):
            self.least = Sample(rate, point)

    def _sample_corner(self, box: Box, slopes: NDArray[np.float64], columns: Basis) -> None:
        """Sample the corner where the rate is likely to be least on a small box."""
        direction = columns[:, -1]
        rises = direction @ slopes @ direction
        corner = tuple(ends[int(rise > 0)] for ends, rise in zip(box, rises, strict=True))
        matrix = self._system.at(corner)
        if matrix is not None:
            self._sample(corner, matrix, basis(matrix, self._metric))

    def _is_disproved(self) -> bool:
        if self.least is None:
            return False
        return self.least.rate <= 0 if self._asked is None else self.least.rate < self._asked

    def _is_enough(self, rate: Fraction) -> bool:
        if self._asked is not None:
            return rate >= self._asked
        known = self.least is not None and rate >= self.least.rate * (1 - self._tolerance)
        return rate > 0 and known

    def _halves(self, leaf: Leaf) -> tuple[Box, ...]:
        """Cut a box, unless too small, across the coordinate with the largest effect on the rate."""
        parts = [
            (high - low) / (last - first) if last > first else Fraction(0)
            for (low, high), (first, last) in zip(leaf.box, self._whole, strict=True)
        ]
        spread = leaf.spread if leaf.spread and any(leaf.spread) else tuple(map(float, parts))
        place = max(range(len(parts)), key=lambda one: (parts[one] > 0, spread[one]))
        if parts[place] <= SMALLEST:
            return ()
        low, high = leaf.box[place]
        before, after = leaf.box[:place], leaf.box[place + 1 :]
        middle = (low + high) / 2
        return (*before, (low, middle), *after), (*before, (middle, high), *after)

    def _open_question(self) -> str:
        rate, least = self._first.rate, self.least
        if rate is None or least is None:
            return f"on {self.boxes} boxes no bound on the derivative was found everywhere."
        return (
            f"after {self.boxes} boxes the best rate is known to be between "
            f"{float_below(rate):.6g} and {float_above(least.rate):.6g}; try more boxes, a smaller "
            "box or another metric."
        )
