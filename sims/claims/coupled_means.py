"""What Sec. 4.3 says about the means on the coupled loss, as claims (see `sims.claims.coupled`)."""

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.experiment import Claim
from sims.analysis.coordinate_pairs import Clusters
from sims.analysis.measures import RELIABLE
from sims.claims.coupled import POPULATED

__all__ = ["at_minima", "shifted"]


def shifted(k: float, means: ArrayLike, clusters: Clusters) -> list[Claim]:
    """Claim that the one ball of means has moved towards the bottom left corner.

    Parameters
    ----------
    k : float
        A small coupling.
    means : array_like
        The means.
    clusters : Clusters
        Of the cross section.

    Returns
    -------
    list of Claim
        Two.
    """
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
    """Claim that means are at the minima of the uncorrupted loss.

    Parameters
    ----------
    k : float
        A middle coupling.
    means : array_like
        The means.
    clusters : Clusters
        Of the cross section.

    Returns
    -------
    Claim
        One.
    """
    return Claim.at_least(
        f"k = {k:g}: the means are near these minima",
        clusters.near(means).mean(),
        RELIABLE,
        "share of pairs within r",
    )
