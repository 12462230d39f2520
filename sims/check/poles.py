"""Where a loss is not finite: in a box with such a place it has no constants."""

import numpy as np
from numpy.typing import NDArray

from sdeopt.errors import InvalidArgumentError
from sdeopt.losses.loss import Loss
from sims.check.estimation import Box, sampled

Array = NDArray[np.float64]

CLIMBS = 3
"""Sampled points from which a search for a pole goes on."""

NEAR, NEARER = 1e-6, 1e-9
"""Distances from a place, in half widths of the box, at which slopes are compared."""

GROWTH = 500.0
"""By which slopes grow between them at a pole.

The loss has no bound where its slope grows like one over the distance, here by a factor 1000, or faster;
at the cusp of √|x|, where the loss is finite, it grows by 32.
"""


def check_finite(loss: Loss, box: Box) -> None:
    """Refuse a box in which the loss is not finite."""
    points = sampled(box, 1)
    with np.errstate(all="ignore"):
        wrong = points[~np.isfinite(loss.value(points))]
        found = wrong[0] if len(wrong) else _pole(loss, box, points)
    if found is not None:
        raise InvalidArgumentError(
            f"the loss is not finite at x = {shown(found)} in the box; choose a box without it."
        )


def _pole(loss: Loss, box: Box, points: Array) -> Array | None:
    """Return a place that no sample hits and towards which the loss grows without bound."""
    from scipy import optimize

    low, high = (np.array(ends) for ends in zip(*box, strict=True))
    half = (high - low) / 2

    def steepness(x: Array) -> Array:
        found = np.log(np.linalg.norm(half * loss.gradient(x), axis=-1))
        return np.where(np.isnan(found), -np.inf, found)

    steep = steepness(points)
    for start in points[np.argsort(steep)[-CLIMBS:]]:
        climbed = optimize.minimize(  # type: ignore[call-overload]  # its stubs want *args
            lambda u: -float(steepness(low + half * (1 + u)[None])[0]),
            (start - low) / half - 1,
            method="Nelder-Mead",
            bounds=[(-1.0, 1.0)] * loss.dim,
            options={"maxfev": 200 * loss.dim, "xatol": 1e-15, "fatol": 0.0},
        )
        place = low + half * (1 + np.asarray(climbed.x))
        aside = np.concatenate([np.diag(half), -np.diag(half)])
        near, nearer = (steepness(place + share * aside) for share in (NEAR, NEARER))
        growth = (nearer - near).reshape(2, -1)  # NaN along a pole, which is infinite at both
        if np.nanmax(growth, initial=-np.inf) > np.log(GROWTH):
            return np.asarray(place)
    return None


def shown(point: Array) -> str:
    """Return a point as text, a number where it has one coordinate."""
    entries = ", ".join(f"{entry + 0.0:.4g}" for entry in np.round(point[:4], 12))
    if len(point) == 1:
        return entries
    return f"({entries}{', …' if len(point) > 4 else ''})"
