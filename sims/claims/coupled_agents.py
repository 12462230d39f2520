"""What Sec. 4.3 says about the agents on the coupled loss, as claims (see `sims.claims.coupled`)."""

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from sdeopt.experiment import Claim
from sims.analysis.coordinate_pairs import Clusters, least_density
from sims.analysis.measures import RELIABLE, rise

__all__ = ["denser", "more_stragglers", "tighter", "uniform"]


def uniform(agents: ArrayLike, clusters: Clusters) -> list[Claim]:
    """Claim that agents are uniform across parameter space.

    Parameters
    ----------
    agents : array_like
        At k = 0.
    clusters : Clusters
        Of the cross section.

    Returns
    -------
    list of Claim
        Two.
    """
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
    """Claim that agents cluster more than without coupling, and still too little.

    Parameters
    ----------
    k : float
        A small coupling.
    agents, uncoupled : array_like
        The agents at this coupling, and at 0.
    clusters : Clusters
        Of the cross section.

    Returns
    -------
    list of Claim
        Two.
    """
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
    """Claim that agents crowd around the four minima more than without coupling.

    Parameters
    ----------
    k : float
        A middle coupling.
    agents, uncoupled : array_like
        The agents at this coupling, and at 0.
    clusters : Clusters
        Of the cross section.

    Returns
    -------
    Claim
        One.
    """
    before, after = clusters.near(uncoupled), clusters.near(agents)
    return Claim.at_least(
        f"k = {k:g}: they crowd around the minima (share of pairs near one: {before.mean():.3f} "
        f"at k = 0, {after.mean():.3f} here)",
        rise(before, after),
        3.0,
        "difference / its standard error",
    )


def more_stragglers(panels: list[xr.Dataset], clusters: Clusters) -> list[Claim]:
    """Claim that of two good couplings, the one with more stragglers has the higher loss.

    Parameters
    ----------
    panels : list of xarray.Dataset
        The two, each with ``agents`` and ``final_loss``, that of the mean.
    clusters : Clusters
        Of the cross section.

    Returns
    -------
    list of Claim
        Two.
    """
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
