"""What Sec. 4.3 says about QSGD on the rugged loss, as claims; `sims.measures` has the conventions."""

from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from sdeopt.experiment import Claim
from sims.measures import RELIABLE, Basins, share_within, width

__all__ = ["equal_in_law", "gathered", "settled", "spread", "stuck"]

Array: TypeAlias = NDArray[np.float64]

LEVEL = 0.001
"""Of the two-sample tests: a true null is rejected for one seed in a thousand."""


def spread(panel: xr.Dataset, basins: Basins) -> list[Claim]:
    """Claim that agents spread over the range with a slight surplus, and the mean is sharply at 0.

    Parameters
    ----------
    panel : xarray.Dataset
        One coupling of a figure, from `sims.rugged.simulate_couplings`.
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
                _surplus(agents, place, (left, right), reach),
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


def _surplus(agents: Array, place: float, deep: tuple[float, float], reach: float) -> float:
    """Return the density of agents at a deep minimum, relative to the range outside of both."""
    left, right = deep
    in_range = np.mean((agents >= left - reach) & (agents <= right + reach))
    elsewhere = in_range - sum(share_within(agents, minimum, reach) for minimum in deep)
    if elsewhere <= 0:
        return float("inf")
    there = share_within(agents, place, reach) / (2 * reach)
    return float(there / (elsewhere / (right - left - 2 * reach)))


def equal_in_law(panel: xr.Dataset) -> list[Claim]:
    """Claim that agents and means have the law of uncoupled SGD, simulated with another seed.

    The null of both tests is one law for the two samples. They take draws to be independent: agents
    are without coupling, means are because replicas are.

    Parameters
    ----------
    panel : xarray.Dataset
        The coupling 0, with ``sgd_agents``.

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
            f"k = 0: the {name} are equal in law to uncoupled SGD with another seed "
            f"(two-sample Kolmogorov–Smirnov, {len(one):,} against {len(other):,})",
            stats.ks_2samp(one, other).pvalue,
            LEVEL,
            "p-value",
        )
        for name, (one, other) in samples.items()
    ]


def gathered(panel: xr.Dataset, uncoupled: xr.Dataset, basins: Basins) -> list[Claim]:
    """Claim that agents gather in wide basins while the law of the mean is still wide.

    Parameters
    ----------
    panel, uncoupled : xarray.Dataset
        A small coupling, and the coupling 0.
    basins : Basins
        Of the convolved loss.

    Returns
    -------
    list of Claim
        Four.
    """
    k, reach, mean = panel["coupling"].item(), float(panel["reach"]), panel["mean"].values
    shares = basins.in_inner_half(panel["agents"]).mean(axis=1)
    before = basins.in_inner_half(uncoupled["agents"]).mean(axis=1)
    # Replicas are independent of one another; agents of one replica are not.
    error = np.sqrt((shares.var(ddof=1) + before.var(ddof=1)) / len(shares))
    return [
        Claim.at_least(
            f"k = {k:g}: the agents gather in the wide basins of the convolved loss (share in the "
            f"inner halves of the basins: {before.mean():.3f} at k = 0, {shares.mean():.3f} here)",
            (shares.mean() - before.mean()) / error,
            3.0,
            "difference / its standard error",
        ),
        Claim.at_most(
            f"k = {k:g}: the agents avoid the sharp minima of the true loss",
            _share_in_ripples(panel),
            0.75,
            "share in the lower halves of ripples (indifferent 0.5, all 1)",
        ),
        Claim.above(
            f"k = {k:g}: the law of the mean is still wide", width(mean), 2 * reach, "width"
        ),
        Claim.at_most(
            f"k = {k:g}: the mean does not find the global minimum reliably",
            share_within(mean, basins.minima[basins.deepest], reach),
            RELIABLE,
            "share of replicas near it",
        ),
    ]


def settled(panel: xr.Dataset, basins: Basins) -> list[Claim]:
    """Claim that agents and a sharp mean are at the global minimum of the convolved loss.

    Parameters
    ----------
    panel : xarray.Dataset
        A middle coupling.
    basins : Basins
        Of the convolved loss.

    Returns
    -------
    list of Claim
        Five.
    """
    k, reach = panel["coupling"].item(), float(panel["reach"])
    agents, mean = panel["agents"].values, panel["mean"].values
    place = basins.minima[basins.deepest]
    return [
        Claim.at_most(
            f"k = {k:g}: the agents are centred on the global minimum of the convolved loss, "
            f"{place:.2f}",
            abs(np.median(agents) - place),
            reach,
            "|median − minimum|",
        ),
        Claim.at_least(
            f"k = {k:g}: the agents are in its basin",
            np.mean(basins.number(agents) == basins.deepest),
            RELIABLE,
            "share of agents",
        ),
        Claim.at_most(
            f"k = {k:g}: they fill it, rather than the sharp minima of the true loss",
            _share_in_ripples(panel),
            0.75,
            "share in the lower halves of ripples (indifferent 0.5, all 1)",
        ),
        Claim.at_most(f"k = {k:g}: the mean is sharp", width(mean), 2 * reach, "width"),
        Claim.at_least(
            f"k = {k:g}: the mean is reliably at that minimum",
            share_within(mean, place, reach),
            RELIABLE,
            "share of replicas near it",
        ),
    ]


def stuck(panel: xr.Dataset, best: float, basins: Basins) -> list[Claim]:
    """Claim that the mean finds the minimum less often, because it stays near its start.

    Parameters
    ----------
    panel : xarray.Dataset
        A large coupling.
    best : float
        The share of replicas that find the minimum at the best middle coupling.
    basins : Basins
        Of the convolved loss.

    Returns
    -------
    list of Claim
        Two.
    """
    k, mean = panel["coupling"].item(), panel["mean"].values
    half_basin = 0.5 * basins.narrowest
    return [
        Claim.at_most(
            f"k = {k:g}: worse again, the mean finds the global minimum less than half as often "
            "as at the best coupling",
            share_within(mean, basins.minima[basins.deepest], float(panel["reach"])),
            0.5 * best,
            "share of replicas near it",
        ),
        Claim.at_least(
            f"k = {k:g}: the mean stays near its start, within half a basin ({half_basin:.2f})",
            share_within(mean, panel["start"], half_basin),
            RELIABLE,
            "share of replicas",
        ),
    ]


def _share_in_ripples(panel: xr.Dataset) -> float:
    """Return the share of agents in the lower halves of the fast cosine, whose minima are sharp."""
    phases: Array = np.cos(panel["ripple_frequency"].item() * panel["agents"].values)
    return float(np.mean(phases > 0.0))
