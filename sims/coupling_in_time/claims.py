"""What Sec. 5.1 says of a coupling that changes in time, as claims."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sims.shared.measures import RELIABLE, rises, sampled


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 5.1 says of couplings that are small early and large later, checked."""
    found = []
    for name, words in (("mean", "of x•"), ("agents", "of the agents, on average")):
        found.append(
            _better(
                result, "growing", name, f"Sec. 5.1: k small early, large later: the loss {words}"
            )
        )
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
    early, words = _early(result), "Sec. 5.1: k small early, large later"
    spread, deepest = result["spread"], result["at_deepest"]
    at_first = spread.sel(schedule=early).mean().item()
    return [
        _nearer(result, "growing", f"{words}: x• ends"),
        sampled(
            Claim.at_most,
            f"{words}: the agents end in that minimum, within half a ripple, not all over the basin of "
            f"the smoothed loss (if k stays small: {at_first:.3f})",
            np.mean,
            [spread.sel(schedule="growing").values],
            0.5 * result["ripple"].item(),
            "standard deviation over agents",
        ),
        sampled(
            Claim.at_least,
            "Sec. 5.1: the exploring is done by the small k: with a large one from the start fewer x• "
            "are at the deepest minimum",
            lambda explored, held: float(explored.mean() - held.mean()),
            [deepest.sel(schedule=one).values for one in ("growing", _constants(result)[-1])],
            0.5,
            "difference of shares, small early against large always",
        ),
    ]


def _early(result: xr.Dataset) -> str:
    return f"k = {result['early'].item():g}"


def _nearer(result: xr.Dataset, schedule: str, words: str) -> Claim:
    """Claim that x• ends nearer to a minimum of the true loss than with a k that stays small."""
    off = result["off"]
    first, last = off.sel(schedule=_early(result)), off.sel(schedule=schedule)
    return rises(
        f"{words} nearer to a minimum of the true loss than if k stays small (on average "
        f"{last.mean().item():.4f} against {first.mean().item():.4f})",
        last.values,
        first.values,
    )


def _when(result: xr.Dataset) -> list[Claim]:
    """Claim when the triggers switch: at the mean at once, before anything is found."""
    triggers = result["trigger"].values.tolist()
    at_mean, at_agents = (result["switched_at"].sel(trigger=one) for one in triggers)
    shares = [result["at_deepest"].sel(schedule=one) for one in (triggers[1], "growing")]
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
        _nearer(
            result,
            triggers[1],
            "Sec. 5.1: and then tells that x• is near a minimum: after the switch it ends",
        ),
        rises(
            "why: it tells that a minimum is near, not which: fewer means end at the deepest than with "
            f"a k that waits (share {shares[0].mean().item():.3f} against "
            f"{shares[1].mean().item():.3f})",
            *(one.values for one in shares),
        ),
    ]
