"""The convolution of a loss of many dimensions by quadrature, where coordinates meet in twos only."""

from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.losses.loss import Loss
from sdeopt.noise import NoiseLaw

__all__ = ["smoothed_by_quadrature"]

Array: TypeAlias = NDArray[np.float64]


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
    >>> from sims.analysis.smoothed_pairs import smoothed_by_quadrature
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
