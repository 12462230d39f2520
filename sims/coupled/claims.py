"""What Sec. 4.3 says about final points on the coupled loss, agents and means, as claims.

The conventions are those of `sims.shared.measures`, taken over pairs of coordinates
(`sims.coupled.pairs`): near is within r = ηW along both coordinates; a statement about
all holds for at least `RELIABLE` of them; a difference is one when it exceeds three standard errors.
Two more are needed here:

* what is between two places is told by the basins of the convolved loss on the cross section;
* a cluster is populated when it holds at least `POPULATED` of the pairs, a fifth of an equal share.
"""

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from sdeopt.experiment import Claim
from sims.coupled.pairs import Clusters, least_density
from sims.shared.measures import RELIABLE, rise

POPULATED = 0.05
"""The share of pairs that makes a cluster."""


def near_origin(points: ArrayLike, clusters: Clusters, who: str) -> list[Claim]:
    """Claim that points are near the origin."""
    return [
        Claim.at_most(
            f"{who} are centred on the origin",
            abs(np.median(np.asarray(points))),
            clusters.reach,
            "|median|",
        ),
        Claim.at_least(
            f"{who} are in the basin of the origin",
            clusters.at_origin(points).mean(),
            RELIABLE,
            "share of pairs",
        ),
    ]


def clustered(points: ArrayLike, clusters: Clusters, who: str) -> list[Claim]:
    """Claim that points are in four clusters at the minima of the uncorrupted loss."""
    shares = clusters.populations(points).mean(axis=0)
    return [
        Claim.at_least(
            f"{who} are in the basins of the four minima of the uncorrupted loss, at "
            f"{clusters.left:.2f} or {clusters.right:.2f} along both coordinates",
            1.0 - clusters.between(points).mean(),
            RELIABLE,
            "share of pairs",
        ),
        Claim.at_least(
            f"{who} are in all four", shares.min(), POPULATED, "smallest share of pairs in one"
        ),
        Claim.at_most(
            f"{who} are centred on these minima",
            _largest_offset(points, clusters),
            clusters.reach,
            "largest |median − minimum| along a coordinate",
        ),
    ]


def _largest_offset(points: ArrayLike, clusters: Clusters) -> float:
    """Return how far the median of either side is from its minimum."""
    x = np.asarray(points)
    number = clusters.basins.number(x)
    sides = [(x[number == clusters.basins.number(m)], m) for m in (clusters.left, clusters.right)]
    return max(abs(np.median(side) - m) if side.size else np.inf for side, m in sides)


def merging(points: ArrayLike, best: ArrayLike, clusters: Clusters, who: str) -> list[Claim]:
    """Claim that points are scattered between clusters that are still there."""
    before, after = clusters.between(best), clusters.between(points)
    return [
        Claim.at_least(
            f"{who} are scattered between the clusters, more than at the best coupling "
            f"(share of pairs: {before.mean():.3f} there, {after.mean():.3f} here)",
            rise(before, after),
            3.0,
            "difference / its standard error",
        ),
        Claim.above(
            f"{who} no longer keep to the four basins",
            after.mean(),
            1.0 - RELIABLE,
            "share of pairs between the clusters",
        ),
        Claim.at_least(
            f"{who} still show all four clusters",
            clusters.populations(points).mean(axis=0).min(),
            POPULATED,
            "smallest share of pairs in one",
        ),
    ]


def uniform(agents: ArrayLike, clusters: Clusters) -> list[Claim]:
    """Claim that agents are uniform across parameter space."""
    x, left, right, reach = np.asarray(agents), clusters.left, clusters.right, clusters.reach
    return [
        Claim.at_least(
            "k = 0: the agents reach beyond the minima on both sides",
            min(float(np.mean(x < left)), float(np.mean(x > right))),
            0.05,
            "share of coordinates outside, on the smaller side",
        ),
        Claim.at_least(
            "k = 0: the agents are uniform across the plane, without a gap or clusters",
            least_density(x, left - reach, right + reach, reach),
            # half of the average along a coordinate, as in one dimension
            0.5**2,
            "least / average density in squares of side r",
        ),
    ]


def tighter(k: float, agents: ArrayLike, uncoupled: ArrayLike, clusters: Clusters) -> list[Claim]:
    """Claim that agents cluster more than without coupling, and still too little."""
    before, after = clusters.in_fullest(uncoupled), clusters.in_fullest(agents)
    return [
        Claim.at_least(
            f"k = {k:g}: the agents cluster more than without coupling (share of pairs in the "
            f"fullest basin: {before.mean():.3f} at k = 0, {after.mean():.3f} here)",
            rise(before, after),
            3.0,
            "difference / its standard error",
        ),
        Claim.at_most(
            f"k = {k:g}: still, too few are in the basins of the four minima",
            1.0 - clusters.between(agents).mean(),
            RELIABLE,
            "share of pairs",
        ),
    ]


def denser(k: float, agents: ArrayLike, uncoupled: ArrayLike, clusters: Clusters) -> Claim:
    """Claim that agents crowd around the four minima more than without coupling."""
    before, after = clusters.near(uncoupled), clusters.near(agents)
    return Claim.at_least(
        f"k = {k:g}: they crowd around the minima (share of pairs near one: {before.mean():.3f} "
        f"at k = 0, {after.mean():.3f} here)",
        rise(before, after),
        3.0,
        "difference / its standard error",
    )


def more_stragglers(panels: list[xr.Dataset], clusters: Clusters) -> list[Claim]:
    """Claim that of two good couplings, the one with more stragglers has the higher loss."""
    few, many = sorted(panels, key=lambda panel: float(clusters.between(panel["agents"]).mean()))
    shares = [clusters.between(panel["agents"]) for panel in (few, many)]
    losses = [panel["final_loss"].values for panel in (few, many)]
    more, fewer = many["coupling"].item(), few["coupling"].item()
    return [
        Claim.at_least(
            f"k = {more:g}: more stragglers between the clusters than at k = {fewer:g} "
            f"(share of pairs: {shares[1].mean():.3f} against {shares[0].mean():.3f})",
            rise(*shares),
            3.0,
            "difference / its standard error",
        ),
        Claim.at_least(
            f"k = {more:g}: the loss of the mean is noticeably higher than at k = {fewer:g} "
            f"({losses[1].mean():.2f} against {losses[0].mean():.2f})",
            rise(*losses),
            3.0,
            "difference / its standard error",
        ),
    ]


def shifted(k: float, means: ArrayLike, clusters: Clusters) -> list[Claim]:
    """Claim that the one ball of means has moved towards the bottom left corner."""
    shares = clusters.populations(means).mean(axis=0)
    return [
        Claim.at_most(
            f"k = {k:g}: the ball of means is shifted towards the bottom left corner",
            np.median(np.asarray(means)),
            -clusters.reach,
            "median",
        ),
        Claim.at_most(
            f"k = {k:g}: it is one ball: no other corner is populated",
            max(shares[0, 1], shares[1, 0], shares[1, 1]),
            POPULATED,
            "largest share of pairs in another corner",
        ),
    ]


def at_minima(k: float, means: ArrayLike, clusters: Clusters) -> Claim:
    """Claim that means are at the minima of the uncorrupted loss."""
    return Claim.at_least(
        f"k = {k:g}: the means are near these minima",
        clusters.near(means).mean(),
        RELIABLE,
        "share of pairs within r",
    )
