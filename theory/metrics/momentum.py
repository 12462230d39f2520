"""Theorem 5.3 with better metrics: the bound on QSGD with momentum, old and new.

After transients the theorem bounds E‖(x• − x*, v•)‖ by a D + √(c N), with D the bound on the expected
distortion and N = Cη/(2bp) the noise; both enter the velocity. In the metric of Lemma 5.3 with condition
number κ and least eigenvalue m of ΘᵀΘ the paper has a = κ/λ_c and c = 1/(m λ_c). In any metric,
a = √q / r and c = q / r (`MetricCertificate`), with the velocity as the input.
"""

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.errors import InvalidArgumentError
from theory.metrics.best import best_metric, sharpest_metric

if TYPE_CHECKING:
    import xarray as xr

ENTERS = ((0,), (1,))
SHIFTS = 400
"""Values of β tried for the paper's metric."""


def momentum_jacobian(damping: float, curvature: float) -> list[list[float]]:
    """Return the Jacobian of ẋ = v, v̇ = −∇f(x) − μ v along an eigenvector of ∇²f.

    It is affine in the eigenvalue, so its convex hull is given by those at l and L.
    """
    return [[0.0, 1.0], [-curvature, -damping]]


def best_momentum_rate(damping: float, strong_convexity: float, smoothness: float) -> float:
    """Return the largest rate in a constant metric, by the formulas proved for Lemma 5.3."""
    from theory.registry import load

    kind = "light" if damping**2 <= smoothness + 3 * strong_convexity else "heavy"
    found = load(f"lemma_5_3_{kind}_damping").evaluate(
        "attained", damping=damping, strong_convexity=strong_convexity, smoothness=smoothness
    )
    return float(found)


def sharper_momentum(
    damping: ArrayLike, strong_convexity: ArrayLike, smoothness: ArrayLike
) -> "xr.Dataset":
    """Return rate and factors of both terms of Theorem 5.3, old and new, over a grid.

    p and k enter D and N alone, so they scale the old and the new bound alike.

    Parameters
    ----------
    damping, strong_convexity, smoothness : array_like
        μ, l and L: the axes of the grid, l < L. Where μ <= √L − √l no metric contracts: NaN.

    Returns
    -------
    xarray.Dataset
        Over (damping, strong_convexity, smoothness) and ``bound``: ``disturbance``, a, ``noise``, c,
        and ``rate``, the largest rate. The bounds are ``paper``, the metric of Lemma 5.3 with
        the best β for each number; ``metric``, the best constant metric, confirmed in exact
        arithmetic; ``exact``, the value for f = l‖x‖²/2 (no bound can be better).

    Raises
    ------
    InvalidArgumentError
        A number is negative or not finite, l is 0, or L does not exceed l.

    Examples
    --------
    >>> table = sharper_momentum(damping=2.0, strong_convexity=1.0, smoothness=2.0)
    >>> table["disturbance"].squeeze().round(2).values
    array([4.  , 3.01, 1.  ])
    """
    import xarray as xr

    from theory.moments.checked import axes_of

    axes = axes_of(damping=damping, strong_convexity=strong_convexity, smoothness=smoothness)
    shape = tuple(map(len, axes.values()))
    points = [_point(*map(float, point)) for point in itertools.product(*axes.values())]
    coordinates = {**axes, "bound": ["paper", "metric", "exact"]}
    return xr.Dataset(
        {
            name: (tuple(coordinates), np.reshape([point[name] for point in points], (*shape, 3)))
            for name in ("disturbance", "noise", "rate")
        },
        coords=coordinates,
    )


def _point(damping: float, strong_convexity: float, smoothness: float) -> dict[str, Any]:
    if not strong_convexity < smoothness:
        raise InvalidArgumentError(
            f"smoothness must exceed strong_convexity, but {smoothness:g} <= {strong_convexity:g}."
        )
    if damping <= np.sqrt(smoothness) - np.sqrt(strong_convexity):
        return dict.fromkeys(("disturbance", "noise", "rate"), [np.nan] * 3)
    vertices = [momentum_jacobian(damping, h) for h in (strong_convexity, smoothness)]
    paper = _paper(damping, strong_convexity, smoothness)
    disturbed, noisy = (
        sharpest_metric(vertices, enters=ENTERS, of=term) for term in ("disturbance", "noise")
    )
    fastest = float(best_metric(vertices).rate)
    new = (disturbed.disturbance, 2.0 * noisy.noise, fastest)
    exact = _attained(damping, strong_convexity)
    # The metrics of the paper are among the constant metrics.
    return {
        "disturbance": (paper[0], min(new[0], paper[0]), exact[0]),
        "noise": (paper[1], min(new[1], paper[1]), exact[1]),
        "rate": (paper[2], max(new[2], paper[2]), exact[2]),
    }


def _paper(damping: float, strong_convexity: float, smoothness: float) -> NDArray[np.float64]:
    """Return least κ/λ_c, least 1/(m λ_c) and largest λ_c over all β with a positive rate."""
    gap, total = smoothness - strong_convexity, smoothness + strong_convexity
    shift = damping * np.arange(1, SHIFTS) / SHIFTS
    # α² > 0 where the rate is positive; other values are discarded below.
    stretch = np.maximum(total / 2 - shift * (damping - shift), 1e-300)
    rate = damping / 2 - np.sqrt((damping / 2 - shift) ** 2 + gap**2 / (16 * stretch))
    half, product = (stretch + shift**2 + 1) / 2, stretch
    most = half + np.sqrt(half**2 - product)
    least = product / most
    positive = rate > 0
    rate, most, least = rate[positive], most[positive], least[positive]
    if not rate.size:
        return np.array([np.inf, np.inf, 0.0])
    return np.array(
        [np.min(np.sqrt(most / least) / rate), np.min(1 / (least * rate)), np.max(rate)]
    )


def _attained(damping: float, curvature: float) -> tuple[float, float, float]:
    """Return the factors and the rate that a loss of constant curvature attains."""
    from theory.moments import momentum, stationary_moments

    moments = stationary_moments(
        momentum(agents=1, coupling=0.0, damping=damping), curvature, noise=1.0
    )
    root = np.sqrt(complex(damping**2 / 4 - curvature))
    decay = damping / 2 - float(root.real)
    return 1.0 / curvature, float(2.0 * (moments.mean + moments.mean_velocity)), decay
