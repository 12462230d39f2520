"""What a falling step size gains around the minima of the smoothed loss: Figs 2(a) and (b)."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sims.shared.measures import RELIABLE, Array, Basins, rises, sampled
from sims.shared.panels import coupling_of, panels


def way_gained(panel: xr.Dataset, before: Array, after: Array) -> float:
    """Return how much of the way to the least loss the mean gains by the schedule."""
    x, f = panel["position"].values, panel["loss"].values
    constant, halved = (np.interp(sample, x, f).mean() for sample in (before, after))
    return float((constant - halved) / (constant - f.min()))


def share_moved(before: Array, after: Array, basins: Basins) -> float:
    """Return by how much the share of agents changes in the basin where it changes most."""
    counts = [
        np.bincount(basins.number(sample).ravel(), minlength=len(basins.minima)) / sample.size
        for sample in (before, after)
    ]
    return float(np.abs(counts[1] - counts[0]).max())


def gained(result: xr.Dataset) -> list[Claim]:
    """Claim what the schedule does for convergence around the minima of the smoothed loss.

    "Only slightly" better without coupling, and "again" mildly with little of it.
    """
    basins = Basins.of(result["position"], result["convolved"])
    found = []
    for role, words in (("none", "only slightly"), ("small", "only mildly")):
        for panel in panels(result, role):
            found += _around(panel, basins, words)
    for panel in panels(result, "small"):
        found.append(_mean_improves(panel, basins))
    return found


def _around(panel: xr.Dataset, basins: Basins, words: str) -> list[Claim]:
    """Claim that more agents are near minima of the smoothed loss, but few more."""
    k, reach = coupling_of(panel), float(panel["reach"])
    before, after = (
        (np.abs(panel[name].values[..., None] - basins.minima).min(axis=-1) <= reach).mean(axis=1)
        for name in ("constant_agents", "agents")
    )
    shares = f"share of agents within r of one: {before.mean():.3f} with constant step size, "
    return [
        rises(
            f"{k}: the schedule improves convergence around the minima of the smoothed loss "
            f"({shares}{after.mean():.3f} here)",
            before,
            after,
        ),
        sampled(
            Claim.at_most,
            f"{k}: but {words}, by at most a tenth of the agents",
            lambda one, other: float(other.mean() - one.mean()),
            [before, after],
            1.0 - RELIABLE,
            "difference of shares",
            possible=(-1.0, 1.0),
        ),
    ]


def _mean_improves(panel: xr.Dataset, basins: Basins) -> Claim:
    """Claim that the improvement is one of the mean too: some more find the global minimum."""
    ends = panel["constant_mean"].values, panel["mean"].values
    before, after = (basins.number(mean) == basins.deepest for mean in ends)
    return sampled(
        Claim.above,
        f"{coupling_of(panel)}: and it is an improvement of where the mean ends, too: more means are in "
        "the basin of the global minimum (inside their basins they come nearer to the minimum: their "
        f"loss by {way_gained(panel, *ends):.2f} of the way to the least)",
        lambda one, other: float(other.mean() - one.mean()),
        [before, after],
        0.0,
        "difference of shares",
        possible=(-1.0, 1.0),
    )
