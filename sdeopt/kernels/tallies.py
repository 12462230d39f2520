"""Counts of states in sets, in cells of a plane and in buckets of their magnitude.

The settings of a tally are, for an occupancy, the first of its sets, their number and whether one
function numbers them; for a plane, both coordinates, low and high of either, and its bins; for a sketch,
1 / log γ, the smallest magnitude, the number of its bucket and the buckets of a side.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled_inline, compiled_separately
from sdeopt.kernels.intrinsics import never_inline
from sdeopt.kernels.membership import membership
from sdeopt.kernels.plan import work_at
from sdeopt.kernels.watched import OCCUPANCY, PLANE
from sdeopt.math import log

Values = NDArray[np.float64]
Integers = NDArray[np.int64]


@compiled_inline
def _bin(value: float, low: float, high: float, bins: int) -> int:
    """Return the number of an equal bin, 0 below all and bins + 1 above."""
    if value < low:
        return 0
    if value >= high:
        return bins + 1
    return 1 + min(int((value - low) * (bins / (high - low))), bins - 1)


@compiled_inline
def _bucket(value: float, settings: Values) -> int:
    """Return the bucket of a number, that of zero being the number of buckets of a side."""
    sides = int(settings[3])
    size = abs(value)
    if size < settings[1]:
        return sides
    place = int(min(max(math.ceil(log(size) * settings[0]) - settings[2], 0.0), sides - 1.0))
    return sides + 1 + place if value > 0.0 else sides - 1 - place


@compiled_separately
def _count_sets(
    place: int, rows: Values, row: Values, settings: Values, first: int, lanes: int, occupied: Integers
) -> None:  # fmt: skip
    """Count the lanes of every replica in the first of the sets that holds them."""
    never_inline()
    labels = work_at(place).buffers.point[0]
    replicas, sets = occupied.shape[0], int(settings[1])
    parts = int(settings[3])
    for which in range(sets):
        membership(place, int(settings[0]) + which, rows, row)
        for lane in range(lanes):
            if settings[2] > 0.0:
                known = 0.0 <= row[lane] < parts
                labels[lane] = math.floor(row[lane]) if known else parts + 0.0 * row[lane]
            elif which == 0:
                labels[lane] = 0.0 if row[lane] == 1.0 else parts + 0.0 * row[lane]
            elif row[lane] == 1.0 and labels[lane] == parts:
                labels[lane] = which
    for lane in range(lanes):
        if labels[lane] == labels[lane]:
            occupied[lane % replicas, first + int(labels[lane])] += 1


@compiled_separately
def _count_plane(
    rows: Values, settings: Values, first: int, lanes: int, replicas: int, real: int, pooled: Integers
) -> None:  # fmt: skip
    """Count pairs of coordinates in the cells of a plane."""
    never_inline()
    one, other = int(settings[0]), int(settings[1])
    across, up = int(settings[6]), int(settings[7])
    for lane in range(lanes):
        a, c = rows[one, lane], rows[other, lane]
        if lane % replicas < real and not (math.isnan(a) or math.isnan(c)):
            column = _bin(a, settings[2], settings[3], across)
            pooled[first + column * (up + 2) + _bin(c, settings[4], settings[5], up)] += 1


@compiled_separately
def _count_sizes(
    rows: Values, settings: Values, first: int, lanes: int, replicas: int, real: int, pooled: Integers
) -> None:  # fmt: skip
    """Count coordinates in buckets of their magnitude."""
    never_inline()
    cells = 2 * int(settings[3]) + 1
    for d in range(rows.shape[0]):
        for lane in range(lanes):
            if lane % replicas < real and not math.isnan(rows[d, lane]):
                pooled[first + d * cells + _bucket(rows[d, lane], settings)] += 1


@compiled_separately
def tally(place: int, b: int) -> None:
    """Count the state of a block at this moment."""
    never_inline()
    work = work_at(place)
    buffers, plan, tallies = work.buffers, work.plan, work.observed.watched.tallies
    replicas = buffers.mean.shape[1]
    real = min(replicas, plan.replicas - b * replicas)
    for i in range(tallies.kinds.shape[0]):
        kind, first, settings = tallies.kinds[i], tallies.first[i], tallies.settings[i]
        of_agents = tallies.of_agents[i] == 1
        rows = buffers.x if of_agents else buffers.mean
        row = buffers.losses if of_agents else buffers.single[0]
        lanes = plan.agents * replicas if of_agents else replicas
        if kind == OCCUPANCY:
            _count_sets(place, rows, row, settings, first, lanes, tallies.occupied[b])
        elif kind == PLANE:
            _count_plane(rows, settings, first, lanes, replicas, real, tallies.pooled)
        else:
            _count_sizes(rows, settings, first, lanes, replicas, real, tallies.pooled)
