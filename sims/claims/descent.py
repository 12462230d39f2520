"""What Sec. 4.3 says about the loss of the mean against the coupling, as claims.

The final loss of the mean over the coupling k is called U-shaped when it falls up to the best k and
rises from there on. It does not quite at the smallest couplings, and that is a claim of its own.
To minimize is to go at least `HALFWAY` down from the loss at the start to the least loss there is.
All couplings see the same noise, so two of them are compared replica by replica.
"""

from itertools import pairwise
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import ndimage

from sdeopt.experiment import Claim
from sims.analysis.measures import rise

__all__ = ["HALFWAY", "count_minima", "minimizes", "simpler", "u_shape"]

Array: TypeAlias = NDArray[np.float64]

HALFWAY = 0.5
"""The share of the way down that tells success from failure."""

TOLERANCE = 0.2
"""How far the U may rise at the smallest couplings, over its depth."""


def u_shape(final: xr.DataArray, smallest: float) -> list[Claim]:
    """Claim that the final loss is U-shaped over the coupling, with the best one inside.

    Parameters
    ----------
    final : xarray.DataArray
        The final loss of the mean, along ``coupling`` (rising, from 0) and ``replica``.
    smallest : float
        Couplings between 0 and this one may lie above k = 0, within `TOLERANCE`.

    Returns
    -------
    list of Claim
        Three, and one for each of the smallest couplings.
    """
    k, losses = final["coupling"].values, final.transpose("coupling", "replica").values
    average = losses.mean(axis=1)
    best = int(average.argmin())
    below = min(_paired(losses[best], losses[end]) for end in (0, -1)) if _inside(best, k) else 0.0
    strict = [index for index, value in enumerate(k) if value == 0.0 or value >= smallest]
    found = [
        Claim.at_least(
            f"the best coupling, k = {k[best]:g}, is inside: its loss of {average[best]:.2f} lies "
            f"below those of both ends, {average[0]:.2f} at k = 0, {average[-1]:.2f} at "
            f"k = {k[-1]:g}",
            below,
            3.0,
            "smaller difference / its standard error",
        ),
        Claim.at_most(
            f"from k = 0 straight to k = {smallest:g}, and on to the best coupling, no step of k "
            "raises the loss",
            _worst_rise(losses, [index for index in strict if index <= best]),
            3.0,
            "largest rise / its standard error",
        ),
        Claim.at_most(
            "from the best coupling on, no step of k lowers the loss",
            _worst_rise(losses, [index for index in strict if index >= best][::-1]),
            3.0,
            "largest fall / its standard error",
        ),
    ]
    small = np.flatnonzero((k > 0.0) & (k < smallest))
    return found + [_not_strict(float(k[i]), losses[0], losses[i], average[best]) for i in small]


def _inside(index: int, values: Array) -> bool:
    return 0 < index < len(values) - 1


def _paired(low: Array, high: Array) -> float:
    """Return how far one loss lies above another, replica by replica, in standard errors."""
    difference = high - low
    return rise(np.zeros(len(low)), difference)


def _worst_rise(losses: Array, order: list[int]) -> float:
    """Return the largest rise of the loss from one coupling to the next, in standard errors."""
    rises = [_paired(losses[one], losses[two]) for one, two in pairwise(order)]
    return max(rises, default=-np.inf)


def _not_strict(k: float, at_zero: Array, here: Array, best: float) -> Claim:
    """Claim that a small coupling lies above none at all by little."""
    difference = here - at_zero
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    return Claim.at_most(
        f"the U is not strict at the smallest couplings, only up to a fifth of its depth: the "
        f"loss at k = {k:g} is that at k = 0 and {difference.mean():+.2f} ± {error:.2f}",
        difference.mean() / max(at_zero.mean() - best, 1e-300),
        TOLERANCE,
        "rise / depth of the U",
    )


def minimizes(k: float, losses: xr.DataArray, lowest: float, *, succeeds: bool) -> Claim:
    """Claim that a coupling minimizes the loss of the mean, or fails to.

    Parameters
    ----------
    k : float
        The coupling.
    losses : xarray.DataArray
        The loss of the mean at this coupling, along ``step`` and ``replica``.
    lowest : float
        The least loss there is.
    succeeds : bool
        Which of the two is claimed.

    Returns
    -------
    Claim
        One.
    """
    start, end = (float(losses.isel(step=step).mean()) for step in (0, -1))
    covered = (start - end) / (start - lowest)
    how = f"k = {k:g} %s the loss: from {start:.2f} to {end:.2f}, where {lowest:.2f} is the least"
    what = "share of the way down"
    if succeeds:
        return Claim.at_least(how % "minimizes", covered, HALFWAY, what)
    return Claim.at_most(how % "fails to minimize", covered, HALFWAY, what)


def simpler(before: int, after: int) -> Claim:
    """Claim that the convolved loss is much simpler than the loss.

    Parameters
    ----------
    before, after : int
        The local minima on the cross section, of the loss and of the convolved loss.

    Returns
    -------
    Claim
        One.
    """
    return Claim.at_most(
        f"the convolved loss is much simpler: {after} local minima on the cross section, where the "
        f"loss has {before}",
        after / max(before, 1),
        0.1,
        "ratio",
    )


def count_minima(heights: Array) -> int:
    """Return the number of local minima on a grid, its edge left out.

    Parameters
    ----------
    heights : numpy.ndarray
        The values on the grid.

    Examples
    --------
    >>> import numpy as np
    >>> from sims.claims.descent import count_minima
    >>> x = np.linspace(-2, 2, 41)
    >>> count_minima((x**2 - 1) ** 2 + (x[:, None] ** 2 - 1) ** 2)
    4
    """
    around = ndimage.minimum_filter(
        heights, footprint=[[1, 1, 1], [1, 0, 1], [1, 1, 1]], mode="nearest"
    )
    return int((heights < around)[1:-1, 1:-1].sum())
