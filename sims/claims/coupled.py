"""What Sec. 4.3 says about final points on the coupled loss, agents or means, as claims.

The conventions are those of `sims.analysis.measures`, taken over pairs of coordinates
(`sims.analysis.coordinate_pairs`): near is within r = ηW along both coordinates; a statement about
all holds for at least `RELIABLE` of them; a difference is one when it exceeds three standard errors.
Two more are needed here:

* what is between two places is told by the basins of the convolved loss on the cross section;
* a cluster is populated when it holds at least `POPULATED` of the pairs, a fifth of an equal share.
"""

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.experiment import Claim
from sims.analysis.coordinate_pairs import Clusters
from sims.analysis.measures import RELIABLE, rise

__all__ = ["POPULATED", "clustered", "merging", "near_origin"]

POPULATED = 0.05
"""The share of pairs that makes a cluster."""


def near_origin(points: ArrayLike, clusters: Clusters, who: str) -> list[Claim]:
    """Claim that points are near the origin.

    Parameters
    ----------
    points : array_like
        Agents or means.
    clusters : Clusters
        Of the cross section.
    who : str
        The beginning of the sentence, such as "k = 0: the means".

    Returns
    -------
    list of Claim
        Two.
    """
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
    """Claim that points are in four clusters at the minima of the uncorrupted loss.

    Parameters
    ----------
    points : array_like
        Agents or means.
    clusters : Clusters
        Of the cross section.
    who : str
        The beginning of the sentence, such as "k = 4: the means".

    Returns
    -------
    list of Claim
        Three.
    """
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
    """Claim that points are scattered between clusters that are still there.

    Parameters
    ----------
    points, best : array_like
        Agents or means at this coupling, and at the best one.
    clusters : Clusters
        Of the cross section.
    who : str
        The beginning of the sentence, such as "k = 5: the means".

    Returns
    -------
    list of Claim
        Three.
    """
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
