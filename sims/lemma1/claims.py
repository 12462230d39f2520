"""What measured means and covariances of noisy linear models say of Lemma 1, as claims."""

import numpy as np
import xarray as xr
from scipy import stats

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import LEVEL, Measured
from sims.shared.grids import part
from sims.shared.verdicts import equal, range_of

Z = float(stats.norm.ppf(LEVEL))
"""Standard errors on either side for limits of 99.9%: averages over thousands of replicas."""

WORDS = {
    "serial": "a serial learner",
    "learners": "learners on the same batches, averaged now and then",
    "own data": "learners with batches of their own, averaged now and then",
}


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Lemma 1 and the recursion of the covariance say, checked."""
    return [*_means(result), *_covariances(result), *_biased(result), _network(result)]


def _means(result: xr.Dataset) -> list[Claim]:
    found = []
    for case, words in WORDS.items():
        for law in ("uniform", "Gaussian"):
            runs = _chosen(part(result, "mean"), case, law)
            measured = Measured.read(runs, "shift")
            off = np.maximum(np.abs(measured.lower()), np.abs(measured.upper())).max()
            level = measured.together
            least = np.maximum(measured.lower(level), -measured.upper(level)).max()
            found.append(
                Claim.at_most(
                    f"{words}, {law} noise: the mean of every weight is the weight without noise, in "
                    f"each of {int(runs['round'].max())} rounds ({runs.sizes['setting']} means)",
                    float(off),
                    float(result["band_for_means"]),
                    "largest |99.9% confidence limit| of the difference / standard deviation",
                    estimate=float(np.abs(measured.value).max()),
                    interval=(max(float(least), 0.0), float(off)),
                )
            )
    return found


def _chosen(runs: xr.Dataset, case: str, law: str) -> xr.Dataset:
    return runs.isel(setting=((runs["case"] == case) & (runs["law"] == law)).values)


def _covariances(result: xr.Dataset) -> list[Claim]:
    spread, band = part(result, "spread"), float(result["band"])
    found = []
    for case, words in WORDS.items():
        runs = spread.isel(setting=(spread["case"] == case).values)
        found.append(
            equal(
                f"{words}: the variances of one model and of the average model follow their "
                "recursion, with either noise",
                Measured.read(runs, "value"),
                runs["exact"],
                band,
            )
        )
    entries = part(result, "entry")
    worst = entries.isel(setting=int(entries["gap"].argmax("setting")))
    gap, reach = float(worst["gap"]), Z * float(worst["gap_error"])
    return [
        *found,
        Claim.at_most(
            "so does every entry of the covariance of all models",
            gap,
            band,
            "largest difference / largest variance in the round",
            interval=(max(0.0, gap - reach), gap + reach),
        ),
        _averaged_away(spread, int(result["period"])),
    ]


def _averaged_away(spread: xr.Dataset, period: int) -> Claim:
    """Claim that the average of four models has a quarter of the scatter of one."""
    learners = spread.isel(setting=(spread["case"] == "learners").values)
    alone = spread.isel(setting=(spread["case"] == "serial").values)
    ratios, errors = [], []
    for law in ("uniform", "Gaussian"):
        here, there = (
            learners.isel(setting=_at(learners, law, period)),
            alone.isel(setting=_at(alone, law, period)),
        )
        ratios.append(here["value"].values / there["value"].values)
        shares = [one["value_error"].values / one["value"].values for one in (here, there)]
        errors.append(ratios[-1] * np.hypot(*shares))
    value, error = float(np.mean(ratios)), float(np.linalg.norm(errors) / np.size(errors))
    return Claim.between(
        "after the first averaging models of four learners have scattered a quarter as much as one "
        f"({range_of(np.concatenate(ratios))})",
        value,
        0.24,
        0.26,
        "variance / variance of the serial model",
        interval=(value - Z * error, value + Z * error),
    )


def _at(runs: xr.Dataset, law: str, number: int) -> np.ndarray:
    chosen = (runs["law"] == law) & (runs["round"] == number) & (runs["of"] == "one model")
    return np.flatnonzero(chosen.values)


def _biased(result: xr.Dataset) -> list[Claim]:
    biased = part(result, "biased")
    measured = Measured.read(biased, "value")
    sign = np.sign(biased["exact"].values)
    towards = Measured(measured.value * sign, measured.error, measured.replicas)
    return [
        equal(
            "noise with a mean breaks the lemma by as much as the theory says, along each eigenvector "
            "of the data and in every round",
            towards,
            np.abs(biased["exact"].values),
            2 * float(result["band"]),
        ),
        Claim.at_least(
            "control: with such noise the lemma's own claim would fail by far",
            float((towards.value / towards.error).min()),
            30.0,
            "least shift / standard error",
        ),
    ]


def drifts(result: xr.Dataset) -> Measured:
    """Return the measured drift of each layer as a multiple of the expected one."""
    error = result["drift_error"].values
    replicas = np.full(error.shape, float(result["drift_replicas"]))
    return Measured(result["drift"].values, error, replicas)


def _network(result: xr.Dataset) -> Claim:
    return equal(
        "a linear network of two layers is outside the lemma: noise of mean zero moves its expected "
        "step by −ησ² U A and −ησ² tr(A) w",
        drifts(result),
        1.0,
        float(result["band"]),
    )
