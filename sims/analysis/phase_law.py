"""The good couplings of a cell of a phase diagram, and the power law of the best one.

A coupling acts through κ = k(1 − ηk/2): on a flat loss, discrete steps hold the agents in a cloud of
variance ηW²/(6κ) around their mean. In small steps noise enters through its temperature ηW²/6 alone,
so whatever the best cloud is, κ* is a function of ηW²: the power of W is twice that of η.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

__all__ = ["FACTORS", "GOOD", "Estimate", "Law", "fit", "gain", "window"]

Array: TypeAlias = NDArray[np.float64]

FACTORS = ("half_width", "step_size", "agent_count")
"""What the best coupling is a product of powers of."""

GOOD = 0.8
"""A coupling is good when the mean descends at least this share of what the best one reaches. The
curves are steep there; at 0.9 some are nearly flat, and the end of the window is left to chance."""

DRAWS = 500
"""Bootstrap samples of a fit; a 95% interval rests on the outer 12 on either side."""

FEWEST = 6
"""Cells for a fit of four numbers."""


def gain(coupling: ArrayLike, step_size: ArrayLike) -> Array:
    """Return κ = k(1 − ηk/2), half the rate at which steps of size η contract the agents' variance.

    Parameters
    ----------
    coupling, step_size : array_like
        k and η.

    Returns
    -------
    numpy.ndarray
        At most 1/(2η), which is reached at k = 1/η: from there on a step overshoots the mean.

    Examples
    --------
    >>> from sims.analysis.phase_law import gain
    >>> gain([1.0, 20.0, 40.0], 0.05)
    array([ 0.975, 10.   ,  0.   ])
    """
    k = np.asarray(coupling, np.float64)
    strength: Array = k * (1.0 - 0.5 * np.asarray(step_size) * k)
    return strength


def window(heights: Array, log_k: Array, place: ArrayLike = 0.5) -> Array:
    """Return the ends of the window of good couplings around the best one.

    Parameters
    ----------
    heights : numpy.ndarray, shape (cells, couplings)
        The descent reached; −inf where a coupling cannot be used.
    log_k : numpy.ndarray, shape (couplings,)
        The grid, evenly spaced.
    place : array_like
        Where an end lies between the last good coupling (0) and the first that is not (1); of shape
        () or (2, cells).

    Returns
    -------
    numpy.ndarray, shape (2, cells)
        Logarithms of the lower and the upper end; infinite where the grid ends before the window.

    Examples
    --------
    >>> import numpy as np
    >>> from sims.analysis.phase_law import window
    >>> window(np.array([[0.1, 0.75, 0.9, 0.2, -0.1]]), np.arange(5.0)).ravel()
    array([0.5, 2.5])
    """
    peak = heights.argmax(axis=1)
    poor = heights < GOOD * heights.max(axis=1, keepdims=True)
    index = np.arange(len(log_k))
    below = np.where(poor & (index < peak[:, None]), index, -1).max(axis=1)
    above = np.where(poor & (index > peak[:, None]), index, len(log_k)).min(axis=1)
    spacing = log_k[1] - log_k[0]
    share = np.broadcast_to(place, (2, len(heights)))
    low = np.where(below < 0, -np.inf, log_k[0] + spacing * (below + 1 - share[0]))
    high = np.where(above == len(log_k), np.inf, log_k[0] + spacing * (above - 1 + share[1]))
    return np.stack([low, high])


@dataclass(frozen=True)
class Estimate:
    """A number with its 95% bootstrap interval.

    Parameters
    ----------
    value, low, high : float
        The estimate and the ends of the interval.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3g} [{self.low:.3g}, {self.high:.3g}]"


