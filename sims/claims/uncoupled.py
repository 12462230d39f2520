"""What Sec. 4.3 says about agents without coupling on the rugged loss, as claims."""

import numpy as np
import xarray as xr
from scipy import stats

from sdeopt.experiment import Claim
from sims.analysis.measures import Array, Basins, share_within, width

__all__ = ["equal_in_law", "spread", "surplus"]

LEVEL = 0.001
"""Of the two-sample tests: a true null is rejected for one seed in a thousand."""


def spread(panel: xr.Dataset, basins: Basins) -> list[Claim]:
    """Claim that agents spread over the range with a slight surplus, and the mean is sharply at 0.

    Parameters
    ----------
    panel : xarray.Dataset
        One coupling of a figure, from `sims.models.rugged.simulate_couplings`.
    basins : Basins
        Of the convolved loss.

    Returns
    -------
    list of Claim
        Six, made for k = 0.
    """
    agents, mean, reach = panel["agents"].values, panel["mean"].values, float(panel["reach"])
    left, right = basins.minima[list(basins.two_deepest)]
    outside = min(np.mean(agents < left), np.mean(agents > right))
    return [
        Claim.at_least(
            "k = 0: the agents reach beyond both deepest minima",
            outside,
            0.05,
            "share outside, on the smaller side",
        ),
        Claim.at_least(
            "k = 0: the agents are spread over the range without a gap",
            _evenness(agents, left, right, reach),
            0.5,
            "least / average density from one deep basin to the other",
        ),
        *(
            Claim.between(
                f"k = 0: slightly more agents in the deep basin at {place:.2f}",
                surplus(agents, place, (left, right), reach),
                1.0,
                2.0,
                "density there / elsewhere in the range",
            )
            for place in (left, right)
        ),
        Claim.at_most("k = 0: the mean is sharp", width(mean), 2 * reach, "width"),
        Claim.at_most("k = 0: the mean is at 0", abs(np.median(mean)), reach, "|median|"),
    ]


def _evenness(agents: Array, left: float, right: float, reach: float) -> float:
    """Return the least density in a stretch of the range, relative to the average."""
    # A stretch is a reach long: what is finer, the noise of one step blurs.
    stretches = np.linspace(left - reach, right + reach, round((right - left) / reach) + 3)
    counts, _ = np.histogram(agents, stretches)
    return float(counts.min() / max(counts.mean(), 1e-300))


def surplus(agents: Array, place: float, deep: tuple[float, float], reach: float) -> float:
    """Return the density of agents at a deep minimum, relative to the range outside of both.

    Parameters
    ----------
    agents : numpy.ndarray
        Their positions.
    place : float
        The minimum.
    deep : (float, float)
        The two deepest minima, from left to right; the range goes a reach beyond them.
    reach : float
        How far is near.

    Returns
    -------
    float
        1 where the agents do not mind the minimum; infinite where there are none elsewhere.
    """
    left, right = deep
    in_range = np.mean((agents >= left - reach) & (agents <= right + reach))
    elsewhere = in_range - sum(share_within(agents, minimum, reach) for minimum in deep)
    if elsewhere <= 0:
        return float("inf")
    there = share_within(agents, place, reach) / (2 * reach)
    return float(there / (elsewhere / (right - left - 2 * reach)))


def equal_in_law(panel: xr.Dataset, alone: str = "uncoupled SGD") -> list[Claim]:
    """Claim that agents and means have the law of agents alone, simulated with another seed.

    The null of both tests is one law for the two samples. They take draws to be independent: agents
    are without coupling, means are because replicas are.

    Parameters
    ----------
    panel : xarray.Dataset
        The coupling 0, with ``sgd_agents``.
    alone : str
        What these are.

    Returns
    -------
    list of Claim
        One for the agents, one for the means.
    """
    samples = {
        "agents": (panel["agents"].values.ravel(), panel["sgd_agents"].values.ravel()),
        "means": (panel["mean"].values, panel["sgd_agents"].values.mean(axis=1)),
    }
    return [
        Claim.at_least(
            f"k = 0: the {name} are equal in law to {alone} with another seed "
            f"(two-sample Kolmogorov–Smirnov, {len(one):,} against {len(other):,})",
            stats.ks_2samp(one, other).pvalue,
            LEVEL,
            "p-value",
        )
        for name, (one, other) in samples.items()
    ]
