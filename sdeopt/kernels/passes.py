"""Passes over the state of a block that every algorithm shares.

A block holds R replicas of p agents as an array (dim, lanes); lane ``agent * R + replica``. Lanes
beyond p * R, there to fill whole vectors, are agents that nobody listens to.

A sum over agents folds them in halves: the upper half of the agents is added onto the lower half,
one on one, until one agent is left. The order depends on p alone, so neither the layout nor the
neighbours of a replica can change a bit of its mean; and the loops are as long as loops over agents
can be. The last folds are short all the same, so they name their vectors: a loop that the compiler
makes of vectors takes a remainder number by number. Indices of other loops are unsigned: a signed one
could count from the end of an array, and a compiler that has to allow for it gathers and scatters.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled_inline
from sdeopt.kernels.vectors import NARROW, load, store

__all__ = [
    "agent_sums",
    "copy_rows",
    "expand",
    "first_nonfinite",
    "matrix_times_noise",
    "scale_rows",
]

Values = NDArray[np.float64]


@compiled_inline
def _fold(rows: Values, row: int, kept: int, folded: int, sums: Values) -> None:
    """Add what begins at lane `kept` onto the first `folded` lanes."""
    lane = 0
    while lane + NARROW <= folded:
        upper = load(rows, row, lane + kept, NARROW)
        store(sums, 0, lane, load(rows, row, lane, NARROW) + upper)
        lane += NARROW
    while lane < folded:
        store(sums, 0, lane, load(rows, row, lane, 1) + load(rows, row, lane + kept, 1))
        lane += 1


@compiled_inline
def _copy(rows: Values, row: int, first: int, end: int, target: Values, to: int) -> None:
    """Copy a range of lanes to the same places of another row."""
    lane = first
    while lane + NARROW <= end:
        store(target, to, lane, load(rows, row, lane, NARROW))
        lane += NARROW
    while lane < end:
        store(target, to, lane, load(rows, row, lane, 1))
        lane += 1


@compiled_inline
def agent_sums(rows: Values, agents: int, scratch: Values, out: Values) -> None:
    """Sum over the agents of each replica.

    Parameters
    ----------
    rows : float64 array, shape (rows, lanes)
        What to sum.
    agents : int
        p.
    scratch : float64 array, shape (lanes,)
        Overwritten.
    out : float64 array, shape (rows, R)
        Overwritten with the sums.
    """
    replicas = out.shape[1]
    for d in range(rows.shape[0]):
        half = (agents + 1) // 2
        kept, folded = half * replicas, (agents - half) * replicas
        _fold(rows, d, kept, folded, scratch)
        _copy(rows, d, folded, kept, scratch, 0)
        while half > 1:
            left = half
            half = (left + 1) // 2
            _fold(scratch, 0, half * replicas, (left - half) * replicas, scratch)
        _copy(scratch, 0, 0, replicas, out, d)


@compiled_inline
def expand(per_replica: Values, lanes: Values, number: int) -> None:
    """Give lanes the value of their replica.

    Parameters
    ----------
    per_replica : float64 array, shape (rows, R)
        One value a replica.
    lanes : float64 array, shape (rows, lanes)
        Overwritten.
    number : int
        How many lanes, not fewer than R.
    """
    replicas, end = np.uint64(per_replica.shape[1]), np.uint64(number)
    for d in range(lanes.shape[0]):
        for r in range(replicas):
            lanes[d, r] = per_replica[d, r]
        # what is filled is copied behind itself, twice as much each time: long loops are fast loops
        filled = replicas
        while filled < end:
            count = min(filled, end - filled)
            for lane in range(count):
                lanes[d, filled + lane] = lanes[d, lane]
            filled += count


@compiled_inline
def copy_rows(source: Values, target: Values) -> None:
    """Set target = source.

    Parameters
    ----------
    source, target : float64 array, shape (rows, columns)
        Different arrays.
    """
    for row in range(source.shape[0]):
        _copy(source, row, 0, source.shape[1], target, row)


@compiled_inline
def first_nonfinite(mean: Values, real: int, completed: int, diverged: NDArray[np.int64]) -> bool:
    """Note the step at which a replica's mean stopped being a finite number.

    Parameters
    ----------
    mean : float64 array, shape (dim, R)
        Means of the block; a sum is finite only if every agent is.
    real : int
        How many of the R replicas exist (the last block may be padded).
    completed : int
        Number of steps done.
    diverged : int64 array, shape (R,)
        Step of divergence, -1 while there is none; updated.

    Returns
    -------
    bool
        Whether any replica of the block has diverged by now.
    """
    bad = 0
    for d in range(mean.shape[0]):
        for r in range(mean.shape[1]):
            bad += mean[d, r] - mean[d, r] != 0.0
    if bad == 0:
        return False
    found = False
    for d in range(mean.shape[0]):
        for r in range(real):
            if mean[d, r] - mean[d, r] != 0.0:
                found = True
                if diverged[r] < 0:
                    diverged[r] = completed
    return found


@compiled_inline
def scale_rows(noise: Values, amplitude: Values) -> None:
    """Multiply the noise of every lane by the lane's amplitude.

    Parameters
    ----------
    noise : float64 array, shape (dim, lanes)
        Scaled in place.
    amplitude : float64 array, shape (lanes,)
        The factor.
    """
    for d in range(noise.shape[0]):
        for lane in range(noise.shape[1]):
            noise[d, lane] *= amplitude[lane]


@compiled_inline
def matrix_times_noise(matrix: Values, noise: Values, lane: int, column: Values) -> None:
    """Replace the noise of one lane by matrix times noise.

    Parameters
    ----------
    matrix : float64 array, shape (dim, dim)
        B.
    noise : float64 array, shape (dim, lanes)
        One column of it is overwritten.
    lane : int
        Which.
    column : float64 array, shape (dim,)
        Scratch.
    """
    for d in range(noise.shape[0]):
        column[d] = noise[d, lane]
    for d in range(noise.shape[0]):
        total = 0.0
        for e in range(noise.shape[0]):
            total += matrix[d, e] * column[e]
        noise[d, lane] = total
