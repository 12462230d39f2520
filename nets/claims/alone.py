"""What Sec. 6.2 says of single agents at several learning rates and momenta, as claims."""

import numpy as np
import xarray as xr

from nets.claims.differences import CLEAR, percent, rise
from sdeopt.experiment import Claim

__all__ = ["best_nearly_everywhere", "least", "often_better"]

NEARLY = 0.9
"""The share of settings that is nearly all: the paper's table has 23 of 24."""


def least(result: xr.Dataset, name: str) -> xr.DataArray:
    """Return the least test loss or test error of every run over its epochs.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.alone.alone_at`.
    name : {"loss", "error"}
        Which.

    Returns
    -------
    xarray.DataArray
        Along ``optimizer``, ``learning_rate``, ``momentum`` and ``run``.
    """
    tested = result.sel(part="test")
    values = tested["loss"] if name == "loss" else 1 - tested["accuracy"]
    return values.min("epoch")


def often_better(result: xr.Dataset, better: str, worse: str, words: str) -> Claim:
    """Claim that one method ends with more test examples right than another, over the rates.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.alone.alone_at`, at one momentum.
    better, worse : str
        The methods.
    words : str
        The claim.

    Returns
    -------
    Claim
        On the difference averaged over the learning rates, run by run.
    """
    tested = result["accuracy"].sel(part="test").isel(epoch=-1, momentum=0)
    high, low = (
        tested.sel(optimizer=name).mean("learning_rate").values for name in (better, worse)
    )
    rates = result["learning_rate"].values.tolist()
    each = (tested.sel(optimizer=better) - tested.sel(optimizer=worse)).mean("run").values
    listed = ", ".join(
        f"{100 * gain:+.2f} at η = {rate:g}" for rate, gain in zip(rates, each, strict=True)
    )
    return Claim.at_least(
        f"{words}: {percent(high.mean())} of the test examples against {percent(low.mean())}, "
        f"averaged over the learning rates (points: {listed})",
        rise(low, high),
        CLEAR,
        "difference / its standard error",
    )


def best_nearly_everywhere(result: xr.Dataset, best: str, others: list[str]) -> Claim:
    """Claim that a method has the least test error at nearly all settings.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.alone.alone_at`.
    best : str
        The method.
    others : list of str
        Those it is compared with.

    Returns
    -------
    Claim
        On the share of settings.
    """
    error = least(result, "error").mean("run")
    wins = (
        error.sel(optimizer=best, drop=True) < error.sel(optimizer=others).min("optimizer")
    ).values
    return Claim.at_least(
        f"{best} has a smaller least test error than {' and '.join(others)} at nearly all "
        f"settings, averaged over the runs: {int(wins.sum())} of {wins.size}",
        float(np.mean(wins)),
        NEARLY,
        "share of settings",
    )
