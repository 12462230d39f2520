"""What Sec. 4 states of noise on weights, as claims over the runs."""

from typing import Any

import numpy as np
import xarray as xr

from nets.noise_injection.configuration import (
    ALONE,
    AVERAGED,
    GAUSSIAN,
    LAWS,
    NONE,
    SERIAL,
    UNIFORM,
)
from sdeopt.experiment import Claim
from sdeopt.experiments.resampling import Array, contrasted, median, one_is_higher, rises, spread

WORDS = {SERIAL: "serial", ALONE: "no-sync", AVERAGED: "averaged"}

LAW_WORDS = {UNIFORM: "uniform", GAUSSIAN: "Gaussian"}

CLOSE = 0.02
"""Medians of the accuracy that differ by so much are the same, or close: two points."""

LEVEL = 0.95


def runs_of(
    result: xr.Dataset,
    kind: str,
    agents: int,
    law: str = NONE,
    level: float = 0.0,
    name: str = "accuracy",
    **other: Any,
) -> Array:
    """Return a number of every run of one training; level 0 is the same for all laws."""
    # the first training tells when noise usually comes
    wanted = {"when": result["when"].values[0], "decayed": True} | other
    wanted |= {"kind": kind, "agents": agents, "level": level, "law": law if level else NONE}
    fits = np.ones(result.sizes["plan"], bool)
    for key, value in wanted.items():
        fits &= result[key].values == value
    (place,) = np.flatnonzero(fits)
    return np.asarray(result[name].values[place])


def learners_of(result: xr.Dataset) -> list[int]:
    """Return the numbers of learners that are averaged, rising."""
    return sorted(set(result["agents"].values[result["kind"].values == AVERAGED].tolist()))


def levels_of(result: xr.Dataset) -> list[float]:
    """Return the levels of noise, without 0."""
    return sorted({level for level in result["level"].values.tolist() if level})


def percent(values: Array) -> str:
    """Return the median of accuracies in percent."""
    return f"{100 * float(np.median(values)):.1f}%"


def closer_than_alone(result: xr.Dataset, agents: int) -> list[Claim]:
    """Claim that averaging comes close to the serial model and is better than no synchronization."""
    serial, averaged, alone = (runs_of(result, kind, agents) for kind in (SERIAL, AVERAGED, ALONE))
    medians = (
        f"{percent(averaged)} against {percent(serial)} serial and {percent(alone)} without "
        "synchronization"
    )
    return [
        contrasted(
            f"m = {agents}, without noise: averaging beats no synchronization: {medians}",
            [alone, averaged],
            [-1, 1],
            what="difference of medians",
        ),
        contrasted(
            f"m = {agents}, without noise: the averaged model is closer to the serial one than to a "
            "local one",
            # |s − a| < |a − l| where l < a < s: 2a − l − s
            [averaged, alone, serial],
            [2, -1, -1],
            what="gain over no-sync − loss to serial",
            exchangeable=False,
        ),
    ]


def can_raise(result: xr.Dataset, kind: str, agents: int, law: str, levels: list[float]) -> Claim:
    """Claim that noise at some level raises the median accuracy."""
    without = runs_of(result, kind, agents)
    noisy = {level: runs_of(result, kind, agents, law, level) for level in levels}
    listed = ", ".join(f"{percent(values)} at ε = {level:g}" for level, values in noisy.items())
    return one_is_higher(
        f"{WORDS[kind]}, m = {agents}, {LAW_WORDS[law]}: noise can raise the median accuracy, from "
        f"{percent(without)} to {listed}",
        dict.fromkeys(levels, without),
        noisy,
    )


def spreads_with_level(result: xr.Dataset, kind: str, agents: int, law: str) -> Claim:
    """Claim that the accuracies spread the more, the larger the noise."""
    levels = [0.0, *levels_of(result)]
    groups = [runs_of(result, kind, agents, law, level) for level in levels]
    listed = ", ".join(
        f"{100 * float(spread(values)):.2f} at {level:g}"
        for level, values in zip(levels, groups, strict=True)
    )
    return rises(
        f"{WORDS[kind]}, m = {agents}, {LAW_WORDS[law]}: the spread of the accuracy grows with the "
        f"level of the noise (points: {listed})",
        groups,
        spread,
        "rise of the mean distance from the median",
    )


