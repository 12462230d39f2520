"""What can be said of the sensitivity of Figs 1 to 3, as claims."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sims.analysis.measures import RELIABLE

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
        Claim.at_most(
            "with the constants as they are every claim of Figs 1 to 3 holds",
            int((~result["before_holds"]).sum()),
            0,
            "claims that fail",
        ),
        *(_most_remain(result, constant) for constant in result["constant"].values.tolist()),
        *_sizes(result),
        *_couplings(result),
    ]


def _most_remain(result: xr.Dataset, constant: str) -> Claim:
    """Claim that most claims survive a change of one constant, in either direction."""
    shares = result["holds"].sel(constant=constant).mean("claim").values.tolist()
    counts = ", ".join(
        f"{share:.2f} at {_percent(by)}"
        for by, share in zip(result["change"].values.tolist(), shares, strict=True)
    )
    return Claim.above(
        f"{constant}: most claims still hold after a change, all else unchanged ({counts})",
        min(shares),
        0.5,
        "share of claims, in the worse direction",
    )


def _sizes(result: xr.Dataset) -> list[Claim]:
    present = [constant for constant in result["constant"].values.tolist() if constant in SIZES]
    if not present:
        return []
    return [
        Claim.at_least(
            f"the size of the simulation ({', '.join(present)}) hardly matters",
            float(result["holds"].sel(constant=present).mean()),
            RELIABLE,
            "share of claims that hold after a change",
        )
    ]


def _couplings(result: xr.Dataset) -> list[Claim]:
    """Claim that the couplings must be chosen for the constants, and can be."""
    # The ladder does not depend on the figure's own couplings, so k says nothing here.
    others = result.sel(constant=[name for name in result["constant"].values if name != "k"])
    broken = ~others["holds"].all("claim")
    best = others["found"].max("ladder")
    missed = [
        f"{constant} {_percent(by)}: {best.sel(constant=constant, change=by).item():.2f}"
        for constant in others["constant"].values.tolist()
        for by in others["change"].values.tolist()
        if best.sel(constant=constant, change=by) < RELIABLE
    ]
    return [
        Claim.above(
            "the couplings belong to the constants: left as they are, some claim fails after most "
            "changes",
            float(broken.mean()),
            0.5,
            "share of changes",
        ),
        Claim.at_least(
            "chosen anew, some coupling finds the minimum reliably in the setting of Figure 1 "
            f"after nearly every change (not after {'; '.join(missed) or 'none'})",
            float(np.mean(best >= RELIABLE)),
            RELIABLE,
            "share of changes",
        ),
    ]


def _percent(by: float) -> str:
    return f"{'+' if by > 0 else '−'}{100 * abs(by):.0f}%"
