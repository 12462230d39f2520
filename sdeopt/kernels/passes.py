"""Passes over the state of a block that every algorithm shares.

A block holds R replicas of p agents as an array (dim, lanes); lane ``agent * R + replica``. Lanes
beyond p * R, there to fill whole vectors, are agents that nobody listens to.

A sum over agents is taken in eight interleaved partial sums, agent i into partial sum i mod 8, added
pairwise at the end; one after another below eight agents. The order depends on p alone, so neither
the layout nor the neighbours of a replica can change a bit of its mean.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled

__all__ = ["agent_sums", "expand", "first_nonfinite", "matrix_times_noise", "scale_rows"]

Values = NDArray[np.float64]


@compiled
def _copy(source: Values, target: Values) -> None:
    for j in range(target.shape[0]):
        target[j] = source[j]


@compiled
def _add(source: Values, target: Values) -> None:
    for j in range(target.shape[0]):
        target[j] += source[j]


@compiled
def agent_sums(rows: Values, agents: int, partial: Values, out: Values) -> None:
    """Sum over the agents of each replica.

    Parameters
    ----------
    rows : float64 array, shape (rows, lanes)
        What to sum.
    agents : int
        p.
    partial : float64 array, shape (8 * R,)
        Scratch.
    out : float64 array, shape (rows, R)
        Overwritten with the sums.
    """
    replicas = out.shape[1]
    stride = 8 * replicas
    used = agents * replicas
    whole = used - used % stride
    for d in range(rows.shape[0]):
        row = rows[d]
        if agents < 8:
            for r in range(replicas):
                out[d, r] = row[r]
            for i in range(1, agents):
                for r in range(replicas):
                    out[d, r] += row[i * replicas + r]
            continue
        _copy(row[:stride], partial)
        for base in range(stride, whole, stride):
            _add(row[base : base + stride], partial)
        _add(row[whole:used], partial[: used - whole])
        for r in range(replicas):
            low = (partial[r] + partial[replicas + r]) + (
                partial[2 * replicas + r] + partial[3 * replicas + r]
            )
            high = (partial[4 * replicas + r] + partial[5 * replicas + r]) + (
                partial[6 * replicas + r] + partial[7 * replicas + r]
            )
            out[d, r] = low + high


@compiled
def expand(per_replica: Values, lanes: Values) -> None:
    """Give every lane the value of its replica.

    Parameters
    ----------
    per_replica : float64 array, shape (rows, R)
        One value a replica.
    lanes : float64 array, shape (rows, lanes)
        Overwritten.
    """
    replicas = per_replica.shape[1]
    for d in range(lanes.shape[0]):
        row = lanes[d]
        for r in range(replicas):
            row[r] = per_replica[d, r]
        # what is filled is copied behind itself, twice as much each time: long loops are fast loops
        filled = replicas
        while filled < row.shape[0]:
            count = min(filled, row.shape[0] - filled)
            _copy(row[:count], row[filled : filled + count])
            filled += count


@compiled
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
        for r in range(real):
            bad += mean[d, r] - mean[d, r] != 0.0
    if bad == 0:
        return False
    for d in range(mean.shape[0]):
        for r in range(real):
            if mean[d, r] - mean[d, r] != 0.0 and diverged[r] < 0:
                diverged[r] = completed
    return True


@compiled
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


@compiled
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
