"""The learning rate and the noise of each batch size, chosen by examples that train nothing.

A fifth of the examples of one run, whose seed no final training has, is held back. Every pair of a
learning rate and a noise trains on the rest, in batches a fifth smaller, and is judged by how many of
the held-back examples are right at the end: one pair is chosen among those without noise, one among
those with it. All scores are kept in the result. The final trainings use all examples; the test set
chooses nothing.
"""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from nets.large_batch.configuration import EXPONENT, LargeBatchTask, NoisyPlan
from nets.large_batch.trainings import SEARCHING, jobs_of, train


class Choice(NamedTuple):
    """What a search found for a batch size."""

    rate: float
    noise: float


def searched(
    task: LargeBatchTask,
    batches: Sequence[int],
    rates: Sequence[float],
    noises: Sequence[float],
    exponent: float = EXPONENT,
) -> xr.DataArray:
    """Return the score of every batch size, learning rate and noise: the accuracy when held back."""
    plans = [
        NoisyPlan(batch=b, rate=rate, noise=noise, exponent=exponent)
        for b in batches
        for rate in rates
        for noise in noises
    ]
    scores = held_back(task, plans)
    shape = (len(batches), len(rates), len(noises))
    return xr.DataArray(
        np.reshape(scores, shape),
        dims=("batch", "search_rate", "search_noise"),
        coords={
            "batch": list(batches),
            "search_rate": list(rates),
            "search_noise": list(noises),
        },
        attrs={"long_name": "held-back examples right after the search's training", "units": "1"},
    )


def held_back(task: LargeBatchTask, plans: Sequence[NoisyPlan]) -> list[float]:
    """Return the share of held-back examples that plans get right when they train on the others."""
    searching = [dataclasses.replace(plan, held_back=True) for plan in plans]
    found = train(task, jobs_of(task, searching, [SEARCHING]))
    return [float(each["accuracy"].isel(epoch=-1)) for each in found]


def best(scores: xr.DataArray, batch: int, *, with_noise: bool) -> Choice:
    """Return what scores best at a batch size; of equals the lowest rate, then the least noise."""
    noises = scores["search_noise"].values
    own = scores.sel(batch=batch).isel(search_noise=np.flatnonzero((noises > 0) == with_noise))
    place = own.argmax(["search_rate", "search_noise"])
    at = own.isel({name: int(index) for name, index in place.items()})
    return Choice(float(at["search_rate"]), float(at["search_noise"]))
