"""Products in tiles: the same chain of multiply-adds for every number, and its exact value."""

from fractions import Fraction

import numpy as np
import pytest

from sdeopt.kernels.products import TILE, add_product
from sdeopt.kernels.vectors import NARROW


def problem(rows, columns, lanes, turned):
    random = np.random.default_rng(rows * columns + lanes)
    shape = (columns, rows) if turned else (rows, columns)
    return (
        random.normal(size=shape), random.normal(size=(columns, lanes)),
        random.normal(size=(rows, lanes)),
    )  # fmt: skip


SIZES = [(1, 3, 5), (TILE, 1, NARROW), (TILE + 3, 7, NARROW + 5), (2 * TILE, 20, 3 * NARROW)]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("rows", "columns", "lanes"), SIZES)
def test_a_number_is_the_same_in_a_tile_and_alone(rows, columns, lanes, turned):
    matrix, x, start = problem(rows, columns, lanes, turned)
    whole = start.copy()
    add_product(matrix, turned, x, whole)
    for row in range(rows):
        one = np.ascontiguousarray(matrix[:, [row]] if turned else matrix[[row]])
        for lane in range(lanes):
            alone = start[[row]][:, [lane]].copy()
            add_product(one, turned, np.ascontiguousarray(x[:, [lane]]), alone)
            assert alone[0, 0] == whole[row, lane]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("rows", "columns", "lanes"), SIZES)
def test_each_step_of_a_chain_is_rounded_once(rows, columns, lanes, turned):
    matrix, x, start = problem(rows, columns, lanes, turned)
    found = start.copy()
    add_product(matrix, turned, x, found)
    plain = matrix.T if turned else matrix
    for row in range(rows):
        for lane in range(lanes):
            total = float(start[row, lane])
            for e in range(columns):
                product = Fraction(float(plain[row, e])) * Fraction(float(x[e, lane]))
                total = float(product + Fraction(total))
            assert found[row, lane] == total


def test_what_is_not_finite_stays_in_its_row_and_lane():
    matrix, x, start = problem(2 * TILE, 5, 2 * NARROW, False)
    expected, found = start.copy(), start.copy()
    add_product(matrix, False, x, expected)
    x[2, 3], matrix[4, 1] = np.nan, np.inf
    add_product(matrix, False, x, found)
    touched = np.zeros(found.shape, bool)
    touched[4], touched[:, 3] = True, True
    assert not np.isfinite(found[touched]).any()
    np.testing.assert_array_equal(found[~touched], expected[~touched])
