"""What the measured variance of time averages says of Lemma 5.5, as claims."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import Measured
from sims.shared.grids import part, shown
from sims.shared.verdicts import bound_broken, equal


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Lemma 5.5 says, checked."""
    words = {
        "coupling": "whatever k, 0 included",
        "agents": "for every number of agents p",
        "preconditioner": "with one preconditioner for all agents, Newton's or one that is not "
        "symmetric, at the least k and the largest",
        "EASGD": "for EASGD, whose x~ changes nothing of it, also with one preconditioner",
    }
    return [
        *(_closed_form(result, name, text) for name, text in words.items()),
        Claim.at_most(
            "path by path: on the same noise the average is the same at the least k and the largest",
            float(result["apart"]),
            1e-9,
            "largest difference / largest average",
        ),
        *_fisher(result),
        *_own(result),
    ]


def _fisher(result: xr.Dataset) -> list[Claim]:
    """Claim what Fisher's information is, and that nothing beats its bound, which z attains."""
    band, count = float(result["band"]), result.sizes["setting"]
    above = (result["expected"] / result["least"]).values
    return [
        equal(
            "the score of the paths has the covariance p t Hᵀ(BBᵀ)⁻¹H, Fisher's information of x*: the "
            "estimator of maximum likelihood, which is linear in it, has p·t times the variance "
            "H⁻¹BBᵀH⁻ᵀ at any t, for QSGD, EASGD and preconditioned agents",
            Measured.read(result, "likelihood"),
            1.0,
            band,
        ),
        Claim.at_most(
            "the time average attains the lower bound by Cramér and Rao, in which the start in "
            "equilibrium counts: its variance is a tenth as far above over windows ten times as long",
            float(np.abs(result["above_later"].values / (above - 1)).max()),
            0.12,
            "largest ratio",
        ),
        Claim.at_least(
            "and does not beat it: exactly, its variance over the windows is "
            f"{100 * (float(above.min()) - 1):.1f}% to {100 * (float(above.max()) - 1):.1f}% above the "
            f"bound ({count} settings)",
            float(above.min()),
            1.0,
            "least variance / bound",
        ),
    ]


def _closed_form(result: xr.Dataset, name: str, text: str) -> Claim:
    runs = shown(result, name)
    ends = 100 * (runs["expected"] - 1)
    return equal(
        "p·t times the covariance of the time average is H⁻¹BBᵀH⁻ᵀ in three directions, "
        f"{text}; with {float(ends.min()):+.1f}% to {float(ends.max()):+.1f}% for the ends of windows",
        Measured.read(runs, "variance"),
        runs["expected"],
        float(result["band"]),
    )


def _own(result: xr.Dataset) -> list[Claim]:
    own = part(result, "own")
    plain = own.isel(setting=(~own["scaled"].astype(bool)).values)
    coupled = plain.isel(setting=(plain["coupling"] > 0).values)
    apart = plain.isel(setting=(plain["coupling"] == 0).values)
    scaled = own.isel(setting=own["scaled"].astype(bool).values)
    band = float(result["band"])
    worst = float(coupled["variance"].max())
    return [
        bound_broken(
            "preconditioners of the agents' own break it where agents are coupled: the variance is "
            f"above the closed form and is not optimal, by up to {100 * (worst - 1):.0f}%",
            Measured.read(coupled, "variance"),
            # what would be expected if the lemma held: 1, and the ends of the windows
            1 + coupled["expected"] - coupled["limit"],
        ),
        equal(
            "by the share that the theory gives, in the limit "
            + ", ".join(
                f"{100 * (limit - 1):.1f}% at k = {k:g}"
                for k, limit in zip(
                    coupled["coupling"].values, coupled["limit"].values, strict=True
                )
            ),
            Measured.read(coupled, "variance"),
            coupled["expected"],
            band,
        ),
        equal(
            "not where they are not coupled",
            Measured.read(apart, "variance"),
            apart["expected"],
            band,
        ),
        equal(
            "nor where the coupling is preconditioned as well",
            Measured.read(scaled, "variance"),
            scaled["expected"],
            band,
        ),
    ]
