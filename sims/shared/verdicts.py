"""Claims about measured numbers beside bounds and exact values, each at 99.9% confidence.

A claim about many settings says that *each* of them is so. It is made when every one, taken alone,
passes its own test at the level 0.001; that the conjunction is claimed wrongly is then no likelier
than 0.001 either, however many settings there are (intersection-union test). It is contradicted when
one setting fails by its limit at 0.001 divided by the number of settings (Bonferroni), so that this
is said wrongly no more often; what lies between is undecided.
"""

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import Measured


def bound_holds(words: str, measured: Measured, bound: ArrayLike, bias: ArrayLike = 0.0) -> Claim:
    """Claim that expectations are at most their bounds."""
    scale = np.asarray(bound)
    ratio = measured.upper() * (1 + np.abs(bias)) / scale
    return Claim.at_most(
        f"{words} ({_settings(ratio)})",
        ratio.max(),
        1.0,
        "largest upper 99.9% confidence limit / bound",
        estimate=(measured.value / scale).max(),
        interval=((measured.lower(measured.together) / scale).max(), ratio.max()),
    )


def column_bounded(runs: xr.Dataset, words: str, name: str, bound: str) -> Claim:
    """Claim that a measured column of a table is at most another, and name the factor between them.

    A column `bias` is the share by which time steps can make what is measured too small. Rows whose
    bound is 0 say nothing and are left out.
    """
    runs = runs.isel(setting=(runs[bound] > 0).values)
    return bound_holds(
        f"{words}; bound / measured {range_of(runs[bound] / runs[name])}",
        Measured.read(runs, name),
        runs[bound].values,
        runs["bias"].values if "bias" in runs else 0.0,
    )


def bound_broken(words: str, measured: Measured, bound: ArrayLike) -> Claim:
    """Claim that expectations are above a wrong bound: what a control must show."""
    scale = np.asarray(bound)
    ratio = measured.lower() / scale
    return Claim.above(
        f"{words} ({_settings(ratio)})",
        ratio.min(),
        1.0,
        "least lower 99.9% confidence limit / wrong bound",
        estimate=(measured.value / scale).min(),
        interval=(ratio.min(), (measured.upper(measured.together) / scale).min()),
    )


def equal(words: str, measured: Measured, exact: ArrayLike, band: float) -> Claim:
    """Claim that expectations equal their exact values up to a share: two one-sided tests."""
    value = np.asarray(exact)
    off = np.maximum(np.abs(measured.upper() / value - 1), np.abs(measured.lower() / value - 1))
    level = measured.together
    least = np.maximum(measured.lower(level) / value - 1, 1 - measured.upper(level) / value)
    return Claim.at_most(
        f"{words} ({_settings(off)}; measured / exact "
        f"{(measured.value / value).min():.4f} to {(measured.value / value).max():.4f})",
        off.max(),
        band,
        "largest |99.9% confidence limit / exact − 1|",
        estimate=np.abs(measured.value / value - 1).max(),
        interval=(max(least.max(), 0.0), off.max()),
    )


def factor_limits(bound: ArrayLike, measured: Measured) -> tuple[NDArray[np.float64], ...]:
    """Return the limits, from below and above, of bound / measured, and the factors between them."""
    scale, least = np.asarray(bound, np.float64), measured.lower()
    above = np.divide(scale, least, out=np.full(scale.shape, np.inf), where=least > 0)
    return scale / measured.upper(), scale / measured.value, above


def range_of(numbers: ArrayLike) -> str:
    """Return the least and the largest of some ratios, for a title or a sentence."""
    values = np.asarray(numbers)
    low, high = f"{values.min():.2f}", f"{values.max():.2f}"
    return low if low == high else f"{low} to {high}"


def _settings(numbers: np.ndarray) -> str:
    return "one setting" if numbers.size == 1 else f"each of {numbers.size} settings"
