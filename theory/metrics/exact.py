"""Matrices of rational numbers, and definiteness decided without rounding."""

import itertools
import numbers
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdeopt.errors import InvalidArgumentError

Rows = tuple[tuple[Fraction, ...], ...]
"""A matrix, row by row."""


def as_rows(given: Any) -> Rows:
    """Return a matrix of numbers as fractions; a float is taken at its exact binary value."""
    rows = given.tolist() if hasattr(given, "tolist") else [list(row) for row in given]
    return tuple(tuple(_fraction(entry) for entry in row) for row in rows)


def _fraction(entry: Any) -> Fraction:
    if isinstance(entry, float | np.floating) and not np.isfinite(entry):
        raise InvalidArgumentError(f"a matrix must hold finite numbers, but it holds {entry}.")
    if getattr(entry, "is_Rational", False):
        return Fraction(int(entry.p), int(entry.q))
    if not isinstance(entry, numbers.Real):
        raise InvalidArgumentError(
            f"a matrix must hold rational numbers or floats, but it holds {entry!r}."
        )
    return Fraction(*entry.as_integer_ratio())  # type: ignore[attr-defined]


def as_array(rows: Rows) -> NDArray[np.float64]:
    """Return the nearest matrix of floats."""
    return np.array([[float(entry) for entry in row] for row in rows])


def matrix(rows: Sequence[Sequence[Fraction]]) -> Any:
    """Return the rows as a matrix that computes exactly (of the FLINT library)."""
    import flint

    entries = [flint.fmpq(entry.numerator, entry.denominator) for row in rows for entry in row]
    return flint.fmpq_mat(len(rows), len(rows[0]), entries)


def rounded(values: NDArray[np.float64], bits: int) -> Rows:
    """Return the symmetric part rounded to multiples of 2^-bits."""
    unit = 1 << bits
    scaled = np.rint((values + values.T) / 2 * float(unit))
    return tuple(tuple(Fraction(int(entry), unit) for entry in row) for row in scaled)


def is_definite(square: Any) -> bool:
    """Return whether a symmetric exact matrix is positive definite (Sylvester's criterion)."""
    size = square.nrows()
    return all(_minor(square, range(count)) > 0 for count in range(1, size + 1))


def is_semidefinite(square: Any) -> bool:
    """Return whether a symmetric exact matrix is positive semidefinite: all principal minors >= 0."""
    size = square.nrows()
    return all(
        _minor(square, chosen) >= 0
        for count in range(1, size + 1)
        for chosen in itertools.combinations(range(size), count)
    )


def _minor(square: Any, chosen: Iterable[int]) -> Any:
    import flint

    rows = list(chosen)
    entries = [square[row, column] for row in rows for column in rows]
    return flint.fmpq_mat(len(rows), len(rows), entries).det()
