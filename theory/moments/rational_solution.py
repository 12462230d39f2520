"""The Lyapunov equation of one small system in rational numbers, for where floats lose its slow part.

A coupling of 1 beside a curvature of 1e-12 is the sum 1 + 1e-12 in floats, of which four digits of the
curvature are left, and beside 1e-20 none. In rational numbers stability is decided, and moments are
right to the last digit.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def settled(constant: Array, slope: Array, hessian: Array, source: Array, *, steps: bool) -> Any:
    """Return the V that a system settles to, None where it is not stable.

    With B = constant ⊗ I + slope ⊗ H it solves B V + V Bᵀ + N = 0 for the flow ẋ = B x, and
    A V Aᵀ + N = V for the iteration x ← A x, A = I + B. What floats cannot hold is infinite.
    """
    matrix = _product(constant, _identity(len(hessian))) + _product(slope, _exact(hessian))
    size, added = matrix.nrows(), _exact(source)
    if not (_shrinks(matrix) if steps else _decays(matrix)):
        return None

    def change(moment: Any) -> Any:
        half = matrix * moment
        both = half + half.transpose()
        return both + half * matrix.transpose() if steps else both

    pairs = [(i, j) for i in range(size) for j in range(i, size)]
    columns = [change(_unit(size, pair)) for pair in pairs]
    entries = [column[pair] for pair in pairs for column in columns]
    found = _table(len(pairs), len(pairs), entries).solve(
        _table(len(pairs), 1, [-added[pair] for pair in pairs])
    )
    moment = np.empty((size, size))
    for place, (i, j) in enumerate(pairs):
        moment[i, j] = moment[j, i] = _float(found[place, 0])
    return moment


def _decays(matrix: Any) -> bool:
    """Return whether all eigenvalues have negative real parts, by the array of Routh."""
    powers = matrix.charpoly().coeffs()[::-1]
    upper, lower = powers[0::2], powers[1::2]
    while lower:
        if lower[0] <= 0:
            return False
        share, rest = upper[0] / lower[0], [*lower[1:], 0]
        upper, lower = lower, [a - share * b for a, b in zip(upper[1:], rest, strict=False)]
    return True


def _shrinks(increment: Any) -> bool:
    """Return whether I + B has all eigenvalues in the unit disk: B (2 + B)⁻¹ decays."""
    beyond = increment + _identity(increment.nrows()) * 2
    return bool(beyond.det() != 0) and _decays(increment * beyond.inv())


def _table(rows: int, columns: int, entries: Sequence[Any]) -> Any:
    import flint

    return flint.fmpq_mat(rows, columns, entries)


def _exact(values: Array) -> Any:
    import flint

    entries = [flint.fmpq(*float(value).as_integer_ratio()) for value in values.ravel()]
    return _table(values.shape[0], values.shape[1], entries)


def _identity(size: int) -> Any:
    return _exact(np.eye(size))


def _unit(size: int, pair: tuple[int, int]) -> Any:
    """Return the symmetric matrix with ones at an entry and at its mirror image."""
    one = np.zeros((size, size))
    one[pair] = one[pair[::-1]] = 1.0
    return _exact(one)


def _product(left: Array, right: Any) -> Any:
    """Return left ⊗ right."""
    rows, columns = right.nrows(), right.ncols()
    outer = _exact(left)
    entries = [
        outer[i // rows, j // columns] * right[i % rows, j % columns]
        for i in range(len(left) * rows)
        for j in range(len(left) * columns)
    ]
    return _table(len(left) * rows, len(left) * columns, entries)


def _float(value: Any) -> float:
    try:
        return int(value.p) / int(value.q)
    except OverflowError:
        return float("inf") if value > 0 else -float("inf")
