"""Measuring how much a loss is smoothed, from gradients that were felt at known places.

A descent that feels the gradient g at y, with E[g | y] = (f ∗ N(0, v))′(y) for an unknown variance v,
tells v: it is found by least squares over the one-parameter family of convolved losses.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares

import sdeopt as so
from sdeopt.losses.loss import Loss

__all__ = ["Variance", "conditional_size", "smoothing_seen"]

Array: TypeAlias = NDArray[np.float64]

SOUGHT = np.geomspace(1e-6, 1.0, 25)
"""Variances among which the search begins; more would leave nothing of a loss of wells 1 wide."""

FIRST_LOOK = 4096
"""Samples that choose among them. The misfit can have more than one minimum."""


@dataclass(frozen=True)
class Variance:
    """A measured variance of smoothing.

    Parameters
    ----------
    value, error : float
        The estimate and its standard error.
    """

    value: float
    error: float


def smoothing_seen(loss: Loss, places: ArrayLike, gradients: ArrayLike) -> Variance:
    """Return the variance of the Gaussian smoothing under which gradients were felt.

    Parameters
    ----------
    loss : Loss
        f, in one dimension.
    places, gradients : array_like, shape (samples,)
        y and g, independent pairs; the places should see all of the loss that matters.

    Returns
    -------
    Variance
        With the error of least squares whose residuals differ in size from place to place.

    Examples
    --------
    >>> import numpy as np
    >>> import sdeopt as so
    >>> from sims.analysis.smoothing_scale import smoothing_seen
    >>> loss = so.losses.RuggedWell.robust()
    >>> random = np.random.default_rng(0)
    >>> y = random.uniform(-2, 2, 20_000)
    >>> felt = loss.gradient((y + 0.1 * random.normal(size=y.size))[:, None])[:, 0]
    >>> seen = smoothing_seen(loss, y, felt)
    >>> bool(abs(seen.value - 0.01) < 4 * seen.error), bool(seen.error < 0.001)
    (True, True)
    """
    y, g = np.asarray(places, np.float64)[:, None], np.asarray(gradients, np.float64)

    def residuals(log_variance: ArrayLike, some: slice = slice(None)) -> Array:
        scale = float(np.exp(0.5 * np.squeeze(log_variance)))
        smooth = loss.convolved(so.noise.Gaussian(1.0), scale=scale)
        return np.asarray(smooth.gradient(y[some])[:, 0] - g[some])

    few = slice(FIRST_LOOK)
    misfits = [(residuals(np.log(variance), few) ** 2).sum() for variance in SOUGHT]
    guess = np.log(SOUGHT[np.argmin(misfits)])
    found = least_squares(residuals, [guess], x_scale=0.3, diff_step=[1e-4])
    variance = float(np.exp(found.x[0]))
    sensitivity = np.asarray(found.jac)[:, 0] / variance
    error = np.sqrt(((sensitivity * found.fun) ** 2).sum()) / (sensitivity**2).sum()
    return Variance(variance, float(error))


def conditional_size(places: ArrayLike, values: ArrayLike, bins: int = 50) -> float:
    """Return the root mean square of E[value | place].

    Parameters
    ----------
    places, values : array_like, shape (samples,)
        Independent pairs.
    bins : int
        Of equal counts, in which values are averaged; what their averages owe to chance is taken off.

    Returns
    -------
    float
        0 where chance alone explains the averages.

    Examples
    --------
    >>> import numpy as np
    >>> from sims.analysis.smoothing_scale import conditional_size
    >>> random = np.random.default_rng(0)
    >>> x = random.uniform(0, 2 * np.pi, 40_000)
    >>> bool(abs(conditional_size(x, np.sin(x) + random.normal(size=x.size)) - 0.5**0.5) < 0.02)
    True
    """
    y, x = np.asarray(places, np.float64), np.asarray(values, np.float64)
    groups = np.array_split(x[np.argsort(y)], bins)
    means = np.array([group.mean() for group in groups])
    chance = np.array([group.var(ddof=1) / len(group) for group in groups])
    return float(max((means**2 - chance).mean(), 0.0) ** 0.5)
