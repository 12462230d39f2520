"""The measured spread of coupled agents beside Lemma 3.1, and what explains the distance."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import theory
from nets.against_theory.configuration import FEWEST
from sdeopt.experiments.measured import Array, Measured

SMALL_STEP = 0.5
"""Up to this ηk a step is taken for a small one, which the SDE describes."""


@dataclass(frozen=True)
class Spread:
    """The coupled trainings beside the lemma, one entry a setting.

    `curvature` is the mean of ∇²f along the differences of agents, `diffusion` the spread of the SDE
    with it, and `balance` what a step takes from the spread over what it adds.
    """

    agents: Array
    coupling: Array
    measured: Measured
    bound: Array
    balance: Measured
    curvature: Array
    diffusion: Array

    def at(self, which: NDArray[np.bool] | NDArray[np.int64]) -> "Spread":
        """Return some of the settings, by a mask or by their places."""
        return Spread(
            self.agents[which],
            self.coupling[which],
            self.measured.at(which),
            self.bound[which],
            self.balance.at(which),
            self.curvature[which],
            self.diffusion[which],
        )


def curvature_bound(result: xr.Dataset) -> float:
    """Return λ̄ as far as it is known: the most negative eigenvalue of ∇²f that was met, as positive."""
    return max(-float(result["smallest"].min()), 0.0)


def spread_of(result: xr.Dataset) -> Spread:
    """Return all settings with at least two agents."""
    several = result.isel(setting=(result["agents"] > 1).values)
    late = several.sel(snapshot=slice(int(result["stationary"]), None))
    p = several["agents"].values.astype(np.float64)
    k = several["coupling"].values.astype(np.float64)
    rate, batch = float(result["learning_rate"]), float(result["batch_size"])
    bar = curvature_bound(result)
    largest = batch * several["agent_noise"].mean("run").max("snapshot").values
    applies = k > bar
    bound = np.full(len(k), np.nan)
    bound[applies] = theory.load("lemma_3_1").bound(
        agents=p[applies],
        coupling=k[applies],
        negative_curvature=bar,
        noise_bound=largest[applies],
        step_size=rate,
        batch_size=batch,
    )
    runs = late.mean("snapshot").transpose("setting", "run", ...)
    added = (p - 1) * rate**2 * runs["agent_noise"].mean("run").values
    curvature = (runs["pull"].mean("run") / runs["spread"].mean("run")).values
    return Spread(
        p,
        k,
        Measured.of(runs["spread"].values, fewest=FEWEST),
        bound,
        Measured.of((runs["spread"] - runs["kept"]).values, fewest=FEWEST).per(added),
        curvature,
        added / (2 * rate * (k + curvature)),
    )


def varied(spread: Spread, name: str) -> Spread:
    """Return the settings along which k or p is varied while the other is as usual."""
    other = {"agents": "coupling", "coupling": "agents"}[name]
    fixed = getattr(spread, other)
    places = np.flatnonzero(fixed == fixed[0])
    return spread.at(places[np.argsort(getattr(spread, name)[places])])
