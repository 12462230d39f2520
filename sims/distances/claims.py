"""Claims that the comparisons of Theorems 5.2 and 5.3 share: bounds, terms, exact values, looseness."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import Measured
from sims.shared.drawing import range_of
from sims.shared.grids import of_family, part
from sims.shared.verdicts import bound_broken, bound_holds, equal


def holds(result: xr.Dataset, words: str, name: str, bound: str) -> Claim:
    """Claim that a bound holds at every setting."""
    runs = result.isel(setting=(result[bound] > 0).values)
    return bound_holds(
        f"{words}; bound / measured {range_of(runs[bound] / runs[name])}",
        Measured.read(runs, name),
        runs[bound],
        runs["bias"],
    )


def terms_hold(result: xr.Dataset, distortion: str, noise: str) -> list[Claim]:
    """Claim that each term covers its own distance, in the paper's form and sharpened."""
    single, found = part(result, "single"), []
    for name, term, words in (("apart", "distortion", distortion), ("alone", "noise", noise)):
        for kind, column in (("", f"{term}_bound"), (", in the best metric", f"sharp_{term}")):
            found.append(holds(single, f"its {term} term{kind}: {words}", name, column))
    return found


def exact_values(result: xr.Dataset, columns: Mapping[str, str]) -> list[Claim]:
    """Claim that what is measured on quadratics is exact."""
    known = result.isel(setting=np.isfinite(result["exact"].values))
    found = []
    for name, words in columns.items():
        exact = {"distance": "exact", "square": "exact_square"}.get(name, f"exact_{name}")
        runs = known.isel(setting=(known[exact] > 0).values)
        squared = name in ("square", "spread")
        band = float(result["band"]) * (2 if squared else 1)
        found.append(equal(words, Measured.read(runs, name), runs[exact], band))
    return found


def attained(runs: xr.Dataset, words: str, bound: str) -> Claim:
    """Claim that half the constant C of a bound on a length would be too small for the square."""
    return bound_broken(words, Measured.read(runs, "square"), runs[bound].values ** 2 / 2)


def why_loose(runs: xr.Dataset, words: str, bound: str, other: str, least: float) -> Claim:
    """Claim by what factor one bound is tighter than another where agents are most."""
    most = runs.isel(setting=int(runs["agents"].values.argmax()))
    ratios = [float(most[name] / most["distance"]) for name in (bound, other)]
    return Claim.at_least(
        f"{words} (p = {int(most['agents'])}: bound / measured {ratios[0]:.2f} against "
        f"{ratios[1]:.2f})",
        ratios[0] / ratios[1],
        least,
        "ratio of both bounds",
    )


def factors(result: xr.Dataset, method: str) -> xr.Dataset:
    """Return bound / measured of a method."""
    runs = part(result, method)
    return runs[
        ["agents", "coupling", "step_size", "shown", "single_agents", "single_family"]
    ].assign(
        spread=runs["spread_bound"] / runs["spread"],
        distortion=runs["felt_bound"] / runs["distortion"],
        distance=runs["bound"] / runs["distance"],
        sharp=runs["sharp"] / runs["distance"],
        single_apart=runs["single_distortion_bound"] / runs["single_apart"],
        single_alone=runs["single_noise_bound"] / runs["single_alone"],
    )


def terms(runs: xr.Dataset, family: str = "log-cosh") -> xr.Dataset:
    """Return the terms on one loss, along ``setting`` under short names."""
    single = part(runs.rename({str(runs["single_agents"].dims[0]): "single_setting"}), "single")
    return of_family(single, family)
