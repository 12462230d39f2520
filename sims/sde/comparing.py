"""The distance of two laws, with errors from leaving out groups of replicas.

The distance of laws with distribution functions F and G is Cramér's, (∫ (F − G)² dx)^½. Its square is
estimated without bias from products of differences in different groups.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.experiments.measured import Measured
from sims.sde.model import Array

LOW, HIGH, CELLS = -4.0, 4.0, 800
"""Between these, distribution functions are compared: 28 places in a ripple of the rugged loss."""

SPACING = (HIGH - LOW) / CELLS

GROUPS = 40
"""Groups of replicas behind an error, which is then known to about a tenth."""


def group_of(replicas: int, groups: int) -> NDArray[np.int64]:
    """Return the group of every replica: successive ones are together, as even as can be."""
    return np.arange(replicas) * groups // replicas


def group_means(values: Array, group: NDArray[np.int64], groups: int) -> Array:
    """Return sums of one number per replica over groups, divided by the size of a group."""
    return np.bincount(group, values, groups) / np.maximum(np.bincount(group, minlength=groups), 1)


def distributions(samples: Array, group: NDArray[np.int64], groups: int) -> Array:
    """Return the distribution function of every group, of shape (group, place).

    The first axis of samples is that of replicas.
    """
    rows = samples.reshape(len(samples), -1)
    cell = np.clip((rows - LOW) / SPACING, 0, CELLS - 1).astype(np.int64)
    where = (group[:, None] * CELLS + cell).ravel()
    counts = np.bincount(where, minlength=groups * CELLS).reshape(groups, CELLS)
    filled = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return np.asarray(counts.cumsum(axis=1) / filled)


def products_of(change: Array) -> Array:
    """Return ∫ h_g h_h dx for all pairs of groups of a change h, of shape (..., group, place)."""
    return np.asarray(SPACING * change @ change.swapaxes(-1, -2))


def distance(products: ArrayLike) -> Array:
    """Return the distance from the products of all pairs of groups, on the last two axes."""
    inner = np.asarray(products, np.float64)
    groups = inner.shape[-1]
    apart = inner.sum(axis=(-2, -1)) - np.trace(inner, axis1=-2, axis2=-1)
    # a square below 0 is one that chance hides
    return np.asarray(np.sqrt(np.maximum(apart / (groups * (groups - 1)), 0.0)))


def without(groups: int) -> list[NDArray[np.int64]]:
    """Return the numbers of all groups, and of all but one, for each."""
    everyone = np.arange(groups)
    return [everyone, *(np.delete(everyone, one) for one in everyone)]


def jackknifed(values: ArrayLike) -> Measured:
    """Return numbers and their errors from those of all groups and those without each, in rows."""
    rows = np.asarray(values, np.float64)
    whole, parts = rows[0], rows[1:]
    groups = len(parts)
    error = np.sqrt((groups - 1) / groups * ((parts - parts.mean(axis=0)) ** 2).sum(axis=0))
    return Measured(np.asarray(whole), np.asarray(error), np.full(error.shape, float(groups)))