def spreads_more(
    words: str, result: xr.Dataset, law: str, less: tuple[str, int], more: tuple[str, int]
) -> Claim:
    """Claim that one kind of training spreads more than another, on average over the levels."""
    levels = levels_of(result)
    groups = [runs_of(result, *kind, law, level) for kind in (less, more) for level in levels]
    weights = np.repeat([-1.0, 1.0], len(levels)) / len(levels)
    found = [100 * float(each.mean()) for each in np.split(spread(np.array(groups)), 2)]
    return contrasted(
        f"{LAW_WORDS[law]}: {words}: {found[1]:.2f} against {found[0]:.2f} points, averaged over the "
        "levels",
        groups,
        weights,
        spread,
        "difference of mean distances from the median",
        exchangeable=False,
    )


def outliers_below(values: Array) -> Array:
    """Return how many runs lie further below the first quartile than 1.5 interquartile ranges."""
    low, high = np.quantile(values, [0.25, 0.75], axis=-1, keepdims=True)
    return np.asarray((values < low - 1.5 * (high - low)).sum(axis=-1), np.float64)


def gaussian_against_uniform(result: xr.Dataset, agents: int) -> list[Claim]:
    """Claim that Gaussian noise is steadier than uniform noise, but with more outliers below."""
    levels = levels_of(result)
    groups = [runs_of(result, AVERAGED, agents, law, level) for law in LAWS for level in levels]
    weights = np.repeat([1.0, -1.0], len(levels))
    counts = [
        int(sum(outliers_below(runs_of(result, AVERAGED, agents, law, level)) for level in levels))
        for law in LAWS
    ]
    return [
        contrasted(
            f"m = {agents}: Gaussian noise is steadier: accuracies spread less than with uniform noise, "
            "averaged over the levels",
            groups,
            weights / len(levels),
            spread,
            "difference of mean distances from the median",
            exchangeable=False,
        ),
        contrasted(
            f"m = {agents}: but has more outliers below the median: {counts[1]} against {counts[0]} "
            f"with uniform noise, in {len(levels) * result.sizes['run']} runs of each",
            groups,
            -weights,
            outliers_below,
            "difference of numbers of outliers",
            exchangeable=False,
        ),
    ]


def share_that_diverged(words: str, lost: Array, least: float) -> Claim:
    """Claim that at least a share of runs diverges, by the exact interval of Clopper and Pearson."""
    from scipy import stats

    count, every = int(lost.sum()), len(lost)
    ends = stats.binomtest(count, every).proportion_ci(LEVEL)
    return Claim.at_least(
        f"{words}: {count} of {every} runs diverge",
        count / every,
        least,
        "share of runs",
        interval=(float(ends.low), float(ends.high)),
    )


def gains_more(
    result: xr.Dataset, agents: int, levels: list[float], laws: tuple[str, ...] = LAWS
) -> Claim:
    """Claim that noise gains more where models are averaged than serially, over some levels."""
    places = [(law, level) for law in laws for level in levels]
    groups = [runs_of(result, AVERAGED, agents), runs_of(result, SERIAL, agents)]
    weights = [-1.0, 1.0]
    for law, level in places:
        groups += [runs_of(result, kind, agents, law, level) for kind in (AVERAGED, SERIAL)]
        weights += [1 / len(places), -1 / len(places)]
    gains = {
        kind: np.mean(
            [
                np.median(runs_of(result, kind, agents, *place))
                - np.median(runs_of(result, kind, agents))
                for place in places
            ]
        )
        for kind in (AVERAGED, SERIAL)
    }
    return contrasted(
        f"m = {agents}: noise at levels {', '.join(f'{level:g}' for level in levels)} gains more where "
        f"models are averaged than serially: {100 * gains[AVERAGED]:+.2f} against "
        f"{100 * gains[SERIAL]:+.2f} points of the median",
        groups,
        weights,
        median,
        "difference of gains",
        exchangeable=False,
    )


def destroys(
    result: xr.Dataset, kind: str, agents: int, law: str, level: float, left: float
) -> Claim:
    """Claim that noise leaves less than a share of the median accuracy."""
    without, noisy = (runs_of(result, kind, agents, law, each) for each in (0.0, level))
    lost = int(runs_of(result, kind, agents, law, level, "diverged").sum())
    return contrasted(
        f"{WORDS[kind]}, {LAW_WORDS[law]}: ε = {level:g} destroys the accuracy, {percent(noisy)} "
        f"against {percent(without)} ({lost} of {len(noisy)} runs diverge)",
        [without, noisy],
        [left, -1.0],
        what=f"{left:g} of the median without noise − median with it",
        exchangeable=False,
    )
