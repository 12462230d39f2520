"""What can be said of any figures when one of their constants is changed, as claims.

Shares of claims count those whose numbers are as asked. A claim that its sample leaves undecided may
hold or not, so the interval of a share is between counting all such claims as contradicted and counting
them as holding. What is decided is so at the level of the figures, 99.9%.
"""

from collections.abc import Callable, Sequence

import xarray as xr

from sdeopt.experiment import Claim
from sims.shared.measures import RELIABLE

REMAIN = "most claims still hold after a change"
"""Words of the claim on each constant."""


def after_changes(result: xr.Dataset, figures: str, names: Sequence[str]) -> list[Claim]:
    """Claim how far the statements on some figures depend on their constants."""
    return [
        _all_hold(result, figures),
        # Most survive a change of one constant,
        *_most_remain(result),
        *_sizes(result, names),
        # but not all of them, with the same couplings.
        _couplings_belong(result),
    ]


def headline(figures: str) -> Callable[[Sequence[Claim]], str]:
    """Return what is to be said of some figures wherever their claims are counted."""

    def words(claims: Sequence[Claim]) -> str:
        """Return the least share of claims that any constant leaves."""
        least = min((claim for claim in claims if REMAIN in claim.claim), key=lambda one: one.value)
        constant = least.claim.partition(":")[0]
        return (
            f"Of the claims of {figures}, {100 * least.value:.0f}% hold after the worst change of one "
            f"constant, {constant}, all else unchanged."
        )

    return words


def _all_hold(result: xr.Dataset, figures: str) -> Claim:
    """Claim that every claim holds before a change."""
    failing, known = (int((~result[f"before_{name}"]).sum()) for name in ("seems", "holds"))
    return Claim.at_most(
        f"with the constants as they are every claim of {figures} holds",
        failing,
        0,
        "claims whose numbers are not as asked",
        interval=(known - int(result["before_undecided"].sum()), known),
    )


def _may_hold(result: xr.Dataset) -> xr.DataArray:
    """Return which claims are not contradicted."""
    may: xr.DataArray = result["holds"] | result["undecided"]
    return may


def _most_remain(result: xr.Dataset) -> list[Claim]:
    """Claim that most claims survive a change of one constant, in either direction."""
    return [_remain(result, constant) for constant in result["constant"].values.tolist()]


def _remain(result: xr.Dataset, constant: str) -> Claim:
    seem, surely, most = (
        each.sel(constant=constant).mean("claim")
        for each in (result["seems"], result["holds"], _may_hold(result))
    )
    shares = seem.values.tolist()
    counts = ", ".join(
        f"{share:.2f} at {percent(by)}"
        for by, share in zip(result["change"].values.tolist(), shares, strict=True)
    )
    return Claim.above(
        f"{constant}: {REMAIN}, all else unchanged ({counts})",
        min(shares),
        0.5,
        "share of claims, in the worse direction",
        interval=(float(surely.min()), float(most.min())),
    )


def _sizes(result: xr.Dataset, names: Sequence[str]) -> list[Claim]:
    """Claim that it hardly matters how much is simulated and from where."""
    present = [constant for constant in result["constant"].values.tolist() if constant in names]
    if not present:
        return []
    return [
        Claim.at_least(
            f"the size of the simulation ({', '.join(present)}) hardly matters",
            float(result["seems"].sel(constant=present).mean()),
            RELIABLE,
            "share of claims that hold after a change",
            interval=(
                float(result["holds"].sel(constant=present).mean()),
                float(_may_hold(result).sel(constant=present).mean()),
            ),
        )
    ]


def _couplings_belong(result: xr.Dataset) -> Claim:
    """Claim that couplings must be chosen for the constants."""
    others = without_couplings(result)
    broken, likely, surely = (
        ~each.all("claim") for each in (others["holds"], others["seems"], _may_hold(others))
    )
    return Claim.above(
        "the couplings belong to the constants: left as they are, some claim fails after most "
        "changes",
        float(likely.mean()),
        0.5,
        "share of changes",
        interval=(float(surely.mean()), float(broken.mean())),
    )


def without_couplings(result: xr.Dataset) -> xr.Dataset:
    """Return the changes of all constants but the couplings themselves."""
    return result.sel(constant=[name for name in result["constant"].values if name != "k"])


def percent(by: float) -> str:
    """Return a change in words."""
    return f"{'+' if by > 0 else '−'}{100 * abs(by):.0f}%"
