"""What Sec. 5.1 says of a coupling that changes in time, as claims."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sims.shared.measures import RELIABLE, rises, sampled


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 5.1 says of couplings that are small early and large later, checked."""
    found = []
    for name, words in (("mean", "of x•"), ("agents", "of the agents, on average")):
        found.append(_better(result, "growing", name, f"Sec. 5.1: k small early, large later: the loss {words}"))
    found += _converged(result)
    for trigger in result["trigger"].values.tolist():
        words = f"Sec. 5.1: k increased by the {trigger}: the loss of x•"
        found.append(_better(result, trigger, "mean", words))
    return [*found, *_when(result)]


def _constants(result: xr.Dataset) -> list[str]:
    return [f"k = {k:g}" for k in result["coupling"].values]


def _best_constant(result: xr.Dataset, name: str) -> str:
    losses = result[f"loss_of_{name}"].sel(schedule=_constants(result)).mean("replica")
    return str(losses.idxmin("schedule").item())


def _better(result: xr.Dataset, schedule: str, name: str, words: str) -> Claim:
    """Claim that a schedule ends lower than with any constant coupling."""
    losses, best = result[f"loss_of_{name}"], _best_constant(result, name)
    here, constant = losses.sel(schedule=schedule), losses.sel(schedule=best)
    return rises(
        f"{words} is lower in the end than with any constant k ({here.mean().item():.3f} against "
        f"{constant.mean().item():.3f} at the best, {best}; the least loss is "
        f"{result['loss'].min().item():.3f})",
        here.values,
        constant.values,
    )


def _converged(result: xr.Dataset) -> list[Claim]:
    """Claim that x• varies less around a minimum, and that agents are in it rather than around it."""
    early = f"k = {result['early'].item():g}"
    off, spread = result["off"], result["spread"]
    ripple = result["ripple"].item()
    first, last = off.sel(schedule=early), off.sel(schedule="growing")
    return [
        rises(
            "Sec. 5.1: k small early, large later: x• ends nearer to a minimum of the true loss than if k "
            f"stays small (on average {last.mean().item():.4f} against {first.mean().item():.4f})",
            last.values,
            first.values,
        ),
        sampled(
            Claim.at_most,
            "Sec. 5.1: k small early, large later: the agents end in that minimum, not all over the basin "
            f"of the smoothed loss (spread if k stays small: {spread.sel(schedule=early).mean().item():.3f}; "
            "half a ripple)",
            np.mean,
            [spread.sel(schedule="growing").values],
            0.5 * ripple,
            "standard deviation over agents",
        ),
        sampled(
            Claim.at_least,
            "Sec. 5.1: the exploring is done by the small k: with a large one from the start x• is at the "
            "deepest minimum in few replicas",
            lambda explored, held: float(explored.mean() - held.mean()),
            [
                result["at_deepest"].sel(schedule="growing").values,
                result["at_deepest"].sel(schedule=_constants(result)[-1]).values,
            ],
            0.5,
            "difference of shares at the deepest minimum, small early against large always",
        ),
    ]


def _when(result: xr.Dataset) -> list[Claim]:
    """Claim when the triggers switch: at the mean at once, before anything is found."""
    at_mean, at_agents = (result["switched_at"].sel(trigger=one) for one in result["trigger"].values)
    early, off = f"k = {result['early'].item():g}", result["off"]
    deepest = result["at_deepest"]
    shares = [deepest.sel(schedule=one) for one in (result["trigger"].values[1], "growing")]
    return [
        sampled(
            Claim.at_least,
            "why: at the start x• is near 0 with the agents all over the range, and there the smoothed "
            "loss has a minimum too: the curvature at the mean switches k before anything is explored",
            np.mean,
            [(at_mean == 0).values],
            0.5,
            "share of replicas switched at the start",
        ),
        sampled(
            Claim.at_most,
            "Sec. 5.1: the curvature at the agents waits until they have gathered",
            np.mean,
            [(at_agents == 0).values],
            1.0 - RELIABLE,
            "share of replicas switched at the start",
        ),
        rises(
            "Sec. 5.1: and then tells that x• is near a minimum: after the switch it ends nearer to one of "
            f"the true loss than if k stays small (on average "
            f"{off.sel(schedule=shares[0]['schedule']).mean().item():.4f} against "
            f"{off.sel(schedule=early).mean().item():.4f})",
            off.sel(schedule=shares[0]["schedule"]).values,
            off.sel(schedule=early).values,
        ),
        rises(
            "why: it tells that a minimum is near, not which: fewer means end at the deepest than with a "
            f"k that waits (share {shares[0].mean().item():.3f} against {shares[1].mean().item():.3f})",
            *(one.values for one in shares),
        ),
    ]
