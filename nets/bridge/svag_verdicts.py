"""Whether averages of SGD are those of its SDE: the verdict of SVAG for each learning rate."""

from typing import NamedTuple

import numpy as np
import xarray as xr

from nets.bridge.configuration import FEWEST
from sdeopt.experiment import Claim
from sdeopt.measured import Array, Measured

__all__ = ["Gaps", "gaps", "svag_claims"]

WORDS = {"loss": "loss", "accuracy": "test accuracy", "distance": "distance from the start"}


class Gaps(NamedTuple):
    """Differences from the most parts l, as shares of the value there.

    Parameters
    ----------
    value, reach : numpy.ndarray
        Of shape (rate, parts − 1); the reach of the confidence limits takes in both errors.
    """

    value: Array
    reach: Array


def gaps(result: xr.Dataset, name: str) -> Gaps:
    """Return how an average differs from that nearest to the SDE.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.bridge.simulation.measured`.
    name : str
        One of `nets.bridge.svag.STATISTICS`.

    Returns
    -------
    Gaps
        For every l but the largest.
    """
    runs = result[f"svag_{name}"].transpose("rate", "parts", "replica")
    found = Measured.of(runs.values, fewest=FEWEST)
    value, reach, limit = found.value, found.reach(), found.value[:, -1:]
    both = np.hypot(reach[:, :-1], reach[:, -1:])
    return Gaps((value[:, :-1] - limit) / limit, both / limit)


def svag_claims(result: xr.Dataset) -> list[Claim]:
    """Return for every learning rate whether the SDE limit holds, and whether l was large enough.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.bridge.simulation.measured`.

    Returns
    -------
    list of Claim
        Two for each rate. Claims of equality hold when all confidence limits are in the band.
    """
    found, band = {name: gaps(result, name) for name in WORDS}, float(result["band"])
    parts = result["parts"].values
    claims = []
    for row, rate in enumerate(result["rate"].values):
        claims += [
            Claim.at_most(
                f"η = {rate:g}: the SDE limit holds: SGD and SVAG with l = {parts[-1]} differ by "
                f"{_listed(found, row, 0)}",
                _farthest(found, row, 0),
                band,
                "largest |99.9% confidence limit|",
            ),
            Claim.at_most(
                f"η = {rate:g}: SVAG has come to its limit: l = {parts[-2]} and {parts[-1]} differ by "
                f"{_listed(found, row, -1)}",
                _farthest(found, row, -1),
                band,
                "largest |99.9% confidence limit|",
            ),
        ]
    return claims


def _listed(found: dict[str, Gaps], row: int, place: int) -> str:
    return ", ".join(
        f"{100 * each.value[row, place]:+.1f} ± {100 * each.reach[row, place]:.1f}% in {WORDS[name]}"
        for name, each in found.items()
    )


def _farthest(found: dict[str, Gaps], row: int, place: int) -> float:
    return max(
        float(np.abs(each.value)[row, place] + each.reach[row, place]) for each in found.values()
    )
