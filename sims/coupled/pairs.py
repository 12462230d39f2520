"""Two coordinates at a time: where points lie in the planes of Figs 5, 6, and the loss smoothed there.

The coupled loss does not change when coordinates are permuted, so every two coordinates of a run
have the law of the two that are drawn. Numbers are therefore taken over all pairs (x₁, x₂),
(x₃, x₄), ...; those of one replica are not independent of one another, so shares are given for each
replica.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from sdeopt.losses.loss import Loss
from sdeopt.noise import NoiseLaw
from sims.coupled.model import HELD
from sims.shared.measures import Basins

Array: TypeAlias = NDArray[np.float64]


def pairs(points: ArrayLike) -> Array:
    """Return the coordinates of points in twos."""
    values = np.asarray(points, np.float64)
    even = values.shape[-1] // 2 * 2
    return values[..., :even].reshape(len(values), -1, 2)


def least_density(points: ArrayLike, low: float, high: float, side: float) -> float:
    """Return the least density of coordinate pairs in any square of a plane, over the average."""
    edges = np.linspace(low, high, max(round((high - low) / side), 1) + 1)
    both = pairs(points).reshape(-1, 2)
    counts, _, _ = np.histogram2d(both[:, 0], both[:, 1], [edges, edges])
    return float(counts.min() / max(counts.mean(), 1e-300))


@dataclass(frozen=True, eq=False)
class Clusters:
    """The four minima of the uncorrupted loss on a plane, and the basins they lie in."""

    left: float
    right: float
    basins: Basins
    reach: float

    @classmethod
    def of(cls, section: xr.Dataset) -> "Clusters":
        """Return the clusters of a cross section."""
        left, right = section["uncorrupted_minimum"].values.tolist()
        profile = section["convolved"].sel(x2=HELD, method="nearest")
        basins = Basins.of(section["x1"], profile)
        return cls(left, right, basins, float(section["reach"]))

    def populations(self, points: ArrayLike) -> Array:
        """Return the shares of pairs in the basins of the four minima, (replica, 2, 2)."""
        number = self.basins.number(pairs(points))
        sides = number[..., None] == self.basins.number([self.left, self.right])
        both = sides[..., 0, :, None] & sides[..., 1, None, :]
        shares: Array = both.mean(axis=1)
        return shares

    def between(self, points: ArrayLike) -> Array:
        """Return the share of pairs that are in no basin of the four minima, (replica,)."""
        corners = self.basins.number([self.left, self.right])
        inside = np.isin(self.basins.number(pairs(points)), corners).all(axis=-1)
        outside: Array = 1.0 - inside.mean(axis=1)
        return outside

    def near(self, points: ArrayLike) -> Array:
        """Return the share of pairs within reach of one of the four minima, (replica,)."""
        distance = np.abs(pairs(points)[..., None] - np.array([self.left, self.right]))
        share: Array = (distance.min(axis=-1) <= self.reach).all(axis=-1).mean(axis=1)
        return share

    def at_origin(self, points: ArrayLike) -> Array:
        """Return the share of pairs in the basin of the origin, (replica,)."""
        inside = self.basins.number(pairs(points)) == self.basins.number(0.0)
        share: Array = inside.all(axis=-1).mean(axis=1)
        return share

    def in_fullest(self, points: ArrayLike) -> Array:
        """Return the share of pairs in the basin that holds most of them, (replica,)."""
        number = self.basins.number(pairs(points))
        cells = number[..., 0] * (len(self.basins.ridges) + 1) + number[..., 1]
        share: Array = (cells == np.bincount(cells.ravel()).argmax()).mean(axis=1)
        return share


def smoothed_by_quadrature(
    loss: Loss, noise: NoiseLaw, scale: float, point: ArrayLike, nodes: int = 24
) -> float:
    """Return E f(x − scale·ζ) for a sum of terms of at most two coordinates each.

    Only values of the loss are used, none of its formulas. Such a sum is exactly
    f(x) + Σ_i [f_i − f(x)] + Σ_{i<j} [f_ij − f_i − f_j + f(x)], where f_i has coordinate i moved
    and f_ij has both; coordinates carry independent noise, so the same holds of the averages.
    """
    x = np.asarray(point, np.float64)
    places, weights = noise.quadrature(nodes)
    moves = -scale * places
    here = float(loss.value(x))
    one = [weights @ loss.value(_moved(x, [i], moves[:, None])) for i in range(x.size)]
    both = np.stack(np.meshgrid(moves, moves, indexing="ij"), axis=-1).reshape(-1, 2)
    joint = np.outer(weights, weights).ravel()
    total = here + sum(value - here for value in one)
    for i, j in combinations(range(x.size), 2):
        moved = joint @ loss.value(_moved(x, [i, j], both))
        total += moved - one[i] - one[j] + here
    return float(total)


def _moved(x: Array, coordinates: list[int], moves: Array) -> Array:
    """Return copies of a point with some coordinates moved."""
    points = np.tile(x, (len(moves), 1))
    points[:, coordinates] += moves
    return points
