"""What Sec. 4.3 says about final points on the coupled loss, agents and means, as claims.

The conventions are those of `sims.shared.measures`, taken over pairs of coordinates
(`sims.coupled.pairs`): near is within r = ηW along both coordinates; a statement about all holds for
at least `RELIABLE` of them. Two more are needed here:

* what is between two places is told by the basins of the convolved loss on the cross section;
* a cluster is populated when it holds at least `POPULATED` of the pairs, a fifth of an equal share.
"""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import SHARE
from sims.coupled.pairs import Clusters, least_density
from sims.shared.measures import RELIABLE, rises, sampled
from sims.shared.panels import coupling_of, panels

POPULATED = 0.05
"""The share of pairs that makes a cluster."""


def _who(panel: xr.Dataset, name: str) -> str:
    """Return whose points a claim is about."""
    return f"{coupling_of(panel)}: the {'means' if name == 'mean' else name}"


def uniform(uncoupled: xr.Dataset, clusters: Clusters) -> list[Claim]:
    """Claim that agents are uniform across parameter space."""
    x, left, right, reach = (
        uncoupled["agents"].values,
        clusters.left,
        clusters.right,
        clusters.reach,
    )
    return [
        sampled(
            Claim.at_least,
            "k = 0: the agents reach beyond the minima on both sides",
            lambda points: min(float(np.mean(points < left)), float(np.mean(points > right))),
            [x],
            0.05,
            "share of coordinates outside, on the smaller side",
            possible=SHARE,
        ),
        sampled(
            Claim.at_least,
            "k = 0: the agents are uniform across the plane, without a gap or clusters",
            lambda points: least_density(points, left - reach, right + reach, reach),
            [x],
            # half of the average along a coordinate, as in one dimension
            0.5**2,
            "least / average density in squares of side r",
        ),
    ]


def near_origin(panel: xr.Dataset, name: str, clusters: Clusters) -> list[Claim]:
    """Claim that points are near the origin."""
    points, who = panel[name].values, _who(panel, name)
    return [
        sampled(
            Claim.at_most,
            f"{who} are centred on the origin",
            lambda x: abs(np.median(x)),
            [points],
            clusters.reach,
            "|median|",
        ),
        sampled(
            Claim.at_least,
            f"{who} are in the basin of the origin",
            np.mean,
            [clusters.at_origin(points)],
            RELIABLE,
            "share of pairs",
            possible=SHARE,
        ),
    ]


def tighter(panel: xr.Dataset, uncoupled: xr.Dataset, clusters: Clusters) -> list[Claim]:
    """Claim that agents cluster more than without coupling, and still too little."""
    k, agents = coupling_of(panel), panel["agents"]
    before, after = clusters.in_fullest(uncoupled["agents"]), clusters.in_fullest(agents)
    return [
        rises(
            f"{k}: the agents cluster more than without coupling (share of pairs in the "
            f"fullest basin: {before.mean():.3f} at k = 0, {after.mean():.3f} here)",
            before,
            after,
        ),
        sampled(
            Claim.at_most,
            f"{k}: still, too few are in the basins of the four minima",
            lambda between: 1.0 - between.mean(),
            [clusters.between(agents)],
            RELIABLE,
            "share of pairs",
            possible=SHARE,
        ),
    ]


def shifted(panel: xr.Dataset, clusters: Clusters) -> list[Claim]:
    """Claim that the one ball of means has moved towards the bottom left corner."""
    k, means = coupling_of(panel), panel["mean"].values
    elsewhere = ((0, 1), (1, 0), (1, 1))
    return [
        sampled(
            Claim.at_most,
            f"{k}: the ball of means is shifted towards the bottom left corner",
            np.median,
            [means],
            -clusters.reach,
            "median",
        ),
        sampled(
            Claim.at_most,
            f"{k}: it is one ball: no other corner is populated",
            lambda each: max(each[:, row, column].mean() for row, column in elsewhere),
            [clusters.populations(means)],
            POPULATED,
            "largest share of pairs in another corner",
            possible=SHARE,
        ),
    ]


