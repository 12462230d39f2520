"""What Sec. 6.2 says of two methods at the same numbers of agents, as claims."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from nets.claims.differences import Array, ends, higher, picked
from sdeopt.experiment import Claim

__all__ = ["as_synchronized", "drives_lower", "lower_at_best", "tests_better"]


def tests_better(result: xr.Dataset, better: str, worse: str, counts: Sequence[int]) -> list[Claim]:
    """Claim that one method tests better than another at every number of agents.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.trained.trainings`.
    better, worse : str
        The methods.
    counts : sequence of int
        Numbers of agents.

    Returns
    -------
    list of Claim
        One each.
    """
    return [
        higher(
            f"p = {p}: {better} tests better than {worse}",
            *(
                ends(picked(result, method=name, agents=p), "quorum_accuracy")
                for name in (worse, better)
            ),
        )
        for p in counts
    ]


def drives_lower(
    result: xr.Dataset, part: str, lower: str, than: str, counts: Sequence[int]
) -> list[Claim]:
    """Claim that one method drives the training or test loss lower than another.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.trained.trainings`.
    part : {"train", "test"}
        Of the data.
    lower, than : str
        The methods.
    counts : sequence of int
        Numbers of agents.

    Returns
    -------
    list of Claim
        One each.
    """
    return [
        higher(
            f"p = {p}: {lower} drives the {part} loss lower than {than}, which ends higher",
            *(
                ends(picked(result, method=name, agents=p), "quorum_loss", part)
                for name in (lower, than)
            ),
            shares=False,
        )
        for p in counts
    ]


def lower_at_best(result: xr.Dataset, lower: str, than: str, counts: Sequence[int]) -> list[Claim]:
    """Claim that the least test loss over the epochs is lower too.

    A method that is only slower begins to overfit later, and at a given epoch its test loss is lower
    for that reason alone. Each at its own best epoch, the two are compared without it.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.trained.trainings`.
    lower, than : str
        The methods.
    counts : sequence of int
        Numbers of agents.

    Returns
    -------
    list of Claim
        One each.
    """
    found = []
    for p in counts:
        least, other = (
            picked(result, method=name, agents=p)["quorum_loss"]
            .sel(part="test")
            .min("epoch")
            .values
            for name in (lower, than)
        )
        words = (
            f"p = {p}: and not only later in overfitting: at its best epoch too, {than} is higher"
        )
        found.append(higher(f"{words} than {lower}", least, other, shares=False))
    return found


def as_synchronized(
    result: xr.Dataset, method: str, other: str, counts: Sequence[int], factor: float
) -> list[Claim]:
    """Claim that the agents of one method are about as close to their mean as those of another.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.trained.trainings`.
    method, other : str
        The method that may be more synchronized, but not less.
    counts : sequence of int
        Numbers of agents.
    factor : float
        What "about" is.

    Returns
    -------
    list of Claim
        One each, on the ratio of distances averaged over the second half of the training.
    """
    found = []
    for p in counts:
        far, near = (_distance(picked(result, method=name, agents=p)) for name in (method, other))
        found.append(
            Claim.at_most(
                f"p = {p}: the agents of {method} are at least about as close to their mean as "
                f"those of {other}",
                float(far.mean() / near.mean()),
                factor,
                "ratio of distances",
            )
        )
    return found


def _distance(training: xr.Dataset) -> Array:
    """Return the root of Σ‖x^i − x•‖² in every run, averaged over the second half."""
    squares = training["synchronization"]
    late = squares.isel(epoch=slice(squares.sizes["epoch"] // 2, None))
    distance: Array = np.sqrt(late.mean("epoch").values)
    return distance
