"""What the theory says of the network, as claims with the numbers that were measured."""

import numpy as np
import xarray as xr

from nets.bridge.configuration import FEWEST
from nets.bridge.svag_verdicts import svag_claims
from nets.bridge.synchronization_claims import synchronization_claims
from sdeopt.experiment import Claim
from sdeopt.measured import Measured
from sdeopt.slopes import has_slope, log_slope

__all__ = ["claims"]

CLEAR = 4.0
"""Standard errors by which an unbiased estimate may be off at the worst of several points."""


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what was measured of noise, curvature, spread and the SDE limit, as claims.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.bridge.simulation.measured`, or read back from its file.

    Returns
    -------
    list of Claim
        Some of which the network does not bear out.
    """
    return [
        *_gradient_noise(result),
        *synchronization_claims(result),
        *_noise_of_mean(result),
        *svag_claims(result),
    ]


def _gradient_noise(result: xr.Dataset) -> list[Claim]:
    off = (result["estimate"] - result["trace"]) / result["estimate_error"]
    batches = result["batch"].values
    drawn, dealt = (
        Measured.of(result[name].transpose("batch", "repeat").values)
        for name in ("with_replacement", "without_replacement")
    )
    trace = float(result["trace"][-1])
    ratio = dealt.per(trace * result["factor"].values)
    last = dealt.per(trace / batches[-1])
    # the sizes are independent measurements of one ratio
    weights = ratio.error**-2 / (ratio.error**-2).sum()
    pooled = float((weights * ratio.value).sum())
    reach = float(np.sqrt(((weights * ratio.reach()) ** 2).sum()))
    band = float(result["band"])
    return [
        Claim.at_most(
            f"tr Σ from {result.sizes['repeat']} examples agrees with that of all "
            f"{int(result['examples'])} at each of {off.size} points of the path, where it is "
            f"{float(result['trace'].min()):.1f} to {float(result['trace'].max()):.1f}",
            float(abs(off).max()),
            CLEAR,
            "largest difference / standard error",
        ),
        has_slope(
            "the noise of a gradient falls with the batch, drawn with replacement, as 1/b",
            log_slope(batches, drawn),
            -1.0,
            band,
        ),
        Claim.at_most(
            "batches dealt without replacement, as training does, have the noise "
            f"(1/b − 1/N)N/(N − 1) tr Σ (measured / exact {pooled:.3f} ± {reach:.3f})",
            abs(pooled - 1) + reach,
            band,
            "largest |confidence limit − 1|",
        ),
        Claim.at_most(
            f"which is less than tr Σ/b: at b = {batches[-1]} it is "
            f"{float(last.value[-1]):.2f} of that",
            float(last.upper()[-1]),
            1.0,
            "upper confidence limit of the ratio",
        ),
    ]


def _noise_of_mean(result: xr.Dataset) -> list[Claim]:
    late = result.sel(snapshot=slice(int(result["stationary"]), None)).mean("snapshot")
    usual = late.isel(setting=(result["coupling"] == result["coupling"][0]).values)
    runs = usual.transpose("setting", "run", ...)
    noise = Measured.of(runs["mean_noise"].values, fewest=FEWEST)
    together = Measured.of((runs["mean_noise"] * runs["agents"]).values, fewest=FEWEST)
    share = together.per(runs["agent_noise"].mean("run").values)
    several = runs["agents"].values > 1
    off = (np.abs(share.value - 1) / share.error)[several]
    return [
        has_slope(
            "the noise that the mean feels in coupled training falls as 1/p",
            log_slope(runs["agents"].values, noise),
            -1.0,
            float(result["band"]),
        ),
        Claim.at_most(
            "it is 1/p of that of one agent, for every p: p times it over that of one agent is "
            f"{share.value[several].min():.3f} to {share.value[several].max():.3f}",
            float(off.max()),
            CLEAR,
            "largest difference from 1 / standard error",
        ),
    ]
