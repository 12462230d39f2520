"""Passes over the state of a block that every algorithm shares.

A block holds R replicas of p agents as an array (dim, lanes); lane ``agent * R + replica``. Lanes
beyond p * R, which fill whole vectors, are agents that enter no mean.

Loops over the replicas of a block are short, so they load and store vectors explicitly: a loop that
the compiler vectorizes handles the remainder one number at a time. Here the last vector overlaps the one
before and ends with the row. Indices of other loops are unsigned: a signed index may count from the end
of an array, and the compiler then uses gather and scatter instructions.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled, compiled_inline
from sdeopt.kernels.vectors import NARROW, load, splat, store

Values = NDArray[np.float64]


@compiled_inline
def expand(per_replica: Values, lanes: Values) -> None:
    """Write the value of each replica to all its lanes."""
    replicas, end = np.uint64(per_replica.shape[1]), np.uint64(lanes.shape[1])
    for d in range(lanes.shape[0]):
        for r in range(replicas):
            lanes[d, r] = per_replica[d, r]
        # the filled part is appended to itself, doubling each time: long loops are fast loops
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
def copy_all(source: Values, target: Values) -> None:
    """Copy the rows of arrays that are one behind the other."""
    for which in range(source.shape[0]):
        copy_rows(source[which], target[which])


@compiled_inline
def wrap_around(per_replica: Values, target: Values) -> None:
    """Copy rows, each followed by its beginning, so that a vector may start anywhere in the row."""
    replicas = per_replica.shape[1]
    if replicas == 1:
        for d in range(per_replica.shape[0]):
            store(target, d, 0, splat(per_replica[d, 0], NARROW))
            target[d, NARROW] = per_replica[d, 0]
        return
    copy_rows(per_replica, target)
    for d in range(per_replica.shape[0]):
        if replicas < NARROW:
            for lane in range(NARROW):
                target[d, replicas + lane] = target[d, lane]
        else:
            store(target, d, replicas, load(target, d, 0, NARROW))


@compiled_inline
def fill_lanes(table: Values, s: int, replicas: int, out: Values) -> float:
    """Write the values of step s, one for all agents or one each, to the lanes; return their mean.

    Where all agents share the value, `out` may hold one number.
    """
    agents = table.shape[1]
    if agents * out.shape[0] == 1:
        out[0] = table[s, 0]
        return float(table[s, 0])
    total = 0.0
    for i in range(agents):
        total += table[s, i]
    for lane in range(out.shape[0]):
        out[lane] = table[s, min(lane // replicas, agents - 1)]
    return float(total / agents)


@compiled_inline
def copy_given(given: Values, s: int, first: int, agents: int, replicas: int, z: Values) -> None:
    """Copy the increments of one step for a block into the first rows of z."""
    dim = given.shape[3]
    z[:dim] = 0.0
    for r in range(min(replicas, given.shape[1] - first)):
        for i in range(agents):
            for d in range(dim):
                z[d, i * replicas + r] = given[s, first + r, i, d]


@compiled_inline
def first_nonfinite(mean: Values, real: int, completed: int, diverged: NDArray[np.int64]) -> bool:
    """Record the step at which a replica's mean stopped being finite; return whether any did."""
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
