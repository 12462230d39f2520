"""What Sec. 4.3 says about agents on the rugged loss; the conventions are in `sims.shared.measures`."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import SHARE
from sims.shared.measures import (
    RELIABLE,
    Array,
    Basins,
    rises,
    sampled,
    share_in_ripples,
    share_within,
    width,
)
from sims.shared.panels import coupling_of

LEVEL = 0.001
"""Of the two-sample tests: a true null is rejected for one seed in a thousand."""


def spread(panel: xr.Dataset, basins: Basins) -> list[Claim]:
    """Claim that agents spread over the range with a slight surplus, and the mean is sharply at 0."""
    agents, mean, reach = panel["agents"].values, panel["mean"].values, float(panel["reach"])
    left, right = basins.minima[list(basins.two_deepest)]
    return [
        sampled(
            Claim.at_least,
            "k = 0: the agents reach beyond both deepest minima",
            lambda x: min(np.mean(x < left), np.mean(x > right)),
            [agents],
            0.05,
            "share outside, on the smaller side",
            possible=SHARE,
        ),
        sampled(
            Claim.at_least,
            "k = 0: the agents are spread over the range without a gap",
            lambda x: _evenness(x, left, right, reach),
            [agents],
            0.5,
            "least / average density from one deep basin to the other",
        ),
        *(
            sampled(
                Claim.between,
                f"k = 0: slightly more agents in the deep basin at {place:.2f}",
                lambda x, place=place: surplus(x, place, (left, right), reach),
                [agents],
                1.0,
                2.0,
                "density there / elsewhere in the range",
            )
            for place in (left, right)
        ),
        sampled(Claim.at_most, "k = 0: the mean is sharp", width, [mean], 2 * reach, "width"),
        sampled(
            Claim.at_most,
            "k = 0: the mean is at 0",
            lambda x: abs(np.median(x)),
            [mean],
            reach,
            "|median|",
        ),
    ]


def _evenness(agents: Array, left: float, right: float, reach: float) -> float:
    """Return the least density in a stretch of the range, relative to the average."""
    # A stretch is a reach long: what is finer, the noise of one step blurs.
    stretches = np.linspace(left - reach, right + reach, round((right - left) / reach) + 3)
    counts, _ = np.histogram(agents, stretches)
    return float(counts.min() / max(counts.mean(), 1e-300))


def surplus(agents: Array, place: float, deep: tuple[float, float], reach: float) -> float:
    """Return the density of agents at a deep minimum, relative to the range outside of both."""
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


def gathered(panel: xr.Dataset, uncoupled: xr.Dataset, basins: Basins) -> list[Claim]:
    """Claim that agents gather in wide basins while the law of the mean is still wide."""
    shares = basins.in_inner_half(panel["agents"]).mean(axis=1)
    before = basins.in_inner_half(uncoupled["agents"]).mean(axis=1)
    return [
        rises(
            f"{coupling_of(panel)}: the agents gather in the wide basins of the convolved loss "
            f"(share in the inner halves of the basins: {before.mean():.3f} at k = 0, "
            f"{shares.mean():.3f} here)",
            before,
            shares,
        ),
        _not_in_ripples(panel, "the agents avoid the sharp minima of the true loss"),
        wide_mean(panel),
        unreliable_mean(panel, basins),
    ]


def wide_mean(panel: xr.Dataset) -> Claim:
    """Claim that the law of the mean is wide."""
    return sampled(
        Claim.above,
        f"{coupling_of(panel)}: the law of the mean is still wide",
        width,
        [panel["mean"].values],
        2 * float(panel["reach"]),
        "width",
    )


def unreliable_mean(panel: xr.Dataset, basins: Basins) -> Claim:
    """Claim that the mean finds the global minimum in some replicas at most."""
    return sampled(
        Claim.at_most,
        f"{coupling_of(panel)}: the mean does not find the global minimum reliably",
        np.mean,
        [_found(panel, basins)],
        RELIABLE,
        "share of replicas near it",
    )


def found_at(panel: xr.Dataset, basins: Basins) -> float:
    """Return the share of replicas whose mean is near the global minimum."""
    return float(_found(panel, basins).mean())


def _found(panel: xr.Dataset, basins: Basins) -> NDArray[np.bool_]:
    away = np.abs(panel["mean"].values - basins.minima[basins.deepest])
    near: NDArray[np.bool_] = away <= float(panel["reach"])
    return near


def _not_in_ripples(panel: xr.Dataset, words: str) -> Claim:
    """Claim that agents are not only in the lower halves of ripples."""
    frequency = panel["ripple_frequency"].item()
    return sampled(
        Claim.at_most,
        f"{coupling_of(panel)}: {words}",
        lambda x: share_in_ripples(x, frequency),
        [panel["agents"].values],
        0.75,
        "share in the lower halves of ripples (indifferent 0.5, all 1)",
        possible=SHARE,
    )


def at_minimum(panel: xr.Dataset, basins: Basins) -> list[Claim]:
    """Claim that agents and a sharp mean are at the global minimum of the convolved loss."""
    k, reach = coupling_of(panel), float(panel["reach"])
    agents, mean = panel["agents"].values, panel["mean"].values
    place = basins.minima[basins.deepest]
    return [
        sampled(
            Claim.at_most,
            f"{k}: the agents are centred on the global minimum of the convolved loss, {place:.2f}",
            lambda x: abs(np.median(x) - place),
            [agents],
            reach,
            "|median − minimum|",
        ),
        sampled(
            Claim.at_least,
            f"{k}: the agents are in its basin",
            np.mean,
            [basins.number(agents) == basins.deepest],
            RELIABLE,
            "share of agents",
        ),
        _not_in_ripples(panel, "they fill it, rather than the sharp minima of the true loss"),
        sampled(Claim.at_most, f"{k}: the mean is sharp", width, [mean], 2 * reach, "width"),
        sampled(
            Claim.at_least,
            f"{k}: the mean is reliably at that minimum",
            np.mean,
            [_found(panel, basins)],
            RELIABLE,
            "share of replicas near it",
        ),
    ]


def stuck(panel: xr.Dataset, best: float, basins: Basins, case: str | None = None) -> list[Claim]:
    """Claim that the mean finds the minimum less often, because it stays near its start."""
    return [
        sampled(
            Claim.at_most,
            f"{case or coupling_of(panel)}: worse again, the mean finds the global minimum less "
            "than half as often as at the best coupling",
            np.mean,
            [_found(panel, basins)],
            0.5 * best,
            "share of replicas near it",
        ),
        near_start(panel, basins, case),
    ]


def near_start(panel: xr.Dataset, basins: Basins, case: str | None = None) -> Claim:
    """Claim that the mean stays near its start."""
    half_basin = 0.5 * basins.narrowest
    return sampled(
        Claim.at_least,
        f"{case or coupling_of(panel)}: the mean stays near its start, within half a basin "
        f"({half_basin:.2f})",
        np.mean,
        [np.abs(panel["mean"].values - panel["start"].values) <= half_basin],
        RELIABLE,
        "share of replicas",
    )
