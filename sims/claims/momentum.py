"""What Sec. 4.3 says of Figure 3, as claims: what momentum changes in Figure 1."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sims.analysis.measures import RELIABLE, Array, Basins, rise, share_within
from sims.claims.rugged import unreliable_mean, wide_mean
from sims.claims.uncoupled import surplus

__all__ = ["at_centre", "in_two_basins"]

BOTH = 0.05
"""The least share of means in a basin that counts as one of two: a tail of `width`."""


def at_centre(panel: xr.Dataset, uncoupled: xr.Dataset, basins: Basins) -> list[Claim]:
    """Claim that agents are localized around the centre, but not around the deep minima.

    Parameters
    ----------
    panel, uncoupled : xarray.Dataset
        A small coupling, and the coupling 0.
    basins : Basins
        Of the convolved loss.

    Returns
    -------
    list of Claim
        Five.
    """
    k, reach = panel["coupling"].item(), float(panel["reach"])
    agents, start = panel["agents"].values, uncoupled["agents"].values
    # The centre is the middle third of [-3, 3], where the agents start.
    before, after = (np.mean(np.abs(sample) <= 1.0, axis=1) for sample in (start, agents))
    left, right = deep = basins.minima[list(basins.two_deepest)]
    near_either = sum(share_within(panel["mean"], place, reach) for place in deep)
    return [
        Claim.at_least(
            f"k = {k:g}: the agents are more localized around the centre (share in [−1, 1]: "
            f"{before.mean():.3f} at k = 0, {after.mean():.3f} here)",
            rise(before, after),
            3.0,
            "difference / its standard error",
        ),
        *(
            Claim.at_most(
                f"k = {k:g}: but not around the deep minimum at {place:.2f}, less so than at k = 0",
                surplus(agents, place, (left, right), reach),
                surplus(start, place, (left, right), reach),
                "density there / elsewhere in the range",
            )
            for place in deep
        ),
        Claim.at_most(
            f"k = {k:g}: the mean is at the centre",
            abs(np.median(panel["mean"])),
            reach,
            "|median|",
        ),
        Claim.at_most(
            f"k = {k:g}: the mean is at neither of the two deepest minima",
            near_either,
            1.0 - RELIABLE,
            "share of replicas near one",
        ),
    ]


def in_two_basins(panel: xr.Dataset, uncoupled: xr.Dataset, basins: Basins) -> list[Claim]:
    """Claim that agents and mean are on the two deepest minima, too widely to be reliable.

    Parameters
    ----------
    panel, uncoupled : xarray.Dataset
        A middle coupling, and the coupling 0.
    basins : Basins
        Of the convolved loss.

    Returns
    -------
    list of Claim
        Six.
    """
    k, reach = panel["coupling"].item(), float(panel["reach"])
    agents, mean = panel["agents"].values, panel["mean"].values
    pair = basins.two_deepest
    held = [float(np.mean(basins.number(mean) == one)) for one in pair]
    before, after = (
        _near_either(one["agents"].values, basins, reach) for one in (uncoupled, panel)
    )
    return [
        Claim.at_least(
            f"k = {k:g}: the agents are localized on the two deepest minima of the convolved loss "
            f"(share near one: {before.mean():.3f} at k = 0, {after.mean():.3f} here)",
            rise(before, after),
            3.0,
            "difference / its standard error",
        ),
        Claim.at_least(
            f"k = {k:g}: the agents are in the basins of these two",
            float(np.mean(np.isin(basins.number(agents), pair))),
            RELIABLE,
            "share of agents",
        ),
        Claim.at_least(f"k = {k:g}: and so is the mean", sum(held), RELIABLE, "share of replicas"),
        Claim.at_least(
            f"k = {k:g}: it is found in both basins",
            min(held),
            BOTH,
            "share of replicas, in the rarer one",
        ),
        wide_mean(panel),
        unreliable_mean(panel, basins),
    ]


def _near_either(agents: Array, basins: Basins, reach: float) -> Array:
    """Return the share of agents near one of the two deepest minima, in every replica."""
    deep = basins.minima[list(basins.two_deepest)]
    near: Array = np.mean(np.abs(agents[..., None] - deep).min(axis=-1) <= reach, axis=1)
    return near
