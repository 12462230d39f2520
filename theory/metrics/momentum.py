"""Theorem 5.3 with better metrics: the bound on QSGD with momentum, old and new.

After transients the theorem bounds E‖(x• − x*, v•)‖ by a D + √(c N), with D the bound on the expected
distortion and N = Cη/(2bp) the noise; both enter the velocity. In the metric of Lemma 5.3 with condition
number κ and least eigenvalue m of ΘᵀΘ the paper has a = κ/λ_c and c = 1/(m λ_c). In any metric,
a = √q / r and c = q / r (`MetricCertificate`), with the velocity as the input.
"""

import functools
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.errors import InvalidArgumentError
from theory.metrics.best import best_metric, sharpest_metric

if TYPE_CHECKING:
    import xarray as xr

ENTERS = ((0,), (1,))
PLACES = 400
"""Where in an interval a function is tried, before its least value is sought near the best of these."""


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
        arithmetic; ``exact``, what f = l‖x‖²/2 attains, so that no bound can be better. The
        disturbance that it attains is the largest ‖(x, v)‖ after transients under a push ε of length
        1 along one direction. It is attained in the limit by an ε that changes sign every π/ω, with
        ω² = l − μ²/4, or where nothing oscillates, whenever all has come to rest. In one dimension no
        ε that is known in advance and has ‖ε‖ <= 1 does more.

    Raises
    ------
    InvalidArgumentError
        A number is negative, not finite or too large for the search for a metric, l is 0, or L does
        not exceed l.

    Examples
    --------
    >>> table = sharper_momentum(damping=2.0, strong_convexity=1.0, smoothness=2.0)
    >>> table["disturbance"].squeeze().round(2).values
    array([4.  , 3.01, 1.03])
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
    disturbed, noisy = (
        sharpest_metric(vertices, enters=ENTERS, of=term) for term in ("disturbance", "noise")
    )
    fastest = float(best_metric(vertices).rate)
    new = (disturbed.disturbance, 2.0 * noisy.noise, fastest)
    paper = _paper(damping, strong_convexity, smoothness)
    exact = _attained(damping, strong_convexity)
    # The metrics of the paper are among the constant metrics.
    return {
        "disturbance": (paper[0], min(new[0], paper[0]), exact[0]),
        "noise": (paper[1], min(new[1], paper[1]), exact[1]),
        "rate": (paper[2], max(new[2], paper[2]), exact[2]),
    }


def _paper(damping: float, strong_convexity: float, smoothness: float) -> NDArray[np.float64]:
    """Return least κ/λ_c, least 1/(m λ_c) and largest λ_c over all β with a positive rate.

    That are those with β (μ − β) between both ends in Lemma 5.3. Of two β with the same product, and
    so the same rate and α, the one below μ/2 has the better κ and m.
    """
    most = (np.sqrt(smoothness) + np.sqrt(strong_convexity)) ** 2 / 4
    least = (smoothness - strong_convexity) ** 2 / (16 * most)
    half = damping / 2

    def number(which: int, shift: Any) -> Any:
        inner = shift * (damping - shift)
        stretch = least + most - inner
        # μ/2 − √… would lose all digits for a large μ
        root = np.sqrt((half - shift) ** 2 + least * most / stretch)
        rate = (inner - least) * (most - inner) / (stretch * (half + root))
        alpha = np.sqrt(stretch)
        apart = np.hypot(alpha - 1, shift) * np.hypot(alpha + 1, shift)
        largest = (stretch + shift**2 + 1 + apart) / 2
        # at the ends of the window the rate is rounded
        bound = np.where(rate > 0, largest / np.where(rate > 0, rate, 1.0), np.inf)
        return (bound / alpha, bound / stretch, -rate)[which]

    low, high = (
        inner / (half + np.sqrt(half**2 - inner)) for inner in np.minimum([least, most], half**2)
    )
    disturbance, noise, slowness = (
        _minimum(functools.partial(number, which), low, high) for which in range(3)
    )
    return np.array([disturbance, noise, -slowness])


def _attained(damping: float, curvature: float) -> tuple[float, float, float]:
    """Return the factors and the rate that a loss of constant curvature attains."""
    from theory.moments import momentum, stationary_moments

    moments = stationary_moments(
        momentum(agents=1, coupling=0.0, damping=damping), curvature, noise=1.0
    )
    root = np.sqrt(complex(damping**2 / 4 - curvature))
    decay = (curvature / (damping / 2 + root)).real
    noise = 2.0 * (moments.mean + moments.mean_velocity)
    return _farthest(damping, curvature), float(noise), float(decay)


def _farthest(damping: float, curvature: float) -> float:
    """Return the largest ‖(x, v)‖ of v̇ = −h x − μ v + e, ẋ = v, for |e| <= 1, after transients.

    Farthest in one direction drives the e that has at each time the sign of the later response in it to
    an impulse. That changes its sign every π/ω, and once if nothing oscillates. So the farthest states
    are on the way from rest at −c/h, where e becomes 1, to c/h: c = coth(πμ/(4ω)), or c = 1.
    """
    half = damping / 2
    root = np.sqrt(complex(half**2 - curvature))
    width = 1.0 / np.tanh(np.pi * half / (2 * root.imag)) if root.imag else 1.0
    # on the way x + v̇, the slope of ‖(x, v)‖²/2 over v, increases from the least v̇ on
    turn = np.log((half + root) / np.sqrt(curvature)) / root if root else 1 / half

    def nearness(time: Any) -> Any:
        fading = (1 + width) * np.exp(-half * time)
        velocity = fading * time * np.sinc(1j * root * time / np.pi).real
        left = fading * np.cosh(root * time).real + half * velocity
        position = (1 - left) / curvature
        return -np.hypot(position, velocity)

    return max(width / curvature, -_minimum(nearness, 0.0, 2 * float(np.real(turn))))


def _minimum(function: Callable[[Any], Any], low: float, high: float) -> float:
    """Return the least value of a function inside an interval."""
    from scipy.optimize import minimize_scalar

    places = low + (high - low) * (np.arange(PLACES) + 0.5) / PLACES
    values = function(places)
    best = int(np.argmin(values))
    around = np.concatenate([[low], places, [high]])
    near = minimize_scalar(
        function,
        bounds=(float(around[best]), float(around[best + 2])),
        method="bounded",
        options={"xatol": 1e-9 * (high - low)},
    )
    return float(min(values[best], near.fun))
