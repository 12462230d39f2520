"""Definiteness is decided exactly, for matrices that floating point takes for something else."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from sdeopt.errors import InvalidArgumentError
from theory.metrics.exact import as_array, as_rows, is_definite, is_semidefinite, matrix, rounded

TINY = Fraction(1, 10**40)


def test_a_gap_far_below_floating_point_is_seen() -> None:
    one = Fraction(1)
    assert is_definite(matrix([[one, one - TINY], [one - TINY, one]]))
    assert not is_definite(matrix([[one, one], [one, one]]))
    assert is_semidefinite(matrix([[one, one], [one, one]]))
    assert not is_semidefinite(matrix([[one, one + TINY], [one + TINY, one]]))


def test_leading_minors_are_not_enough_for_semidefiniteness() -> None:
    zero, one = Fraction(0), Fraction(1)
    assert not is_semidefinite(matrix([[zero, zero], [zero, -one]]))
    assert not is_semidefinite(matrix([[zero, one], [one, zero]]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=9, max_size=9), st.integers(-4, 4))
def test_it_agrees_with_sympy(entries: list[int], shift: int) -> None:
    half = sympy.Matrix(3, 3, entries)
    square = half * half.T + shift * sympy.eye(3)
    exact = matrix(as_rows(square))
    assert is_definite(exact) == bool(square.is_positive_definite)
    assert is_semidefinite(exact) == bool(square.is_positive_semidefinite)


def test_numbers_are_taken_exactly() -> None:
    given = [[0.1, Fraction(1, 3)], [sympy.Rational(2, 7), np.float64(0.5)]]
    rows = as_rows(given)
    assert rows[0] == (Fraction(0.1), Fraction(1, 3))
    assert rows[1] == (Fraction(2, 7), Fraction(1, 2))
    assert as_rows(np.array([[0.1]])) == ((Fraction(0.1),),)
    assert as_rows([[np.int64(3)]]) == ((3,),)
    assert as_array(rows)[0, 0] == 0.1


def test_rounding_is_symmetric() -> None:
    rows = rounded(np.array([[1.0, 0.30], [0.31, 2.0]]), bits=3)
    assert rows == ((1, Fraction(1, 4)), (Fraction(1, 4), 2))


@pytest.mark.parametrize("wrong", [[[np.nan]], [[sympy.Symbol("h")]], [["1"]], [[1j]]])
def test_what_is_no_number_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="a matrix must hold"):
        as_rows(wrong)


@pytest.mark.parametrize(
    ("rows", "semidefinite"),
    [
        ([[1, 1], [1, 1]], True),
        ([[0, 0], [0, 1]], True),
        ([[0, 1], [1, 0]], False),
        ([[0, 1], [1, 5]], False),
        ([[1, 2], [2, 1]], False),
        ([[1, 1, 0], [1, 1, 1], [0, 1, 5]], False),
        # too many minors to try them all
        ([[Fraction(30 * (i == j) - 1) for j in range(30)] for i in range(30)], True),
        ([[Fraction(29 * (i == j) - 1) for j in range(30)] for i in range(30)], False),
    ],
)
def test_semidefinite_matrices_are_told_from_others(rows: Any, semidefinite: bool) -> None:
    assert is_semidefinite(matrix(as_rows(rows))) is semidefinite
