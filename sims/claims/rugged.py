"""What Sec. 4.3 says about coupled agents on the rugged loss, as claims.

`sims.analysis.measures` has the conventions; the claims on uncoupled agents are in
`sims.claims.uncoupled`.
"""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sims.analysis.measures import RELIABLE, Basins, rise, share_in_ripples, share_within, width

__all__ = ["gathered", "near_start", "settled", "stuck", "unreliable_mean", "wide_mean"]


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
    k, agents = panel["coupling"].item(), panel["agents"].values
    shares = basins.in_inner_half(agents).mean(axis=1)
    before = basins.in_inner_half(uncoupled["agents"]).mean(axis=1)
    return [
        Claim.at_least(
            f"k = {k:g}: the agents gather in the wide basins of the convolved loss (share in the "
            f"inner halves of the basins: {before.mean():.3f} at k = 0, {shares.mean():.3f} here)",
            rise(before, shares),
            3.0,
            "difference / its standard error",
        ),
        Claim.at_most(
            f"k = {k:g}: the agents avoid the sharp minima of the true loss",
            share_in_ripples(agents, panel["ripple_frequency"].item()),
            0.75,
            "share in the lower halves of ripples (indifferent 0.5, all 1)",
        ),
        wide_mean(panel),
        unreliable_mean(panel, basins),
    ]


def wide_mean(panel: xr.Dataset) -> Claim:
    """Claim that the law of the mean is wide.

    Parameters
    ----------
    panel : xarray.Dataset
        A coupling that is too small for a sharp mean.

    Returns
    -------
    Claim
        On its width.
    """
    return Claim.above(
        f"{_coupling(panel)}: the law of the mean is still wide",
        width(panel["mean"]),
        2 * float(panel["reach"]),
        "width",
    )


def unreliable_mean(panel: xr.Dataset, basins: Basins) -> Claim:
    """Claim that the mean finds the global minimum in some replicas at most.

    Parameters
    ----------
    panel : xarray.Dataset
        A coupling that is too small for reliable convergence.
    basins : Basins
        Of the convolved loss.

    Returns
    -------
    Claim
        On the share of replicas that end within reach of it.
    """
    return Claim.at_most(
        f"{_coupling(panel)}: the mean does not find the global minimum reliably",
        share_within(panel["mean"], basins.minima[basins.deepest], float(panel["reach"])),
        RELIABLE,
        "share of replicas near it",
    )


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
            share_in_ripples(agents, panel["ripple_frequency"].item()),
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


def stuck(panel: xr.Dataset, best: float, basins: Basins, case: str | None = None) -> list[Claim]:
    """Claim that the mean finds the minimum less often, because it stays near its start.

    Parameters
    ----------
    panel : xarray.Dataset
        A large coupling.
    best : float
        The share of replicas that find the minimum at the best coupling.
    basins : Basins
        Of the convolved loss.
    case : str, optional
        What the panel is, where the coupling alone does not say it.

    Returns
    -------
    list of Claim
        Two.
    """
    place, reach = basins.minima[basins.deepest], float(panel["reach"])
    return [
        Claim.at_most(
            f"{case or _coupling(panel)}: worse again, the mean finds the global minimum less than "
            "half as often as at the best coupling",
            share_within(panel["mean"], place, reach),
            0.5 * best,
            "share of replicas near it",
        ),
        near_start(panel, basins, case),
    ]


def near_start(panel: xr.Dataset, basins: Basins, case: str | None = None) -> Claim:
    """Claim that the mean stays near its start.

    Parameters
    ----------
    panel : xarray.Dataset
        A large coupling.
    basins : Basins
        Of the convolved loss.
    case : str, optional
        What the panel is, where the coupling alone does not say it.

    Returns
    -------
    Claim
        On the share of replicas that end less than half a basin from it.
    """
    half_basin = 0.5 * basins.narrowest
    return Claim.at_least(
        f"{case or _coupling(panel)}: the mean stays near its start, within half a basin "
        f"({half_basin:.2f})",
        share_within(panel["mean"], panel["start"], half_basin),
        RELIABLE,
        "share of replicas",
    )


def _coupling(panel: xr.Dataset) -> str:
    return f"k = {panel['coupling'].item():g}"
