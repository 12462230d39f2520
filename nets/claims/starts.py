"""What Sec. 6.2 says of agents that start apart and together, as claims."""

from collections.abc import Sequence

import xarray as xr

from nets.claims.differences import Array, ends, higher, picked
from sdeopt.experiment import Claim

__all__ = ["better_apart", "gains_more_with_agents"]


def better_apart(result: xr.Dataset, method: str, counts: Sequence[int]) -> list[Claim]:
    """Claim that agents which start apart end better than those that start together.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.trained.trainings`.
    method : str
        Whose.
    counts : sequence of int
        Numbers of agents.

    Returns
    -------
    list of Claim
        One each.
    """
    return [
        higher(
            f"p = {p}: agents that start apart test better than agents that start together",
            *(_tested_from(result, method, p, together) for together in (True, False)),
        )
        for p in counts
    ]


def gains_more_with_agents(result: xr.Dataset, method: str, counts: Sequence[int]) -> Claim:
    """Claim that starting apart gains more, the more agents there are.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.trained.trainings`.
    method : str
        Whose.
    counts : sequence of int
        Numbers of agents, rising.

    Returns
    -------
    Claim
        On the gains at the ends.
    """
    gains = [
        _tested_from(result, method, p, False) - _tested_from(result, method, p, True)
        for p in (counts[0], counts[-1])
    ]
    return higher(
        f"starting apart gains more with {counts[-1]} agents than with {counts[0]}", *gains
    )


def _tested_from(result: xr.Dataset, method: str, agents: int, together: bool) -> Array:
    training = picked(result, method=method, agents=agents, together=together)
    return ends(training, "quorum_accuracy")
