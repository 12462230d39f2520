"""What the measured smoothing says of Sec. 4, as claims."""

import numpy as np
import xarray as xr
from scipy import stats

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import LEVEL
from sims.shared.linear import smoothing_variance

VARIED = {"agents": "agents", "batch": "batch_size", "step": "step_size", "coupling": "pull"}
"""What each family varies."""

Z = float(stats.norm.ppf(LEVEL))
"""Standard errors on either side for limits of 99.9%."""

EQUAL = 0.95
"""A scale of at least this share of another is not smaller: with little coupling both are one."""

RIPPLE = 40.0
"""The fast frequency of the loss."""


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4 says of smoothing, checked, beside the effective smoothing."""
    alone = result["family"].str.startswith("alone")
    return [
        # Sec. 4, eq. (38): an agent descends the loss convolved with the noise of a step; eq. (39): so
        # does the mean, with the noise of the mean,
        *_exact(result.isel(case=alone.values), "(38), a single agent", "η/√b"),
        *_exact(result.isel(case=~alone.values), "(39), at the mean", "η/√(bp)"),
        *_powers(result),
        # Beyond the paper: the agents stay apart, which adds smoothing,
        *_effective(result),
        # by the disturbance of eq. (39).
        *_disturbance(result),
    ]


def _family(result: xr.Dataset, name: str) -> xr.Dataset:
    return result.isel(case=(result["family"] == name).values)


def power(measured: xr.Dataset, name: str, what: str) -> tuple[float, float]:
    """Return the power with which a measured scale goes with a parameter, and its standard error."""
    x = np.log(measured[name].values.astype(float))
    y = 0.5 * np.log(measured[what].values)
    error = 0.5 * measured[f"{what}_error"].values / measured[what].values
    weights = error**-2 / (error**-2).sum()
    offset = x - (weights * x).sum()
    size = (weights * offset**2).sum()
    value = (weights * offset * y).sum() / size
    return float(value), float(np.sqrt(((weights * offset * error) ** 2).sum()) / size)


def flat_prediction(result: xr.Dataset) -> xr.DataArray:
    """Return the effective variance that theory expects where the loss is flat across the cloud."""
    unit = smoothing_variance(result["pull"].values, 1.0, result["agents"].values, 1.0)
    return result["one_step"] * xr.DataArray(unit, dims="case")


def _exact(result: xr.Dataset, words: str, scale: str) -> list[Claim]:
    """Claim that the gradient at the mean is smoothed exactly as the paper says."""
    expected = result["one_step"] / result["agents"]
    scores = ((result["convolution"] - expected) / result["convolution_error"]).values
    ratios = (result["convolution"] / expected).values ** 0.5
    return [
        Claim.at_least(
            f"eq. {words}: the gradient is that of the loss convolved with noise of scale {scale} "
            f"({len(scores)} settings, measured / expected scale {ratios.min():.3f} to "
            f"{ratios.max():.3f})",
            stats.chi2.sf((scores**2).sum(), len(scores)),
            0.001,
            "p-value of equality in all of them",
        )
    ]


def _powers(result: xr.Dataset) -> list[Claim]:
    """Claim the powers of the scale at the mean, and of the effective scale, beside each other."""
    expected = {
        "agents": ("the number of agents p", -0.5, 0.0),
        "batch": ("the batch size b", -0.5, None),
        "step": ("the step size η", 1.0, 1.0),
    }
    found = []
    for family, (words, at_mean, effective) in expected.items():
        runs = _family(result, family)
        for what, scale, exponent in (
            ("convolution", "smoothing scale at the mean", at_mean),
            ("effective", "effective smoothing scale", effective),
        ):
            if exponent is None:
                # The noise of large batches is small beside the gradients: no power is expected.
                continue
            value, error = power(runs, VARIED[family], what)
            reach = Z * error
            found.append(
                Claim.between(
                    f"the {scale} goes with {words} to the power {value:.3f} ± "
                    f"{error:.3f} (expected {exponent:g})",
                    value,
                    exponent - 0.05,
                    exponent + 0.05,
                    "power",
                    interval=(value - reach, value + reach),
                )
            )
    return found


def _effective(result: xr.Dataset) -> list[Claim]:
    """Claim that the effective smoothing is that of a single agent or more."""
    ratio = (result["effective"] / result["one_step"]) ** 0.5
    reach = Z * ratio * 0.5 * result["effective_error"] / result["effective"]
    least = int((ratio - reach).argmin("case"))
    dominated = (result["agents"] > 1) & (result["batch_size"] == 1) & (result["pull"] == 1.0)
    against = ((result["effective"] / flat_prediction(result)) ** 0.5).where(dominated)
    off = abs(against - 1)
    wide = (Z * against * 0.5 * result["effective_error"] / result["effective"])[off.argmax("case")]
    return [
        Claim.at_least(
            "whatever p, k and η, the effective smoothing is at least that of a single agent, η/√b, up "
            f"to {1 - EQUAL:.0%} (effective / single scale {ratio.min().item():.3f} to "
            f"{ratio.max().item():.3f})",
            (ratio - reach)[least].item(),
            EQUAL,
            "least lower 99.9% confidence limit of the ratio",
            estimate=ratio[least].item(),
            interval=((ratio - reach)[least].item(), (ratio + reach)[least].item()),
        ),
        Claim.at_most(
            "ηk = 1, b = 1: the effective scale is that of the mean’s noise and of the agents’ spread "
            "on a flat loss together, ησ",
            off.max().item(),
            0.1,
            "largest |measured / expected − 1|",
            interval=(max(0.0, (off.max() - wide).item()), (off.max() + wide).item()),
        ),
    ]


def _disturbance(result: xr.Dataset) -> list[Claim]:
    """Claim what the disturbance of eq. (39) does, and where its first order holds."""
    runs = _family(result, "agents")
    runs = runs.isel(case=(runs["agents"] > 1).values)
    share = runs["disturbance"] / runs["drift"]
    scale = (runs["one_step"] / runs["agents"]) ** 0.5
    wiped = (RIPPLE * scale >= 2.0).values
    held, lost = runs["remainder"].values[wiped], runs["remainder"].values[~wiped]
    return [
        Claim.at_least(
            "the disturbance ε is no small correction at ηk = 1: it puts back the "
            "smoothing that the mean of the noise lost ("
            + ", ".join(f"{value:.2f}" for value in share.values)
            + f" of the smoothed gradient for p = {runs['agents'].values.tolist()}, root mean squares)",
            share.values[-1],
            0.25,
            "share for the most agents",
        ),
        Claim.at_most(
            "eq. (39) keeps the disturbance to first order, η(1 − ηE f″)ε, which is enough while its "
            "smoothing wipes out the fast ripple",
            float(held.max(initial=0.0)) if len(held) else float("nan"),
            0.1,
            "part left out, relative to the disturbance",
        ),
        Claim.at_least(
            "and is not where smoothing by η/√(bp) leaves the fast ripple: ηε is then as long as the "
            "ripple, and the expansion in it fails",
            float(lost.max(initial=0.0)) if len(lost) else float("nan"),
            0.1,
            "part left out, relative to the disturbance",
        ),
    ]
