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
    """Return the coordinates of points in twos.

    Parameters
    ----------
    points : array_like, shape (replica, ..., dim)
        One point or many for each replica. The last of an odd number of coordinates is left out.

    Returns
    -------
    numpy.ndarray, shape (replica, pairs, 2)
        All pairs of each replica.

    Examples
    --------
    >>> from sims.coupled.pairs import pairs
    >>> pairs([[1, 2, 3, 4], [5, 6, 7, 8]])[0]
    array([[1., 2.],
           [3., 4.]])
    """
    values = np.asarray(points, np.float64)
    even = values.shape[-1] // 2 * 2
    return values[..., :even].reshape(len(values), -1, 2)


def least_density(points: ArrayLike, low: float, high: float, side: float) -> float:
    """Return the least density of coordinate pairs in any square of a plane, over the average.

    Parameters
    ----------
    points : array_like, shape (replica, ..., dim)
        As for `pairs`.
    low, high : float
        The plane, from `low` to `high` along both coordinates.
    side : float
        About how long the sides of a square are; a whole number of them fits.

    Returns
    -------
    float
        1 for an even law, 0 where a square is empty.

    Examples
    --------
    >>> from sims.coupled.pairs import least_density
    >>> least_density([[0.5, 0.5], [0.5, 1.5], [1.5, 0.5], [1.5, 1.5]], 0.0, 2.0, side=1.0)
    1.0
    """
    edges = np.linspace(low, high, max(round((high - low) / side), 1) + 1)
    both = pairs(points).reshape(-1, 2)
    counts, _, _ = np.histogram2d(both[:, 0], both[:, 1], [edges, edges])
    return float(counts.min() / max(counts.mean(), 1e-300))


@dataclass(frozen=True, eq=False)
class Clusters:
    """The four minima of the uncorrupted loss on a plane, and the basins they lie in.

    Parameters
    ----------
    left, right : float
        The minima of the uncorrupted loss along a coordinate.
    basins : Basins
        Of the convolved loss, along a coordinate with all others held at one of its minima.
    reach : float
        ηW, how far is near.
    """

    left: float
    right: float
    basins: Basins
    reach: float

    @classmethod
    def of(cls, section: xr.Dataset) -> "Clusters":
        """Return the clusters of a cross section.

        Parameters
        ----------
        section : xarray.Dataset
            From `sims.coupled.model.cross_section`.

        Examples
        --------
        >>> import sdeopt as so
        >>> from sims.coupled.pairs import Clusters
        >>> from sims.coupled.model import cross_section
        >>> loss, noise = so.losses.CoupledWells(30), so.noise.Uniform(6.5)
        >>> Clusters.of(cross_section(loss, noise, step_size=0.05)).basins.ridges.round(1)
        array([-0.6,  0.6])
        """
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

    Parameters
    ----------
    loss : Loss
        A sum of such terms.
    noise : NoiseLaw
        Of one coordinate of ζ.
    scale : float
        The factor in front of the noise.
    point : array_like, shape (dim,)
        x.
    nodes : int
        Of the quadrature, along a coordinate.

    Returns
    -------
    float
        Exact up to the error of the quadrature.

    Examples
    --------
    >>> import sdeopt as so
    >>> from sims.coupled.pairs import smoothed_by_quadrature
    >>> bowl = so.losses.Quadratic([[2.0, 1.0], [1.0, 2.0]])
    >>> round(smoothed_by_quadrature(bowl, so.noise.Uniform(3.0), 1.0, [0.0, 0.0]), 12)
    6.0
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
