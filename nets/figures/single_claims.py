"""What Sec. 6.2 states of single agents, as claims."""

import numpy as np
import xarray as xr

from nets.figures.judging import judge_of, percent
from sdeopt.experiment import Claim

NEARLY = 0.9
"""The share of settings that is nearly all: the paper's table has 23 of 24."""


def least(result: xr.Dataset, name: str) -> xr.DataArray:
    """Return the least test loss or test error of every run over its epochs."""
    tested = result.sel(part="test")
    values = tested["loss"] if name == "loss" else 1 - tested["accuracy"]
    return values.min("epoch")


def often_better(result: xr.Dataset, better: str, worse: str, words: str) -> Claim:
    """Claim that one method ends with more test examples right than another, over the rates."""
    tested = result["accuracy"].sel(part="test").isel(epoch=-1, momentum=0)
    high, low = (
        tested.sel(optimizer=name).mean("learning_rate").values for name in (better, worse)
    )
    rates = result["learning_rate"].values.tolist()
    each = (tested.sel(optimizer=better) - tested.sel(optimizer=worse)).mean("run").values
    listed = ", ".join(
        f"{100 * gain:+.2f} at η = {rate:g}" for rate, gain in zip(rates, each, strict=True)
    )
    return judge_of(result).rises(
        f"{words}: {percent(high.mean())} of the test examples against {percent(low.mean())}, "
        f"averaged over the learning rates (points: {listed})",
        low,
        high,
    )


def best_nearly_everywhere(result: xr.Dataset, best: str, others: list[str]) -> Claim:
    """Claim that a method has the least test error at nearly all settings."""
    errors = least(result, "error")
    average = errors.mean("run")
    ours, theirs = average.sel(optimizer=best, drop=True), average.sel(optimizer=others)
    wins = (ours < theirs.min("optimizer")).values
    second = errors.sel(optimizer=theirs.idxmin("optimizer"))
    gap = second.drop_vars("optimizer") - errors.sel(optimizer=best, drop=True)
    runs = gap.transpose("run", ...).values
    reach = judge_of(result).reach(runs)
    sure, possible = (runs.mean(axis=0) + side * reach > 0 for side in (-1, 1))
    return Claim.at_least(
        f"{best} has a smaller least test error than {' and '.join(others)} at nearly all "
        f"settings, averaged over the runs: {int(wins.sum())} of {wins.size}",
        float(np.mean(wins)),
        NEARLY,
        "share of settings",
        interval=(float(np.mean(sure)), float(np.mean(possible))),
    )


def best_at_own_rate(grid: xr.Dataset, better: str, worse: str) -> Claim:
    """Claim that a method tests better, each at the rate and the epoch of its best validation loss."""
    tested, words = [], []
    for name in (worse, better):
        own = grid.sel(optimizer=name).isel(momentum=0)
        held = own["loss"].sel(part="validation")
        means = held.mean("run").min("epoch")
        rate = float(means.fillna(np.inf).idxmin("learning_rate"))
        runs = own.sel(learning_rate=rate)
        best = runs["loss"].sel(part="validation").fillna(np.inf).argmin("epoch")
        tested.append(runs["accuracy"].sel(part="test").isel(epoch=best).values)
        words.append(f"{name} at η = {rate:g}")
    return judge_of(grid).higher(
        f"each at its own best learning rate and epoch by validation loss, {better} tests better "
        f"than {worse}: {words[1]}, {words[0]}",
        *tested,
    )


def better_along_rates(grid: xr.Dataset, better: str, worse: str) -> list[Claim]:
    """Claim that a method tests better at the end, at each learning rate."""
    tested = grid["accuracy"].sel(part="test").isel(epoch=-1, momentum=0)
    return [
        judge_of(grid).higher(
            f"η = {rate:g}: {better} tests better than {worse}",
            *(tested.sel(optimizer=name, learning_rate=rate).values for name in (worse, better)),
        )
        for rate in grid["learning_rate"].values.tolist()
    ]
