"""Branch and bound: the box with the least certain rate is cut, until the answer is known."""

import dataclasses
import heapq
import itertools
from fractions import Fraction
from typing import Literal

import numpy as np
from flint import arb
from numpy.typing import NDArray

from theory.certify import balls
from theory.certify.balls import Box, float_above, float_below
from theory.certify.expressions import Deadline, OutOfTimeError
from theory.certify.rate import Basis, Matrix, basis, rate_at_least, rate_at_most
from theory.certify.system import Enclosure, System

Status = Literal["proved", "disproved", "undecided"]
SMALLEST = Fraction(1, 2**40)
"""The smallest edge of a box, as a part of that of the whole one."""
NEAR = 1e-5
"""The size of a bound, as a part of the largest entry, within which the rounding of balls counts."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """When a search may stop."""

    tolerance: Fraction
    max_boxes: int | Fraction
    deadline: Deadline


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
    """One search: boxes in a heap, the one with the least certain rate first.

    A rate r that is asked for is part of the system, as F + r x, so that equality is decided as well as
    the arithmetic allows. Rates here are those beyond it.
    """

    def __init__(
        self, system: System, metric: Matrix, whole: Box, asked: Fraction | None, limits: Limits
    ) -> None:
        self._system, self._metric, self._whole = system, metric, whole
        self._asked, self._limits = asked, limits
        self._plain = basis([[arb(0)] * len(metric)] * len(metric), metric)
        self._heap: list[tuple[bool, Fraction, int, Leaf]] = []
        self._order = itertools.count()
        self._hole = ""
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
        return rate + (self._asked or 0)

    @property
    def rate_at_most(self) -> Fraction | None:
        """The least rate that was seen at a point."""
        return None if self.least is None else self.least.rate + (self._asked or 0)

    def run(self) -> tuple[Status, str]:
        """Return the answer, and the reason when there is none."""
        try:
            hole = self._examine(self._whole)
        except OutOfTimeError:
            return "undecided", f"{self._time_is_over} on the first box; give more seconds."
        while not hole:
            if self._is_disproved():
                return "disproved", ""
            leaf = self._first
            if leaf.rate is not None and self._is_enough(leaf.rate):
                return "proved", ""
            reason = self._cut(leaf)
            if reason:
                # The tolerance is not met, but the rate is positive, which was the question.
                if leaf.rate is not None and self._asked is None and leaf.rate > 0:
                    return "proved", ""
                return "undecided", f"{reason} {self._open_question()}"
            hole = self._hole
        return "undecided", hole

    @property
    def _time_is_over(self) -> str:
        return f"the limit of {self._limits.deadline.seconds:g} s was reached"

    def _cut(self, leaf: Leaf) -> str:
        """Replace the first box by its halves; return why that is impossible, or nothing."""
        if self.boxes + 2 > self._limits.max_boxes:
            return f"the limit of {self.boxes} boxes was reached;"
        halves = self._halves(leaf)
        if not halves:
            return "boxes became as small as they may;"
        first = heapq.heappop(self._heap)
        try:
            for half in halves:
                self._hole = self._examine(half) or self._hole
        except OutOfTimeError:
            heapq.heappush(self._heap, first)
            return f"{self._time_is_over};"
        return ""

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
        enclosures = self._system.on(box, centre)
        spreads = [one.spread for one in enclosures if one.spread is not None]
        if enclosures and enclosures[0].slopes is not None:
            self._sample_corner(box, enclosures[0].slopes, columns)
        rate = self._bound(box, enclosures, columns)
        spread = tuple(map(max, *spreads, spreads[0])) if spreads else None
        entry = (rate is not None, rate or Fraction(0), next(self._order), Leaf(rate, box, spread))
        heapq.heappush(self._heap, entry)
        return ""

    def _bound(self, box: Box, enclosures: list[Enclosure], columns: Basis) -> Fraction | None:
        """Return a rate that holds on a box, if one is found."""
        matrices = [one.matrix for one in enclosures if one.matrix is not None]
        rate = None
        if len(matrices) == len(enclosures) > 0:
            rate = self._bound_of_all(matrices, columns)
        if rate is not None and (rate > 0 or not _is_near(rate, matrices)):
            return rate
        if self._asked is not None and self._system.is_nonpositive(box, columns):
            return Fraction(0)
        exact = self._system.in_intervals(box)
        finer = self._bound_of_all(exact, columns) if exact else None
        return max((one for one in (rate, finer) if one is not None), default=None)

    def _bound_of_all(self, matrices: list[Matrix], columns: Basis) -> Fraction | None:
        """Return a rate that all of some matrices have, if one is found."""
        rates = []
        for matrix in matrices:
            self._limits.deadline.check()
            rates.append(self._bound_of(matrix, columns))
        known = [rate for rate in rates if rate is not None]
        return min(known) if len(known) == len(rates) else None

    def _bound_of(self, matrix: Matrix, columns: Basis) -> Fraction | None:
        """Return the better one of the bounds in two bases."""
        # The eigenvectors at the midpoint are best for small boxes, those of the metric for large.
        rates = [rate_at_least(matrix, self._metric, each) for each in (columns, self._plain)]
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
        return self.least.rate <= 0 if self._asked is None else self.least.rate < 0

    def _is_enough(self, rate: Fraction) -> bool:
        if self._asked is not None:
            return rate >= 0
        close = self.least is not None and rate >= self.least.rate * (1 - self._limits.tolerance)
        return rate > 0 and close

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
        rate, most = self._first.rate, self.rate_at_most
        if rate is None or most is None:
            return f"on {self.boxes} boxes no bound on the derivative was found everywhere."
        return (
            f"after {self.boxes} boxes the best rate is known to be between "
            f"{float_below(self.proved):.6g} and {float_above(most):.6g}; try more boxes or seconds, "
            "a smaller box or another metric."
        )


def _is_near(rate: Fraction, matrices: list[Matrix]) -> bool:
    """Return whether a negative rate may be due to the rounding of the largest entries."""
    largest = [entry.abs_upper() for matrix in matrices for row in matrix for entry in row]
    return any(balls.ball(rate, rate) > -NEAR * size for size in largest)
