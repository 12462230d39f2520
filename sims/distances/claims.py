"""Claims that the comparisons of Theorems 5.1 to 5.3 share: terms, exact values, looseness."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import Measured
from sims.shared.grids import part
from sims.shared.verdicts import bound_broken, column_bounded, equal


def terms_bounded(result: xr.Dataset, distortion: str, noise: str) -> list[Claim]:
    """Claim that each term covers its own distance, in the paper's form and sharpened."""
    single, found = part(result, "single"), []
    for name, term, words in (("apart", "distortion", distortion), ("alone", "noise", noise)):
        for kind, column in (("", f"{term}_term"), (", in the best metric", f"sharp_{term}")):
            found.append(column_bounded(single, f"its {term} term{kind}: {words}", name, column))
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


def square_above_half(runs: xr.Dataset, words: str, bound: str) -> Claim:
    """Claim that half the constant C of a bound on a length would be too small for the square."""
    return bound_broken(words, Measured.read(runs, "square"), runs[bound].values ** 2 / 2)


def tighter(runs: xr.Dataset, words: str, bound: str, other: str, least: float) -> Claim:
    """Claim by what factor another bound is tighter than one, where agents are most.

    Both are of one distance, which cancels: the number is exact and has no interval.
    """
    most = runs.isel(setting=int(runs["agents"].values.argmax()))
    ratios = [float(most[name] / most["distance"]) for name in (bound, other)]
    return Claim.at_least(
        f"{words} (p = {int(most['agents'])}: bound / measured {ratios[0]:.2f} against "
        f"{ratios[1]:.2f})",
        float(most[bound] / most[other]),
        least,
        "ratio of both bounds, exact",
    )
