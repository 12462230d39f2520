"""What Sec. 4.1 states of linear networks, and what is proved of them, as claims."""

import numpy as np
import xarray as xr

from nets.noise_injection.claims import (
    CLOSE,
    WORDS,
    levels_of,
    percent,
    runs_of,
    share_that_diverged,
    spreads_with_level,
)
from nets.noise_injection.configuration import ALONE, AVERAGED, SERIAL, UNIFORM
from sdeopt.experiment import Claim
from sdeopt.experiments.measured import LEVEL, Array, Measured, within
from sdeopt.experiments.resampling import alike, higher, spread

THIRD = 1 / 3
"""The share of runs that overflow from which on an experiment is not runnable."""


def linear_claims(result: xr.Dataset) -> list[Claim]:
    """Return all claims of adilova41."""
    kinds, m = (SERIAL, ALONE, AVERAGED), int(result["agents"].values[0])
    return [
        *(_same_median(result, kind, m, level) for kind in kinds for level in levels_of(result)),
        *(spreads_with_level(result, kind, m, UNIFORM) for kind in kinds),
        *_other_noise(result, m),
        *lemma_claims(result),
        *drift_claims(result),
    ]


def _same_median(result: xr.Dataset, kind: str, agents: int, level: float) -> Claim:
    without, noisy = (runs_of(result, kind, agents, UNIFORM, each) for each in (0.0, level))
    return alike(
        f"{WORDS[kind]}: the median accuracy at ε = {level:g} is that without noise: "
        f"{percent(noisy)} against {percent(without)}",
        without,
        noisy,
        CLOSE,
        what="difference of medians",
    )


def _other_noise(result: xr.Dataset, agents: int) -> list[Claim]:
    level = float(result["level"].values[~result["decayed"].values][0])
    lost = [
        share_that_diverged(
            f"{WORDS[kind]}: without the division by the round, at ε = {level:g}, it overflows",
            runs_of(result, kind, agents, UNIFORM, level, "diverged", decayed=False),
            THIRD,
        )
        for kind in (SERIAL, AVERAGED)
    ]
    least = levels_of(result)[0]
    usual, often = (
        runs_of(result, AVERAGED, agents, UNIFORM, least, **when) for when in ({}, {"when": "step"})
    )
    return [
        *lost,
        higher(
            f"averaged: noise at every step, ε = {least:g}, spreads the accuracy more than at every "
            "synchronization",
            usual,
            often,
            spread,
            "difference of mean distances from the median",
        ),
    ]


def lemma_claims(result: xr.Dataset) -> list[Claim]:
    """Claim that mean and covariance of the first layer are those of Lemma 1 and its recursion."""
    from scipy import linalg, stats

    models, expected = result["lemma_model"].values, result["lemma_expected"].values
    root = linalg.cholesky(result["lemma_covariance"].values, lower=True)
    scaled: Array = linalg.solve_triangular(root, (models - expected).T, lower=True).T
    count, dim = scaled.shape
    square = float(count * (scaled.mean(axis=0) ** 2).sum() / dim)
    limit = float(stats.chi2.ppf(LEVEL, dim) / dim)
    size = Measured.of((scaled**2).mean(axis=1))
    value, reach = float(size.value), float(size.reach())
    error = 100 * float(np.linalg.norm(models.mean(axis=0) - expected) / np.linalg.norm(expected))
    return [
        Claim.at_most(
            "first layer alone: the mean model with noise is the model without it (Lemma 1): "
            f"{count} averaged models of {dim} weights are off by {error:.1f}% of its length",
            square,
            limit,
            "squared distance over its expectation, 99.9% quantile",
        ),
        within(
            "first layer alone: their covariance is that of the recursion: measured over exact "
            f"{value:.3f} ± {reach:.3f}",
            value,
            reach,
            1.0,
            float(result["band"]),
            "largest |confidence limit − 1|",
        ),
    ]


def drift_claims(result: xr.Dataset) -> list[Claim]:
    """Claim that noise on three layers moves the expected step as predicted, and not by nothing."""
    found = []
    for moment in result["moment"].values.tolist():
        for layer in result["layer"].values.tolist():
            here = result.sel(moment=moment, layer=layer)
            size = Measured.of(here["drift"].values)
            value, reach = float(size.value), float(size.reach())
            share = float(here["drift_share"])
            found.append(
                within(
                    f"three layers, {moment}: the expected step of {layer} drifts as predicted, by "
                    f"{share:.2g} times the step without noise: measured over predicted {value:.3f} "
                    f"± {reach:.3f}",
                    value,
                    reach,
                    1.0,
                    float(result["band"]),
                    "largest |confidence limit − 1|",
                )
            )
    return found
