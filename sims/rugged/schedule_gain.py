"""What a falling step size gains around the minima of the smoothed loss: Figs 2(a) and (b)."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sims.shared.measures import RELIABLE, Basins, rises, sampled
from sims.shared.panels import coupling_of, panels


def way_gained(panel: xr.Dataset) -> float:
    """Return how much of the way to the least loss the mean gains by the schedule."""
    x, f = panel["position"].values, panel["loss"].values
    constant, halved = (np.interp(panel[name], x, f).mean() for name in ("constant_mean", "mean"))
    return float((constant - halved) / (constant - f.min()))


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
        ),
    ]


def _mean_improves(panel: xr.Dataset, basins: Basins) -> Claim:
    """Claim that the improvement is one of the mean too: some more find the global minimum."""
    before, after = (
        basins.number(panel[name].values) == basins.deepest for name in ("constant_mean", "mean")
    )
    return sampled(
        Claim.above,
        f"{coupling_of(panel)}: and it is an improvement of where the mean ends, too: more means are in "
        "the basin of the global minimum (inside their basins they come nearer to the minimum: their "
        f"loss by {way_gained(panel):.2f} of the way to the least)",
        lambda one, other: float(other.mean() - one.mean()),
        [before, after],
        0.0,
        "difference of shares",
    )
