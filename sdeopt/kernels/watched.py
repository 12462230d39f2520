"""What a run counts in cells and looks for in sets: the tables of its kernels."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Integers = NDArray[np.int64]

BOX, SUBLEVEL, USERS = 0, 1, 2
"""Kinds of sets."""

OCCUPANCY, PLANE, SKETCH = 0, 1, 2
"""Kinds of tallies."""

SETTINGS = 8
"""Numbers that a tally may have."""


class Regions(NamedTuple):
    """The sets of a run."""

    kinds: Integers  # (sets,)
    addresses: Integers  # (sets,) of the user's functions, else 0
    bounds: Values  # (sets, 2, dim) corners of a box; the level of a sublevel set at [0, 0]


class Tallies(NamedTuple):
    """What is counted: in sets for every replica, in cells for all together."""

    kinds: Integers  # (tallies,)
    of_agents: Integers  # (tallies,) 1 for agents, 0 for the mean
    first: Integers  # (tallies,) the first of its cells
    settings: Values  # (tallies, SETTINGS) see `sdeopt.kernels.tallies`
    occupied: Integers  # (blocks, R, cells)
    pooled: Integers  # (cells,) of one thread


class Passages(NamedTuple):
    """What is looked for, and when it was found; −1 where it was not."""

    ending: bool  # whether one of them ends its replica
    region: Integers  # (passages,) number of the set
    of_agents: Integers  # (passages,) 1 for agents, 0 for the mean
    wanted: Values  # (passages,) 1 where the set is entered, 0 where it is left
    ends: Integers  # (passages,) 1 where the replica ends
    by_mean: Values  # (blocks, passages, R) steps, whole numbers
    by_agents: Values  # (blocks, passages, lanes)
    held: Integers  # (blocks, R) 1 where the state of the end is kept


class Watched(NamedTuple):
    """All of them."""

    regions: Regions
    tallies: Tallies
    passages: Passages


def nothing_watched() -> Watched:
    """Return the tables of a run that counts in no cells and looks for nothing."""
    none, square, cube = np.zeros(0, np.int64), np.zeros((0, 0)), np.zeros((0, 0, 0))
    whole = np.zeros((0, 0, 0), np.int64)
    return Watched(
        Regions(none, none, cube),
        Tallies(none, none, none, square, whole, none),
        Passages(False, none, none, np.zeros(0), none, cube, cube, np.zeros((0, 0), np.int64)),
    )
