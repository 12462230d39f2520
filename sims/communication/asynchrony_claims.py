"""What agents that take turns gain over agents that exchange all at once, as claims."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import Measured, interval_of
from sims.shared.verdicts import bound_broken, equal, range_of

ALIKE = 0.15
"""By how much the shares of two kinds may differ where they are called alike."""


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what turns do, checked."""
    return [*_borders(result), *_moments(result), *_wells(result)]


def _borders(result: xr.Dataset) -> list[Claim]:
    ratio = (result["border"] / result["matrix"]).values
    together, turns = (
        result["border"].sel(border_kind=kind).values for kind in ("synchronous", "asynchronous")
    )
    p = result["agents"].values
    return [
        Claim.at_most(
            f"the simulated border of α is that of the matrix of a period, at each of {ratio.size} "
            f"(kind, p) (simulated / exact {ratio.min():.5f} to {ratio.max():.5f})",
            float(np.abs(ratio - 1).max()),
            float(result["band_of_border"]),
            "largest |simulated / exact − 1|",
        ),
        Claim.at_most(
            f"all at once, agents bear less than α = 2/p (pα at the border {range_of(p * together)})",
            float((p * together).max()),
            2.0,
            "largest pα at the border",
        ),
        Claim.at_least(
            f"in turn they bear α = 1, with which an agent goes all the way, whatever p "
            f"({range_of(turns)})",
            float(turns.min()),
            1.0,
            "least α at the border",
        ),
    ]


def _moments(result: xr.Dataset) -> list[Claim]:
    found = [
        equal(
            f"the {words} at the end of a period is that of the exact moments",
            Measured.read(result, name),
            result[f"exact_{name}"].values,
            float(result[band]),
        )
        for name, words, band in (
            ("mean", "mean square of the mean", "band_of_mean"),
            ("quorum", "mean square of the centre", "band_of_mean"),
            ("spread", "spread", "band"),
        )
    ]
    together, turns = (
        result.isel(setting=(result["kind"] == kind).values)
        for kind in ("synchronous", "asynchronous")
    )
    noise = [Measured.read(runs, "quorum") for runs in (together, turns)]
    last = np.array([-1])
    return [
        *found,
        bound_broken(
            "the centre is the less noisy of the two where agents take turns: at α = "
            f"{together['moving_rate'].values[-1]:g} all at once make it "
            f"{noise[0].value[-1] / noise[1].value[-1]:.1f} times as noisy",
            noise[0].at(last),
            noise[1].upper()[last],
        ),
        bound_broken(
            "and agents that take turns spread more: an exchange waits for the others "
            f"({range_of(turns['spread'].values / together['spread'].values)} times as much)",
            Measured.read(turns, "spread"),
            Measured.read(together, "spread").upper(),
        ),
    ]


def _wells(result: xr.Dataset) -> list[Claim]:
    """Claim what that is good for."""
    near, taken = result["near"], result["taken"]
    both = taken.all("well_kind").values
    together, turns = (near.sel(well_kind=kind) for kind in ("synchronous", "asynchronous"))
    limits = [
        interval_of(
            lambda a, b: float(a.mean() - b.mean()),
            turns.isel(well_rate=index),
            together.isel(well_rate=index),
        )
        for index in np.flatnonzero(both)
    ]
    off = max(max(-low, high) for low, high in limits)
    best = {
        kind: int(
            np.where(
                taken.sel(well_kind=kind), near.sel(well_kind=kind).mean("replica"), -1
            ).argmax()
        )
        for kind in ("synchronous", "asynchronous")
    }
    one = turns.isel(well_rate=best["asynchronous"])
    other = together.isel(well_rate=best["synchronous"])
    low, high = interval_of(lambda a, b: float(a.mean() - b.mean()), one, other)
    return [
        Claim.at_most(
            "on the wells both find the minimum alike, as far as both are stable",
            off,
            ALIKE,
            "largest 99.9% limit of a difference of shares of replicas",
            estimate=float(
                abs(turns.mean("replica") - together.mean("replica")).values[both].max()
            ),
            interval=(0.0, off),
        ),
        Claim.above(
            "on the wells agents that take turns find it more often, with a coupling that the others "
            f"do not bear (α = {float(one['well_rate']):g}: {one.mean().item():.2f} of replicas; all at "
            f"once at best {other.mean().item():.2f}, at α = {float(other['well_rate']):g})",
            low,
            0.0,
            "lower 99.9% limit of the difference of the best shares",
            estimate=float(one.mean() - other.mean()),
            interval=(low, high),
        ),
    ]
