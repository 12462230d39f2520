"""What Sec. 3.4 says of agents with large and small learning rates together, as claims."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sims.shared.measures import RELIABLE, rises, sampled

SHARP = "sharp minimum"


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 3.4 says of mixtures, checked."""
    total = int(result["agents"])
    mixtures = [int(count) for count in result["coarse"].values if 0 < count < total]
    half = min(mixtures, key=lambda count: abs(count - total / 2))
    found = []
    for place in result["place"].values.tolist():
        found.append(_sooner(result, place, half))
        if mixtures[0] != half and place != SHARP:
            found.append(_sooner(result, place, mixtures[0], "already "))
    best = _best(result, mixtures)
    found += [_too_few(result, mixtures[0]), _held_back(result)]
    return [*found, *_converges(result, best), *_single(result, best)]


def _best(result: xr.Dataset, mixtures: list[int]) -> int:
    """Return the mixture whose mean ends lowest."""
    lowest = result["mixed_loss_of_mean"].mean("replica").sel(coarse=mixtures).idxmin("coarse")
    return int(lowest)


def _of(result: xr.Dataset, count: int) -> str:
    return f"{count} of {int(result['agents'])} agents coarse"


def _sooner(result: xr.Dataset, place: str, count: int, already: str = "") -> Claim:
    """Claim that the mean leaves a bad place sooner with some coarse agents than with none."""
    times = result["mixed_time"].sel(place=place)
    before, after = times.sel(coarse=0).values, times.sel(coarse=count).values
    left = result["mixed_left"].sel(place=place).mean("replica")
    return rises(
        f"Sec. 3.4: larger learning rates of some help avoid a {place}: {already}with "
        f"{_of(result, count)} the mean leaves it sooner than with fine agents only (within "
        f"{int(result['steps'])} steps: {left.sel(coarse=count).item():.2f} of the replicas against "
        f"{left.sel(coarse=0).item():.2f})",
        after,
        before,
    )


def _too_few(result: xr.Dataset, count: int) -> Claim:
    """Claim that few coarse agents do not free the mean from the sharp minimum."""
    left = result["mixed_left"].sel(place=SHARP, coarse=count)
    return sampled(
        Claim.at_most,
        f"beyond the paper: {_of(result, count)}: too few do not free the mean from the {SHARP}, where "
        "the fine ones stay",
        np.mean,
        [left.values],
        1.0 - RELIABLE,
        "share of replicas that have left",
    )


def _held_back(result: xr.Dataset) -> Claim:
    """Claim that all coarse agents alone leave the sharp minimum: the fine ones hold a mixture back."""
    times = result["mixed_time"].sel(place=SHARP)
    last = times["coarse"].values[-1]
    mixtures = times.sel(coarse=times["coarse"].values[1:-1])
    soonest = mixtures.mean("replica").idxmin("coarse").item()
    return rises(
        "beyond the paper: fine agents hold the coarse ones back: at the sharp minimum every mixture is "
        "slower than coarse agents only",
        times.sel(coarse=last).values,
        times.sel(coarse=soonest).values,
    )


def _converges(result: xr.Dataset, count: int) -> list[Claim]:
    """Claim that a mixture ends lower than fine or coarse agents alone, thanks to the fine ones."""
    losses, total = result["mixed_loss_of_mean"], int(result["agents"])
    mixture = losses.sel(coarse=count)
    fine, coarse = (
        result[f"mixed_loss_of_{name}"].sel(coarse=count) for name in ("fine", "coarse")
    )
    words, lone = f"Sec. 3.4: {_of(result, count)}", losses.sel(coarse=0)
    return [
        rises(
            f"{words}: the mean ends lower than with fine agents only, which do not leave the sharp "
            f"minimum (loss {mixture.mean().item():.3f} against {lone.mean().item():.3f})",
            mixture.values,
            lone.values,
        ),
        rises(
            f"{words}: and lower than with coarse agents only, which leave it but do not converge as "
            f"closely (loss {losses.sel(coarse=total).mean().item():.3f})",
            mixture.values,
            losses.sel(coarse=total).values,
        ),
        rises(
            f"{words}: it is the finer agents that converge: their mean ends lower than that of the "
            f"coarse ones (loss {fine.mean().item():.3f} against {coarse.mean().item():.3f})",
            fine.values,
            coarse.values,
        ),
        sampled(
            Claim.at_least,
            f"{words}: the mean has left all three places",
            np.mean,
            [result["mixed_left"].sel(coarse=count).all("place").values],
            RELIABLE,
            "share of replicas",
        ),
    ]


def _single(result: xr.Dataset, count: int) -> list[Claim]:
    """Claim how a mixture compares with one learning rate for all."""
    single, mixture = result["single_loss_of_mean"], result["mixed_loss_of_mean"].sel(coarse=count)
    alone, fine = single.sel(coarse=count), result["mixed_loss_of_fine"].sel(coarse=count)
    lowest = single.sel(coarse=single.mean("replica").idxmin("coarse"))
    return [
        rises(
            f"beyond the paper: {_of(result, count)}: the fine agents end lower than all agents do with "
            f"the mean of these learning rates for all (loss {fine.mean().item():.3f} against "
            f"{alone.mean().item():.3f})",
            fine.values,
            alone.values,
        ),
        rises(
            "beyond the paper: but one learning rate for all, if it is well chosen, ends lower than the "
            f"mean of the best mixture (loss {lowest.mean().item():.3f} against "
            f"{mixture.mean().item():.3f})",
            lowest.values,
            mixture.values,
        ),
    ]
