"""What Sec. 6.2 says of one method at several numbers of agents, as claims."""

from collections.abc import Callable

import numpy as np
import xarray as xr

from nets.claims.differences import CLEAR, Array, ends, percent, picked, rise
from sdeopt.experiment import Claim

__all__ = ["improves_with_agents", "numbers", "same_alone"]


def numbers(result: xr.Dataset, method: str) -> list[int]:
    """Return the numbers of agents that a method was trained with, rising."""
    return sorted(set(result["agents"].values[result["method"].values == method].tolist()))


def improves_with_agents(result: xr.Dataset, method: str) -> list[Claim]:
    """Claim that test accuracy rises, and test loss falls, with the number of agents.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.trained.trainings`.
    method : str
        Whose.

    Returns
    -------
    list of Claim
        Two, on the slopes over log₂ p.
    """
    rising = _slopes(result, method, "quorum_accuracy", percent)
    falling = _slopes(result, method, "quorum_loss", "{:.3f}".format)
    what = "slope over log₂ p / its standard error"
    return [
        Claim.at_least(
            f"{method}: test accuracy rises with the number of agents ({rising[1]})",
            rise(np.zeros(len(rising[0])), rising[0]),
            CLEAR,
            what,
        ),
        Claim.at_most(
            f"{method}: test loss falls with the number of agents ({falling[1]})",
            rise(np.zeros(len(falling[0])), falling[0]),
            -CLEAR,
            what,
        ),
    ]


def _slopes(
    result: xr.Dataset, method: str, name: str, written: Callable[[float], str]
) -> tuple[Array, str]:
    """Return the slope over log₂ p in every run, and the averages in words."""
    counts = numbers(result, method)
    values = np.array([ends(picked(result, method=method, agents=p), name) for p in counts])
    places = np.log2(counts) - np.log2(counts).mean()
    with np.errstate(invalid="ignore"):
        slopes: Array = places @ values / (places**2).sum()
    averages = values.mean(axis=1).tolist()
    listed = (f"{written(value)} at {p}" for p, value in zip(counts, averages, strict=True))
    return slopes, ", ".join(listed)


def same_alone(result: xr.Dataset, first: str, second: str) -> Claim:
    """Claim that two methods are one and the same for a single agent.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.trained.trainings`.
    first, second : str
        The methods.

    Returns
    -------
    Claim
        On the largest difference of any loss that was measured.
    """
    losses = [picked(result, method=name, agents=1)["mean_loss"] for name in (first, second)]
    return Claim.at_most(
        f"with one agent {first} and {second} are both SGD",
        float(abs(losses[0] - losses[1]).max()),
        1e-4,
        "largest difference of a loss",
    )
