"""What can be said of the sensitivity of Figs 1 to 3, as claims."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sims.analysis.measures import RELIABLE
from sims.claims import changes

__all__ = ["claims"]

SIZES = ("p", "steps", "start")
"""How much is simulated and from where, rather than what."""


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what becomes of Figs 1 to 3 when one constant is changed, as claims.

    Parameters
    ----------
    result : xarray.Dataset
        From `sims.sensitivity.simulate`, or read back from its file.

    Returns
    -------
    list of Claim
        Before a change; for each constant; and on the couplings.
    """
    return [
        changes.all_hold(result, "Figs 1 to 3"),
        *changes.most_remain(result),
        *changes.sizes(result, SIZES),
        changes.couplings_belong(result),
        _can_be_chosen(result),
    ]


def _can_be_chosen(result: xr.Dataset) -> Claim:
    """Claim that good couplings can be found for the constants."""
    # The ladder does not depend on the figure's own couplings, so k says nothing here.
    others = changes.without_couplings(result)
    best = others["found"].max("ladder")
    missed = [
        f"{constant} {changes.percent(by)}: {best.sel(constant=constant, change=by).item():.2f}"
        for constant in others["constant"].values.tolist()
        for by in others["change"].values.tolist()
        if best.sel(constant=constant, change=by) < RELIABLE
    ]
    return Claim.at_least(
        "chosen anew, some coupling finds the minimum reliably in the setting of Figure 1 "
        f"after nearly every change (not after {'; '.join(missed) or 'none'})",
        float(np.mean(best >= RELIABLE)),
        RELIABLE,
        "share of changes",
    )
