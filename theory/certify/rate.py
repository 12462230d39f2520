"""Bounds on a contraction rate that rounding errors cannot make wrong.

The rate of a symmetric S in the metric M is the largest r with S + r M <= 0. Floating point proposes a
basis, a scaling or a direction, which is then verified in balls.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import scipy.linalg
from flint import arb, arb_mat
from numpy.typing import NDArray

from theory.certify.balls import down, up

Matrix = list[list[Any]]
"""Rows of balls."""
Basis = NDArray[np.float64]
"""Columns that nearly diagonalize two symmetric matrices at once, the least rate last."""

GRID = 2.0**-20
"""Directions are also tried on this grid, on which (1, 1) is exact."""
POSITIVE = 1e-6
HUGE = 1e100


def basis(symmetric: Matrix, metric: Matrix) -> Basis:
    """Return a basis computed in floating point; no claim depends on its accuracy."""
    return np.asarray(scipy.linalg.eigh(middles(symmetric), middles(metric))[1])


def rate_at_least(symmetric: Matrix, metric: Matrix, columns: Basis) -> Fraction | None:
    """Return a rate that holds for all matrices within the balls.

    With V the basis, g an upper bound of the eigenvalues of A = VᵀSV, and those of B = VᵀMV between b
    and c: where b > 0, V has an inverse and M is positive definite, and yᵀAy <= g |y|² is at most
    g/c yᵀBy for negative g, g/b yᵀBy otherwise.
    """
    exact = [[arb(float(entry)) for entry in column] for column in columns.T]
    changed, length = _congruent(symmetric, exact), _congruent(metric, exact)
    highest = _eigenvalues_at_most(changed)
    most = _eigenvalues_at_most(length)
    least = -_eigenvalues_at_most([[-entry for entry in row] for row in length])
    if not (highest.is_finite() and most.is_finite() and least > 0):
        return None
    return down(-highest / (most if highest < 0 else least))


def rate_at_most(symmetric: Matrix, metric: Matrix, columns: Basis) -> Fraction | None:
    """Return a number that the rate does not exceed: −vᵀSv / vᵀMv, for the last direction v."""
    direction = columns[:, -1]
    found = []
    for tried in (direction, np.rint(direction / abs(direction).max() / GRID) * GRID):
        vector = [arb(float(entry)) for entry in tried]
        length = _form(metric, vector)
        if length > 0:
            quotient = -_form(symmetric, vector) / length
            found += [up(quotient)] if quotient.is_finite() else []
    return min((bound for bound in found if bound is not None), default=None)


def never_positive(matrix: Matrix, columns: Basis) -> bool:
    """Return whether no matrix within the entries, balls or intervals, has a positive eigenvalue.

    Exact where the entries are: neither eigenvectors nor scales are rounded. The basis on a coarse grid
    is tried too, which has e.g. (1, 1) and (1, −1).
    """
    snapped = np.rint(columns / np.abs(columns).max(axis=0) / GRID) * GRID
    exact = [[arb(float(entry)) for entry in column] for column in snapped.T]
    invertible = not arb_mat(exact).det().contains(0)
    tried = [matrix, _congruent(matrix, exact)] if invertible else [matrix]
    return any(all(_reach(row, place) <= 0 for place, row in enumerate(one)) for one in tried)


def _reach(row: Sequence[Any], place: int) -> Any:
    """Return the end of a Gershgorin disc."""
    sizes = [entry.abs_upper() for other, entry in enumerate(row) if other != place]
    return sum(sizes, row[place].upper()).upper()


def middles(matrix: Matrix) -> NDArray[np.float64]:
    """Return the midpoints as floats, cut where products would overflow; for proposals only."""
    return np.clip([[float(entry.mid()) for entry in row] for row in matrix], -HUGE, HUGE)


def _product(left: Sequence[Any], right: Sequence[Any]) -> Any:
    total = arb(0)
    for one, other in zip(left, right, strict=True):
        total += one * other
    return total


def _form(matrix: Matrix, vector: Sequence[Any]) -> Any:
    return _product(vector, [_product(row, vector) for row in matrix])


def _congruent(matrix: Matrix, columns: Matrix) -> Matrix:
    """Return VᵀAV for the columns of V."""
    moved = [[_product(row, column) for row in matrix] for column in columns]
    return [[_product(one, other) for other in moved] for one in columns]


def _eigenvalues_at_most(matrix: Matrix) -> Any:
    """Return a number above all eigenvalues of all symmetric matrices within the balls.

    Gershgorin's discs of D⁻¹AD, for a positive diagonal D: for each row, the diagonal entry and the
    sizes of the others, scaled. The best D is near the first eigenvector of these sizes.
    """
    sizes = [
        [entry.upper() if row == column else entry.abs_upper() for column, entry in enumerate(line)]
        for row, line in enumerate(matrix)
    ]
    if not all(size.is_finite() for line in sizes for size in line):
        return arb("nan")
    first = np.abs(scipy.linalg.eigh(middles(sizes))[1][:, -1])
    scale = [arb(float(entry)) for entry in first + POSITIVE]
    highest = arb("-inf")
    for line, own in zip(sizes, scale, strict=True):
        reach = arb(0)
        for size, other in zip(line, scale, strict=True):
            reach += size * other
        highest = highest.max((reach / own).upper())
    return highest
