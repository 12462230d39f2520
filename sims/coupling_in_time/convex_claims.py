"""What Secs 5.1 and 5.2 say of couplings that vary, on strongly convex losses, as claims."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import Measured
from sims.coupling_in_time.convex import LATE, LEAST, MOST, TOO_LARGE
from sims.shared.grids import of_family, part
from sims.shared.verdicts import bound_broken, bound_holds, range_of

THEOREMS = {
    "QSGD": ("Sec. 5.1", "Theorem 5.1", "k(x•, t)"),
    "EASGD": ("Sec. 5.2", "Theorem 5.2", "k(x~, t)"),
}


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what the theorems say, for each method, checked."""
    table = part(result, "convex")
    found = []
    for method in THEOREMS:
        runs = table.isel(setting=(table["method"] == method).values)
        found += [*_wandering(runs, method), *_rising(runs, method)]
    return found


def _staged(runs: xr.Dataset, stage: str) -> xr.Dataset:
    return runs.isel(setting=(runs["stage"] == stage).values)


def _wandering(runs: xr.Dataset, method: str) -> list[Claim]:
    """Claim that the theorem holds with the least k, and that k does vary."""
    where, theorem, coupling = THEOREMS[method]
    runs = _staged(runs, "throughout")
    flat = of_family(runs, "round quadratic")
    spread, square = Measured.read(runs, "spread"), Measured.read(flat, "square")
    return [
        bound_holds(
            f"{where}: {theorem} holds with {coupling}, which depends on state and time, and the least "
            f"k in it; bound / measured {range_of(runs['bound'] / runs['distance'])}",
            Measured.read(runs, "distance"),
            runs["bound"],
        ),
        bound_holds(
            f"{where}: so does Lemma 3.1 with {coupling}; bound / measured "
            f"{range_of(runs['spread_bound'] / runs['spread'])}",
            spread,
            runs["spread_bound"],
        ),
        bound_broken(
            f"control: with the largest k, {MOST:g}, Lemma 3.1 would be broken for {coupling}",
            spread.per(TOO_LARGE),
            runs["spread_at_most"],
        ),
        bound_broken(
            f"control: with half of C the noise term would be broken for x• with {coupling} on f = ½x², "
            "where there is no distortion, for mean squares",
            square.per(TOO_LARGE),
            flat["noise_term"] ** 2 / 2,
        ),
    ]


def _rising(runs: xr.Dataset, method: str) -> list[Claim]:
    """Claim that with k rising the first term becomes small, so that the noise term alone is left."""
    where, theorem, _ = THEOREMS[method]
    before, after = (_staged(runs, stage) for stage in ("before", "after"))
    both = runs.isel(setting=np.isin(runs["stage"], ["before", "after"]))
    apart = Measured.read(after, "apart")
    words = f"{where}, k(t) rising from {LEAST:g} to {LATE:g} ({method})"
    return [
        bound_holds(
            f"{words}: {theorem} holds before with the early k, and after with the late one",
            Measured.read(both, "distance"),
            both["bound"],
        ),
        bound_holds(
            f"{words}: what the first term bounds, the distance to a single agent with the average "
            f"noise, falls to less than half (from {before['apart'].item():.3f} to "
            f"{after['apart'].item():.3f})",
            apart,
            Measured.read(before, "apart").lower() / 2,
        ),
        bound_broken(
            f"{words}: before, the noise term alone is too little for x•",
            Measured.read(before, "mean").per(np.sqrt(TOO_LARGE)),
            before["noise_term"],
        ),
        bound_holds(
            f"{words}: after it is enough, as for averaged noise without any distortion",
            Measured.read(after, "mean"),
            after["noise_term"],
        ),
    ]