def clustered(panel: xr.Dataset, name: str, clusters: Clusters) -> list[Claim]:
    """Claim that points are in four clusters at the minima of the uncorrupted loss."""
    points, who = panel[name].values, _who(panel, name)
    return [
        sampled(
            Claim.at_least,
            f"{who} are in the basins of the four minima of the uncorrupted loss, at "
            f"{clusters.left:.2f} or {clusters.right:.2f} along both coordinates",
            lambda between: 1.0 - between.mean(),
            [clusters.between(points)],
            RELIABLE,
            "share of pairs",
            possible=SHARE,
        ),
        sampled(
            Claim.at_least,
            f"{who} are in all four",
            lambda each: each.mean(axis=0).min(),
            [clusters.populations(points)],
            POPULATED,
            "smallest share of pairs in one",
            possible=SHARE,
        ),
        sampled(
            Claim.at_most,
            f"{who} are centred on these minima",
            lambda x: _largest_offset(x, clusters),
            [points],
            clusters.reach,
            "largest |median − minimum| along a coordinate",
        ),
    ]


def _largest_offset(points: np.ndarray, clusters: Clusters) -> float:
    """Return how far the median of either side is from its minimum."""
    number = clusters.basins.number(points)
    places = (clusters.left, clusters.right)
    sides = [(points[number == clusters.basins.number(place)], place) for place in places]
    return max(abs(np.median(side) - place) if side.size else np.inf for side, place in sides)


def denser(panel: xr.Dataset, uncoupled: xr.Dataset, clusters: Clusters) -> Claim:
    """Claim that more agents are near the four minima than without coupling."""
    before, after = clusters.near(uncoupled["agents"]), clusters.near(panel["agents"])
    return rises(
        f"{coupling_of(panel)}: they crowd around the minima (share of pairs near one: "
        f"{before.mean():.3f} at k = 0, {after.mean():.3f} here)",
        before,
        after,
    )


def at_minima(panel: xr.Dataset, clusters: Clusters) -> Claim:
    """Claim that means are at the minima of the uncorrupted loss."""
    return sampled(
        Claim.at_least,
        f"{coupling_of(panel)}: the means are near these minima",
        np.mean,
        [clusters.near(panel["mean"])],
        RELIABLE,
        "share of pairs within r",
        possible=SHARE,
    )


def more_stragglers(good: list[xr.Dataset], clusters: Clusters) -> list[Claim]:
    """Claim that of two good couplings, the one with more stragglers has the higher loss."""
    few, many = sorted(good, key=lambda panel: float(clusters.between(panel["agents"]).mean()))
    shares = [clusters.between(panel["agents"]) for panel in (few, many)]
    losses = [panel["final_loss"].values for panel in (few, many)]
    more, fewer = coupling_of(many), coupling_of(few)
    return [
        rises(
            f"{more}: more stragglers between the clusters than at {fewer} "
            f"(share of pairs: {shares[1].mean():.3f} against {shares[0].mean():.3f})",
            *shares,
        ),
        rises(
            f"{more}: the loss of the mean is noticeably higher than at {fewer} "
            f"({losses[1].mean():.2f} against {losses[0].mean():.2f})",
            *losses,
        ),
    ]


def beyond(
    result: xr.Dataset, name: str, best: xr.Dataset | None, clusters: Clusters
) -> list[Claim]:
    """Claim that clusters merge above the best coupling, and that all points end at the origin."""
    found = []
    if best is not None:
        for panel in panels(result, "strong"):
            found += _merging(panel, name, best, clusters)
    for panel in panels(result, "large"):
        found += near_origin(panel, name, clusters)
    return found


def _merging(panel: xr.Dataset, name: str, best: xr.Dataset, clusters: Clusters) -> list[Claim]:
    """Claim that points are scattered between clusters that are still there."""
    points, who = panel[name], _who(panel, name)
    before, after = clusters.between(best[name]), clusters.between(points)
    return [
        rises(
            f"{who} are scattered between the clusters, more than at the best coupling "
            f"(share of pairs: {before.mean():.3f} there, {after.mean():.3f} here)",
            before,
            after,
        ),
        sampled(
            Claim.above,
            f"{who} no longer keep to the four basins",
            np.mean,
            [after],
            1.0 - RELIABLE,
            "share of pairs between the clusters",
            possible=SHARE,
        ),
        sampled(
            Claim.at_least,
            f"{who} still show all four clusters",
            lambda each: each.mean(axis=0).min(),
            [clusters.populations(points)],
            POPULATED,
            "smallest share of pairs in one",
            possible=SHARE,
        ),
    ]
