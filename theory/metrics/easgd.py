"""Theorem 5.2 with better metrics: the bound on EASGD, old and new.

After transients the theorem bounds E‖z − z*‖, z = (x•, x~), by a D + √(c N), with D the bound (31) on
the expected distortion and N = Cη/(2bp) the noise. In a constant metric M that contracts with the rate
r and has the gain q (`MetricCertificate`), a = √q / r and c = q / r. Each term belongs to another flow,
one with the distortion and one with the noise, and may have its own metric. D varies with p and k as
(p − 1)/(p (l + k)), N as 1/p, in the old and the new bound.
"""

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.arguments import finite_number
from sdeopt.errors import InvalidArgumentError
from theory.metrics.best import sharpest_metric
from theory.metrics.exact import MetricCertificate

if TYPE_CHECKING:
    import xarray as xr

ENTERS = ((1,), (0,))
"""Distortion and noise enter x• alone."""
UNBOUNDED = (((-1, 0), (0, 0)),)
"""The direction in which the Hessian of a loss that is not smooth is unbounded."""


def easgd_jacobian(agents: float, coupling: float, curvature: float) -> list[list[float]]:
    """Return the Jacobian of ẋ = −∇f(x) + k (z − x), ż = k p (x − z) along an eigenvector of ∇²f.

    It is affine in the eigenvalue, so its convex hull is given by those at l and L.
    """
    return [[-curvature - coupling, coupling], [coupling * agents, -coupling * agents]]


def easgd_metric(
    agents: float, coupling: float, strong_convexity: float, smoothness: float, of: str
) -> MetricCertificate:
    """Return the sharpest metric for one of the two terms."""
    steepest = [] if np.isinf(smoothness) else [smoothness]
    return sharpest_metric(
        [easgd_jacobian(agents, coupling, value) for value in (strong_convexity, *steepest)],
        () if steepest else UNBOUNDED,
        enters=ENTERS,
        of=of,
    )


def sharper_easgd(
    agents: ArrayLike,
    coupling: ArrayLike,
    strong_convexity: ArrayLike,
    smoothness: float = np.inf,
) -> "xr.Dataset":
    """Return the factors of both terms of Theorem 5.2, old and new, over a grid.

    Parameters
    ----------
    agents, coupling, strong_convexity : array_like
        p, k and l: the axes of the grid.
    smoothness : float, optional
        L, at least every l. By default there is no bound, and the metrics must be diagonal.

    Returns
    -------
    xarray.Dataset
        Over (agents, coupling, strong_convexity) and ``bound``: ``disturbance``, a, and ``noise``, c.
        The bounds are ``paper``, the metric diag(p, 1) with √p/λ_E and p/λ_E; ``metric``, the best
        constant metric, confirmed in exact arithmetic; ``filter``, 2/l for both, by
        ``theorem_5_2_without_metric``; ``exact``, the value for f = l‖x‖²/2 (no bound can be
        smaller).

    Raises
    ------
    InvalidArgumentError
        L is below an l, or an argument is outside the domain of Lemma 5.2 or too large for the search
        for a metric.

    Examples
    --------
    >>> table = sharper_easgd(agents=[100], coupling=[1.0], strong_convexity=[1.0], smoothness=10.0)
    >>> table["disturbance"].squeeze().round(1).values
    array([10.1,  2.2,  2. ,  1.4])
    """
    import xarray as xr

    from theory.moments.checked import axes_of

    axes = axes_of(agents=agents, coupling=coupling, strong_convexity=strong_convexity)
    steepest = float(axes["strong_convexity"].max())
    if not (isinstance(smoothness, float) and smoothness == np.inf):
        smoothness = finite_number(smoothness, "smoothness")
    if smoothness < steepest:
        raise InvalidArgumentError(
            f"smoothness is {smoothness:g}, but must be at least every strong_convexity, of which one "
            f"is {steepest:g}."
        )
    shape = tuple(map(len, axes.values()))
    columns: dict[str, list[Any]] = {"disturbance": [], "noise": []}
    for point in itertools.product(*axes.values()):
        for term, column in columns.items():
            column.append(_factors(point, smoothness, term))
    coordinates = {**axes, "bound": ["paper", "metric", "filter", "exact"]}
    return xr.Dataset(
        {
            term: (tuple(coordinates), np.reshape(column, (*shape, 4)))
            for term, column in columns.items()
        },
        coords=coordinates,
        attrs={"smoothness": smoothness},
    )


def _factors(point: tuple[Any, ...], smoothness: float, term: str) -> tuple[float, ...]:
    from theory.registry import load

    agents, coupling, strong_convexity = map(float, point)
    rate = float(
        load("lemma_5_2").bound(agents=agents, coupling=coupling, strong_convexity=strong_convexity)
    )
    paper = np.sqrt(agents) / rate if term == "disturbance" else agents / rate
    found = easgd_metric(agents, coupling, strong_convexity, smoothness, term)
    new = found.disturbance if term == "disturbance" else 2.0 * found.noise
    return (
        paper,
        # The metric of the paper is one of the constant metrics.
        min(new, paper),
        2.0 / strong_convexity,
        _attained(agents, coupling, strong_convexity, term),
    )


def _attained(agents: float, coupling: float, curvature: float, term: str) -> float:
    """Return the factor that a loss of constant curvature attains."""
    from theory.moments import easgd, stationary_moments

    if term == "disturbance":
        jacobian = np.array(easgd_jacobian(agents, coupling, curvature))
        return float(np.linalg.norm(np.linalg.solve(jacobian, [1.0, 0.0])))
    moments = stationary_moments(easgd(agents=agents, coupling=coupling), curvature, 1.0)
    return float(2.0 * agents * (moments.mean + moments.quorum))
