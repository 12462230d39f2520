"""Agents without coupling at the noise of Figure 1, as random walks (Sec. 4.3, on high noise).

A random walk moves by a squared distance that grows with the number of steps, to the power 1, and
forgets where it was; what holds it here are the walls of the loss only. Displacements are taken in the
second half of a run, with nothing left of the start.
"""

from dataclasses import replace

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.experiment import Claim
from sdeopt.experiments.measured import SHARE
from sims.rugged.model import RuggedConfiguration
from sims.shared.measures import RELIABLE, Array, Basins, sampled
from sims.shared.panels import panels

SETUP = (
    "Beside the figure, and not drawn: how far agents go in 1 to 8 steps, and whether they are in the "
    "same basin 512 steps later, without coupling and at the first good one."
)

LAGS = (1, 2, 4, 8)
"""Steps within which a walk has not reached the walls: it needs about a hundred."""

FAR = 512
"""Steps after which it has forgotten where it was."""

FREE = 0.75
"""The least power of the number of steps that is taken for a random walk: nearer to 1 than to ½."""


def with_walk(configuration: RuggedConfiguration, result: xr.Dataset) -> xr.Dataset:
    """Add how agents move without coupling, and with the first that finds the minimum."""
    couplings = [0.0, *(float(panel["coupling"]) for panel in panels(result, "middle")[:1])]
    begin = max(configuration.steps, FAR)
    longer = replace(configuration, steps=begin + FAR)
    basins = Basins.of(result["position"], result["convolved"])
    record = so.record.At([begin, *(begin + lag for lag in (*LAGS, FAR))], ("agents",))
    runs = [longer.run(so.QSGD(k), record).isel(dim=0, drop=True) for k in couplings]
    moved, kept, by_chance = zip(*(_movement(run["agents"], basins) for run in runs), strict=True)
    seconds = sum(run.attrs["run_seconds"] for run in runs)
    work = len(runs) * configuration.replicas * configuration.agents * longer.steps
    return (
        result.assign(
            walk_moved=(("walk", "replica", "lag"), np.stack(moved)),
            walk_kept=(("walk", "replica"), np.stack(kept)),
            walk_by_chance=(("walk", "replica"), np.stack(by_chance)),
        )
        .assign_coords(walk=couplings, lag=list(LAGS))
        .assign_attrs(
            run_seconds=result.attrs["run_seconds"] + seconds,
            agent_steps=result.attrs["agent_steps"] + work,
        )
    )


def _movement(states: xr.DataArray, basins: Basins) -> tuple[Array, Array, Array]:
    """Return squared displacements, who kept a basin, and how many would by chance; per replica."""
    x = states.transpose("step", "replica", "agent").values
    moved = ((x[1:-1] - x[0]) ** 2).mean(axis=-1)
    first, last = basins.number(x[0]), basins.number(x[-1])
    shares = np.bincount(last.ravel(), minlength=len(basins.minima)) / last.size
    kept = (first == last).mean(axis=-1)
    return moved.T, kept, shares[first].mean(axis=-1)


def power(moved: Array) -> float:
    """Return the power of the number of steps with which squared displacements grow."""
    growth = np.log(np.maximum(moved.mean(axis=0), 1e-300))
    return float(np.polyfit(np.log(LAGS), growth, 1)[0])


def wanders(result: xr.Dataset) -> list[Claim]:
    """Claim that agents walk at random without coupling, and do not where it is good."""
    free, *coupled = (result.isel(walk=index) for index in range(result.sizes["walk"]))
    found = [
        sampled(
            Claim.at_least,
            "Sec. 4.3, noise: at k = 0 an agent walks at random: the square of its "
            f"displacement grows as the number of steps, up to {LAGS[-1]}",
            power,
            [free["walk_moved"].values],
            FREE,
            "power (a random walk 1, an agent held in place 0)",
        ),
        sampled(
            Claim.between,
            f"Sec. 4.3, noise: at k = 0 it forgets where it was: after {FAR} steps it is in the same "
            "basin as often as chance has it",
            lambda kept, by_chance: float(kept.mean() / by_chance.mean()),
            [free["walk_kept"].values, free["walk_by_chance"].values],
            0.9,
            1.1,
            "share in the same basin / share by chance",
        ),
    ]
    for panel in coupled:
        k = f"k = {panel['walk'].item():g}"
        found += [
            sampled(
                Claim.at_most,
                f"Sec. 4.3, noise: at {k} coupling makes the motion stable: there the displacement "
                "grows as that of an agent held in place",
                power,
                [panel["walk_moved"].values],
                FREE,
                "power (a random walk 1, an agent held in place 0)",
            ),
            sampled(
                Claim.at_least,
                f"Sec. 4.3, noise: at {k} agents keep their basin for {FAR} steps",
                np.mean,
                [panel["walk_kept"].values],
                RELIABLE,
                "share in the same basin",
                possible=SHARE,
            ),
        ]
    return found
