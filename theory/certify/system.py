"""A system of differential equations, and enclosures of its Jacobian on a box."""

import dataclasses
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from theory.certify import balls
from theory.certify.rate import Matrix, middles
from theory.certify.tape import Tape

Box = tuple[tuple[Fraction, Fraction], ...]
"""The ends of one interval a coordinate."""


@dataclasses.dataclass(frozen=True)
class Enclosure:
    """An enclosure of the symmetric part of M ∂F/∂x on a box, with its slopes."""

    matrix: Matrix | None
    spread: tuple[float, ...] | None = None
    slopes: NDArray[np.float64] | None = None


class System:
    """ẋ = F(x) with a constant metric."""

    def __init__(
        self, field: Sequence[Any], state: Sequence[Any], others: Sequence[Any], metric: Any
    ) -> None:
        coordinates = [*state, *others]
        pulled = metric * sympy.Matrix(field).jacobian(sympy.Matrix(state))
        symmetric = (pulled + pulled.T) / 2
        self._size = len(state)
        self._pairs = [(row, column) for row in range(self._size) for column in range(row + 1)]
        entries = [symmetric[pair] for pair in self._pairs]
        slopes = [sympy.diff(entry, coordinate) for entry in entries for coordinate in coordinates]
        self._field = Tape(field, coordinates, balls.CONTINUOUS)
        self._entries = Tape(entries, coordinates, balls.FUNCTIONS)
        self._slopes = Tape(slopes, coordinates, balls.FUNCTIONS)

    def at(self, point: Sequence[Fraction]) -> Matrix | None:
        """Return the matrix at one point; none where it, or F, may be undefined."""
        return self._matrix(self._defined([balls.ball(value, value) for value in point]))

    def on(self, box: Box, centre: Matrix) -> Enclosure:
        """Return an enclosure on a box."""
        coordinates = [balls.ball(*ends) for ends in box]
        entries = self._defined(coordinates)
        if entries is None:
            return Enclosure(None)
        slopes = self._slopes(coordinates)
        if not all(slope.is_finite() for slope in slopes):
            return Enclosure(self._matrix(entries))
        middles = [(low + high) / 2 for low, high in box]
        steps = [
            ball - balls.ball(middle, middle)
            for ball, middle in zip(coordinates, middles, strict=True)
        ]
        spread = [0.0] * len(steps)
        for number, (row, column) in enumerate(self._pairs):
            total = centre[row][column]
            for place, step in enumerate(steps):
                share = slopes[number * len(steps) + place] * step
                total = total + share
                spread[place] = max(spread[place], float(share.abs_upper()))
            entries[number] = entries[number].intersection(total)
        return Enclosure(self._matrix(entries), tuple(spread), self._steepness(slopes))

    def _defined(self, coordinates: Sequence[Any]) -> list[Any] | None:
        """Return the entries of the matrix where they and F are defined."""
        # F too: the derivative of log x is 1/x, which is finite for negative x.
        if not all(value.is_finite() for value in self._field(coordinates)):
            return None
        entries = self._entries(coordinates)
        return entries if all(entry.is_finite() for entry in entries) else None

    def _steepness(self, slopes: list[Any]) -> NDArray[np.float64]:
        about = middles([slopes]).reshape(len(self._pairs), -1)
        matrices = np.zeros((about.shape[1], self._size, self._size))
        for (row, column), each in zip(self._pairs, about, strict=True):
            matrices[:, row, column] = matrices[:, column, row] = each
        return matrices

    def _matrix(self, entries: Sequence[Any] | None) -> Matrix | None:
        if entries is None:
            return None
        values: Mapping[tuple[int, int], Any] = dict(zip(self._pairs, entries, strict=True))
        indices = range(self._size)
        return [[values[max(i, j), min(i, j)] for j in indices] for i in indices]
