"""What can be said of the sensitivity of Figs 4 to 6, as claims."""

import xarray as xr

from sdeopt.experiment import Claim
from sims.claims import changes
from sims.claims.descent import HALFWAY

__all__ = ["claims"]

SIZES = ("p", "n", "steps", "start")
"""How much is simulated and from where, rather than what."""


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what becomes of Figs 4 to 6 when one constant is changed, as claims.

    Parameters
    ----------
    result : xarray.Dataset
        From `sims.sensitivity_coupled.simulate`, or read back from its file.

    Returns
    -------
    list of Claim
        Before a change; for each constant; and on the couplings.
    """
    return [
        changes.all_hold(result, "Figs 4 to 6"),
        *changes.most_remain(result),
        *changes.sizes(result, SIZES),
        changes.couplings_belong(result),
        _inside(result),
        _minimizes(result),
        *_grows_with_the_noise(result),
    ]


def _inside(result: xr.Dataset) -> Claim:
    """Claim that there is a best coupling after every change, and neither none nor the largest."""
    margins = result["margin"].stack(row=("constant", "change"))
    worst = margins[margins.values.argmin()]
    where = f"{worst['constant'].item()} {changes.percent(worst['change'].item())}"
    return Claim.at_least(
        "chosen anew, the best coupling is inside after every change: its loss lies below those of "
        f"both ends (by least at {where})",
        float(worst),
        3.0,
        "smaller difference / its standard error",
    )


def _minimizes(result: xr.Dataset) -> Claim:
    """Claim that the best coupling does what the best one of Figure 4 does."""
    return Claim.at_least(
        "chosen anew, the best coupling minimizes the loss of the mean after every change",
        float(result["covered"].max("ladder").min()),
        HALFWAY,
        "share of the way down, after the worst change",
    )


def _grows_with_the_noise(result: xr.Dataset) -> list[Claim]:
    if "W" not in result["constant"]:
        return []
    less, more = result["best"].sel(constant="W").values.tolist()
    now = result["before_best"].item()
    return [
        Claim.above(
            f"the best coupling grows with the noise: k = {less:g}, {now:g} and {more:g} at W "
            f"{changes.percent(result['change'].values[0])}, as it is and "
            f"{changes.percent(result['change'].values[1])}",
            min(now / max(less, 1e-300), more / max(now, 1e-300)),
            1.0,
            "smaller ratio of two neighbours",
        )
    ]