@dataclass(frozen=True)
class Law:
    """κ* = C · product of powers, fitted to the middles of the windows of good couplings.

    Parameters
    ----------
    constant : Estimate
        C.
    powers : dict of str to Estimate
        The exponent of each of `FACTORS`.
    anisotropy : Estimate
        The power of W less twice the power of η; 0 where noise acts through ηW² alone.
    cells : int
        How many cells were fitted.
    """

    constant: Estimate
    powers: dict[str, Estimate]
    anisotropy: Estimate
    cells: int

    def __str__(self) -> str:
        width, step, agents = (self.powers[name].value for name in FACTORS)
        return f"{self.constant.value:.2g} W^{width:.2f} η^{step:.2f} p^{agents:.2f}"

    def coupling(self, half_width: ArrayLike, step_size: ArrayLike, agents: ArrayLike) -> Array:
        """Return the best coupling of the law, NaN where no stable one is strong enough.

        Parameters
        ----------
        half_width, step_size, agents : array_like
            W, η and p; they broadcast.

        Returns
        -------
        numpy.ndarray
            k with κ(k) = κ*, below 1/η.
        """
        eta = np.asarray(step_size, np.float64)
        wanted = self.constant.value * np.ones_like(eta)
        for name, level in zip(FACTORS, (half_width, eta, agents), strict=True):
            wanted = wanted * np.asarray(level, np.float64) ** self.powers[name].value
        room = 1.0 - 2.0 * eta * wanted
        k: Array = np.where(room >= 0, (1.0 - np.sqrt(np.maximum(room, 0))) / eta, np.nan)
        return k


def fit(heights: xr.DataArray, seed: int = 0) -> Law:
    """Fit the power law of the best coupling, with all that makes it uncertain.

    Parameters
    ----------
    heights : xarray.DataArray
        The descent in the cells to fit, of dimensions (cell, coupling, replica), with coordinates
        `FACTORS` along ``cell``. NaN excludes a coupling. Both ends of the window must lie inside
        the grid.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Law
        All NaN when there are fewer than six cells.

    Notes
    -----
    Every bootstrap sample draws the replicas anew (the same ones in all cells, which share their
    random numbers), finds the windows again, puts their ends at uniform places between the two
    couplings of the grid that enclose them, and draws the cells anew. So the interval holds the
    Monte Carlo error, the width of the grid and the scatter about the law.
    """
    stacked = heights.transpose("cell", "coupling", "replica")
    cells, _, replicas = stacked.shape
    if cells < FEWEST:
        unknown = Estimate(np.nan, np.nan, np.nan)
        return Law(unknown, dict.fromkeys(FACTORS, unknown), unknown, cells)
    levels = [stacked[name].values for name in FACTORS]
    design = np.column_stack([np.ones(cells), *map(np.log, levels)])
    log_k = np.log(stacked["coupling"].values)
    values = np.where(np.isnan(stacked.values), -np.inf, stacked.values)
    random = np.random.default_rng(seed)
    # A single number of agents leaves the last column constant; least squares then gives it power 0.
    design[:, 3] -= design[:, 3].mean() if np.ptp(design[:, 3]) == 0 else 0.0
    samples = []
    for _ in range(DRAWS):
        mean = values[:, :, random.integers(replicas, size=replicas)].mean(axis=-1)
        middle = window(mean, log_k, random.uniform(size=(2, cells))).mean(axis=0)
        drawn = random.integers(cells, size=cells)
        drawn = drawn[np.isfinite(middle[drawn])]
        samples.append(_regress(design[drawn], middle[drawn]))
    fitted = _regress(design, window(values.mean(axis=-1), log_k).mean(axis=0))
    low, high = np.quantile(samples, [0.025, 0.975], axis=0)
    constant, *powers, anisotropy = map(Estimate, fitted.tolist(), low.tolist(), high.tolist())
    return Law(constant, dict(zip(FACTORS, powers, strict=True)), anisotropy, cells)


def _regress(design: Array, log_k: Array) -> Array:
    """Return C, the three powers, and the anisotropy."""
    strength = gain(np.exp(log_k), np.exp(design[:, 2]))
    coefficients = np.linalg.lstsq(design, np.log(strength), rcond=None)[0]
    anisotropy = coefficients[1] - 2.0 * coefficients[2]
    return np.array([np.exp(coefficients[0]), *coefficients[1:], anisotropy])
