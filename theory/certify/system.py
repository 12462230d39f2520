"""A system of differential equations, and enclosures of its Jacobian on a box."""

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from flint import arb
from numpy.typing import NDArray

from theory.certify import balls
from theory.certify.balls import Box
from theory.certify.expressions import Deadline, Differentiation
from theory.certify.rate import Matrix, middles, never_positive
from theory.certify.tape import Sides, Tape
from theory.metrics.exact import as_rows, is_semidefinite, matrix

MOST_KINKS = 5
"""The largest number of kinks in a box whose sides are tried in all combinations."""


@dataclasses.dataclass(frozen=True)
class Enclosure:
    """An enclosure of the symmetric part of M ∂F/∂x on a box, with its slopes."""

    matrix: Matrix | None
    spread: tuple[float, ...] | None = None
    slopes: NDArray[np.float64] | None = None


class System:
    """ẋ = F(x) with a constant metric M.

    At a kink every derivative is a mean of those of smooth functions, one for each combination of the
    kinks' sides. The largest eigenvalue is convex, so a rate that all of them have is a rate of F.
    """

    def __init__(
        self,
        field: Sequence[Any],
        state: Sequence[Any],
        others: Sequence[Any],
        metric: Any,
        derivative: Differentiation,
        deadline: Deadline,
    ) -> None:
        coordinates = [*state, *others]
        # first, so that an error names a function of the user, not its derivative
        self._field = Tape(field, coordinates, balls.CONTINUOUS, deadline)
        self._size = len(state)
        indices = range(self._size)
        self._pairs = [(row, column) for row in indices for column in range(row + 1)]
        jacobian = [[derivative(one, symbol) for symbol in state] for one in field]
        every = [entry for row in jacobian for entry in row]
        self._jacobian = Tape(every, coordinates, balls.CONTINUOUS, deadline)

        def pulled(row: int, column: int) -> Any:
            deadline.check()
            return sympy.Add(*(metric[row, one] * jacobian[one][column] for one in indices))

        entries = [
            pulled(row, row) if row == column else (pulled(row, column) + pulled(column, row)) / 2
            for row, column in self._pairs
        ]
        slopes = [derivative(entry, coordinate) for entry in entries for coordinate in coordinates]
        self._exact = entries if all(entry.is_Rational for entry in entries) else None
        self._entries = Tape(entries, coordinates, balls.CONTINUOUS, deadline)
        self._slopes = Tape(slopes, coordinates, balls.CONTINUOUS, deadline)
        self._kinks = list(dict.fromkeys([*self._entries.kinks, *self._slopes.kinks]))
        heights = [kink.args[0] for kink in self._kinks]
        self._heights = Tape(heights, coordinates, balls.CONTINUOUS, deadline)

    def at(self, point: Sequence[Fraction]) -> Matrix | None:
        """Return the matrix at one point; none where it, or F, may be undefined."""
        coordinates = [balls.ball(value, value) for value in point]
        if not self._defined(coordinates):
            return None
        return self._matrix(self._entries(coordinates))

    def jacobian(self, point: Sequence[Fraction]) -> Matrix | None:
        """Return ∂F/∂x at one point; none where it, or F, may be undefined."""
        coordinates = [balls.ball(value, value) for value in point]
        entries = self._jacobian(coordinates)
        if not self._defined(coordinates) or not all(entry.is_finite() for entry in entries):
            return None
        return [entries[row * self._size : (row + 1) * self._size] for row in range(self._size)]

    def on(self, box: Box, centre: Matrix) -> list[Enclosure]:
        """Return enclosures on a box: one for each combination of the sides of its kinks."""
        coordinates = [balls.ball(*ends) for ends in box]
        if not self._defined(coordinates):
            return [Enclosure(None)]
        found = [self._on_sides(box, coordinates, sides, centre) for sides in self._sides(box)]
        return [one for one in found if one is not None]

    def in_intervals(self, box: Box) -> list[Matrix]:
        """Return matrices of intervals on a box, for all sides of its kinks; none if undefined."""
        coordinates = [balls.interval(*ends) for ends in box]
        if not self._defined(coordinates):
            return []
        found = [self._matrix(self._entries(coordinates, sides)) for sides in self._sides(box)]
        known = [one for one in found if one is not None]
        return known if len(known) == len(found) else []

    def is_nonpositive(self, box: Box, columns: NDArray[np.float64]) -> bool:
        """Return whether no eigenvalue is positive on a box, without any rounding where possible."""
        if self._exact is not None:
            return self._constant_is_nonpositive(self._exact)
        matrices = self.in_intervals(box)
        return bool(matrices) and all(never_positive(one, columns) for one in matrices)

    def _sides(self, box: Box) -> Iterator[Sides]:
        """Yield the sides that the kinks can have on a box; too many open kinks are left open."""
        known: dict[Any, Any] = {}
        heights = self._heights([balls.interval(*ends) for ends in box]) if self._kinks else []
        # Where a coordinate has one value, both sides of a kink there count.
        thin = any(low == high for low, high in box[: self._size])
        for kink, height in zip(self._kinks, heights, strict=True):
            if height > 0 or (height.lower() >= 0 and not thin):
                known[kink] = arb(1)
            elif height < 0 or (height.upper() <= 0 and not thin):
                known[kink] = arb(0)
        free = [kink for kink in self._kinks if kink not in known]
        if len(free) > MOST_KINKS:
            free = []
        for chosen in itertools.product((arb(1), arb(0)), repeat=len(free)):
            yield known | dict(zip(free, chosen, strict=True))

    def _on_sides(
        self, box: Box, coordinates: Sequence[Any], sides: Sides, centre: Matrix
    ) -> Enclosure | None:
        """Return an enclosure for some sides of the kinks; nothing where they exclude each other."""
        entries = self._entries(coordinates, sides)
        if not _finite(entries):
            return Enclosure(None)
        if len(sides) < len(self._kinks):
            return Enclosure(self._matrix(entries))
        middles = [(low + high) / 2 for low, high in box]
        points = [balls.ball(middle, middle) for middle in middles]
        slopes = self._slopes(coordinates, sides, smooth=True)
        about = [centre[row][column] for row, column in self._pairs]
        if self._kinks:
            about = self._entries(points, sides, smooth=True)
        if not _finite(slopes) or not _finite(about):
            return Enclosure(self._matrix(entries))
        steps = [ball - point for ball, point in zip(coordinates, points, strict=True)]
        spread = [0.0] * len(steps)
        for number, total in enumerate(about):
            for place, step in enumerate(steps):
                share = slopes[number * len(steps) + place] * step
                total = total + share
                spread[place] = max(spread[place], float(share.abs_upper()))
            if not entries[number].overlaps(total):
                return None
            entries[number] = entries[number].intersection(total)
        return Enclosure(self._matrix(entries), tuple(spread), self._steepness(slopes))

    def _constant_is_nonpositive(self, entries: Sequence[Any]) -> bool:
        values = dict(zip(self._pairs, entries, strict=True))
        indices = range(self._size)
        rows = [[-values[max(i, j), min(i, j)] for j in indices] for i in indices]
        return is_semidefinite(matrix(as_rows(rows)))

    def _defined(self, coordinates: Sequence[Any]) -> bool:
        # F too: the derivative of log x is 1/x, which is finite for negative x.
        return _finite(self._field(coordinates))

    def _steepness(self, slopes: list[Any]) -> NDArray[np.float64]:
        about = middles([slopes]).reshape(len(self._pairs), -1)
        matrices = np.zeros((about.shape[1], self._size, self._size))
        for (row, column), each in zip(self._pairs, about, strict=True):
            matrices[:, row, column] = matrices[:, column, row] = each
        return matrices

    def _matrix(self, entries: Sequence[Any]) -> Matrix | None:
        if not _finite(entries):
            return None
        values: Mapping[tuple[int, int], Any] = dict(zip(self._pairs, entries, strict=True))
        indices = range(self._size)
        return [[values[max(i, j), min(i, j)] for j in indices] for i in indices]


def _finite(values: Sequence[Any]) -> bool:
    return all(value.is_finite() for value in values)
