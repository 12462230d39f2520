"""Products of a matrix and the points of all lanes, in tiles that stay in registers.

A tile is eight rows of the result by one vector of lanes. Every number is one chain of fused
multiply-adds in the order of the columns, whatever the tile, the number of lanes or the processor; BLAS
would add in an order that depends on threads and processor.
"""

from typing import Any

import numpy as np

from sdeopt.kernels.compilation import compiled, compiled_inline
from sdeopt.kernels.intrinsics import fma, never_inline
from sdeopt.kernels.vectors import NARROW, load, store

TILE = 8
"""Rows of a tile: as many chains as keep the processor busy."""


@compiled_inline
def _add_tile(matrix: Any, turned: bool, row: int, x: Any, lane: int, out: Any) -> None:
    """Add to eight rows of one vector of lanes."""
    s0, s1 = load(out, row, lane, NARROW), load(out, row + 1, lane, NARROW)
    s2, s3 = load(out, row + 2, lane, NARROW), load(out, row + 3, lane, NARROW)
    s4, s5 = load(out, row + 4, lane, NARROW), load(out, row + 5, lane, NARROW)
    s6, s7 = load(out, row + 6, lane, NARROW), load(out, row + 7, lane, NARROW)
    # unsigned: a signed index may count from the end
    r, one = np.uint64(row), np.uint64(1)
    if turned:
        for e in range(np.uint64(x.shape[0])):
            point, at = load(x, e, lane, NARROW), r
            s0 = fma(matrix[e, at], point, s0)
            at += one
            s1 = fma(matrix[e, at], point, s1)
            at += one
            s2 = fma(matrix[e, at], point, s2)
            at += one
            s3 = fma(matrix[e, at], point, s3)
            at += one
            s4 = fma(matrix[e, at], point, s4)
            at += one
            s5 = fma(matrix[e, at], point, s5)
            at += one
            s6 = fma(matrix[e, at], point, s6)
            at += one
            s7 = fma(matrix[e, at], point, s7)
    else:
        for e in range(np.uint64(x.shape[0])):
            point, at = load(x, e, lane, NARROW), r
            s0 = fma(matrix[at, e], point, s0)
            at += one
            s1 = fma(matrix[at, e], point, s1)
            at += one
            s2 = fma(matrix[at, e], point, s2)
            at += one
            s3 = fma(matrix[at, e], point, s3)
            at += one
            s4 = fma(matrix[at, e], point, s4)
            at += one
            s5 = fma(matrix[at, e], point, s5)
            at += one
            s6 = fma(matrix[at, e], point, s6)
            at += one
            s7 = fma(matrix[at, e], point, s7)
    store(out, row, lane, s0)
    store(out, row + 1, lane, s1)
    store(out, row + 2, lane, s2)
    store(out, row + 3, lane, s3)
    store(out, row + 4, lane, s4)
    store(out, row + 5, lane, s5)
    store(out, row + 6, lane, s6)
    store(out, row + 7, lane, s7)


@compiled_inline
def _add_plainly(matrix: Any, turned: bool, rows: Any, x: Any, lanes: Any, out: Any) -> None:
    """Do the same for ranges of rows and lanes, one row after another."""
    for row in range(rows[0], rows[1]):
        for e in range(x.shape[0]):
            entry = matrix[e, row] if turned else matrix[row, e]
            for lane in range(lanes[0], lanes[1]):
                out[row, lane] = fma(entry, x[e, lane], out[row, lane])


@compiled
def add_product(matrix: Any, turned: bool, x: Any, out: Any) -> None:
    """Add to the rows of `out` the matrix, or its transpose, times the rows of `x`."""
    never_inline()
    rows, lanes = out.shape[0], out.shape[1]
    whole_rows, whole_lanes = rows - rows % TILE, lanes - lanes % NARROW
    for row in range(0, whole_rows, TILE):
        for lane in range(0, whole_lanes, NARROW):
            _add_tile(matrix, turned, row, x, lane, out)
    _add_plainly(matrix, turned, (0, whole_rows), x, (whole_lanes, lanes), out)
    _add_plainly(matrix, turned, (whole_rows, rows), x, (0, lanes), out)
