"""Passes over the state of a block that every algorithm shares.

A block holds R replicas of p agents as an array (dim, lanes); lane ``agent * R + replica``. Lanes
beyond p * R, there to fill whole vectors, are agents that nobody listens to.

Loops over the replicas of a block are short, so they name their vectors: a loop that the compiler
makes of vectors takes a remainder number by number. Here the last vector begins where it ends with
the row. Indices of other loops are unsigned: a signed one could count from the end of an array, and a
compiler that has to allow for it gathers and scatters.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled, compiled_inline
from sdeopt.kernels.vectors import NARROW, load, store

Values = NDArray[np.float64]


@compiled_inline
def expand(per_replica: Values, lanes: Values) -> None:
    """Give every lane the value of its replica."""
    replicas, end = np.uint64(per_replica.shape[1]), np.uint64(lanes.shape[1])
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
    """Set the first columns of target to source."""
    columns = source.shape[1]
    for row in range(source.shape[0]):
        if columns < NARROW:
            for column in range(columns):
                target[row, column] = source[row, column]
        else:
            begin = 0
            while begin < columns:
                column = min(begin, columns - NARROW)
                store(target, row, column, load(source, row, column, NARROW))
                begin += NARROW


@compiled_inline
def wrap_around(per_replica: Values, target: Values) -> None:
    """Copy rows, and behind each its beginning: a vector that begins in the row finds no end."""
    replicas = per_replica.shape[1]
    copy_rows(per_replica, target)
    for d in range(per_replica.shape[0]):
        if replicas < NARROW:
            for lane in range(NARROW):
                target[d, replicas + lane] = target[d, lane]
        else:
            store(target, d, replicas, load(target, d, 0, NARROW))


@compiled_inline
def first_nonfinite(mean: Values, real: int, completed: int, diverged: NDArray[np.int64]) -> bool:
    """Note the step at which a replica's mean stopped being a finite number."""
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
    """Multiply the noise of every lane by the lane's amplitude."""
    for d in range(noise.shape[0]):
        for lane in range(noise.shape[1]):
            noise[d, lane] *= amplitude[lane]


@compiled_inline
def matrix_times_noise(matrix: Values, noise: Values, lane: int, column: Values) -> None:
    """Replace the noise of one lane by matrix times noise."""
    for d in range(noise.shape[0]):
        column[d] = noise[d, lane]
    for d in range(noise.shape[0]):
        total = 0.0
        for e in range(noise.shape[0]):
            total += matrix[d, e] * column[e]
        noise[d, lane] = total


@compiled
def constant_diagonal(x: Values, parameters: tuple[Values, ...], noise: Values) -> None:
    """Multiply coordinate d of the noise by parameters[0][d]."""
    scales = parameters[0]
    for d in range(noise.shape[0]):
        scale = scales[d]
        for lane in range(noise.shape[1]):
            noise[d, lane] *= scale


@compiled
def constant_matrix(
    x: Values, parameters: tuple[Values, ...], column: Values, matrix: Values, noise: Values
) -> None:
    """Multiply the noise vector of every lane by the matrix in parameters[0]."""
    factor = parameters[0].reshape(noise.shape[0], noise.shape[0])
    for lane in range(noise.shape[1]):
        matrix_times_noise(factor, noise, lane, column)
