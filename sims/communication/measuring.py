"""Agents on a parabola with noise, and on wells: long runs measured, and borders of stability found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.experiments.measured import Measured
from sims.shared.linear import largest_stable
from sims.shared.measures import Array
from theory.moments import Network, long_run

CURVATURE = 1.0
"""h of the parabola, in which q = ηh is η."""

LATE = 20
"""Last states of which the largest counts: a mode that turns has no size of its own at one step."""

LEAST, MOST = 1e-3, 4.2
"""ηk between which borders are searched."""

WELLS = so.losses.RuggedWell.robust()
HALF_WIDTH, STEP_SIZE = 9.0, 0.05
"""Of the noise and of a step on the wells: those of the experiment `phase`."""


@dataclass(frozen=True)
class Size:
    """How much is simulated on a parabola."""

    agents: int
    step_size: float
    steps: int
    forget: int
    replicas: int
    seed: int


def on_parabola(
    size: Size, algorithm: Algorithm, exact: Network, every: int = 1
) -> dict[str, float]:
    """Return mean squares in the long run, measured and exact, by name.

    Averages over time are taken within a replica. With a period, states are looked at when it ends.
    """
    run = so.simulate(
        so.losses.Quadratic(CURVATURE),
        algorithm,
        noise=so.noise.Gaussian(1.0),
        agents=size.agents,
        replicas=size.replicas,
        steps=size.forget + size.steps,
        step_size=size.step_size,
        start=so.start.Point(0.0),
        seed=size.seed,
        record=so.record.At([size.forget, size.forget + size.steps], ("mean",)),
        statistics=["synchronization", "loss_of_mean", "loss_of_quorum", "agent_mean"],
        statistics_every=every,
        progress=False,
    ).isel(step=-1)
    half = CURVATURE / 2.0
    samples = {
        "mean": run["loss_of_mean"].values / half,
        "quorum": run["loss_of_quorum"].values / half,
        "spread": run["synchronization"].values,
        "time_average": run["agent_mean"].values[:, 0] ** 2,
    }
    moments = long_run(exact, CURVATURE, size.step_size**2)
    found: dict[str, float] = {"replicas": size.replicas}
    for name, sample in samples.items():
        measured = Measured.of(sample)
        found[name], found[f"{name}_error"] = float(measured.value), float(measured.error)
    for name in ("mean", "quorum", "spread"):
        found[f"exact_{name}"] = float(getattr(moments, name))
    return found


def table(rows: Sequence[dict[str, float | str]]) -> xr.Dataset:
    """Return rows with the same names as the columns of a dataset."""
    columns = {name: ("setting", [row[name] for row in rows]) for name in rows[0]}
    return xr.Dataset(columns)


def simulated_border(algorithm: "so.QSGD | so.EASGD", size: Size, halvings: int) -> float:
    """Return the ηk from which the iteration without noise grows, by halving an interval."""
    first = size.steps // 2
    seen = [*range(first - LATE, first), *range(size.steps - LATE, size.steps)]

    def stable(pull: float) -> bool:
        fields = {
            name: getattr(algorithm, name)
            for name in ("graph", "delay", "participation", "period", "staggered")
        }
        run = so.simulate(
            so.losses.Quadratic(CURVATURE),
            type(algorithm)(pull / size.step_size, **fields),
            steps=size.steps,
            step_size=size.step_size,
            start=so.start.Gaussian(0.0, 1.0),
            agents=size.agents,
            seed=size.seed,
            record=so.record.At(seen, ("agents", "quorum")),
            on_divergence="mask",
            threads=1,
            progress=False,
        )
        agents, quorum = run["agents"].values[:, 0, :, 0], run["quorum"].values[:, 0, 0]
        # the largest size, as squares of what grows would overflow
        sizes = np.maximum(np.abs(agents).max(axis=1), np.abs(quorum))
        early, late = sizes[:LATE].max(), sizes[LATE:].max()
        # in many steps what decays reaches 0, or the smallest number, and stays there
        return bool(np.isfinite(late) and late <= early)

    return largest_stable(stable, LEAST, MOST, halvings)


def border_table(
    exact: str,
    rows: tuple[str, Mapping[str, Any]],
    columns: tuple[str, Sequence[Any]],
    both: Callable[[Any, Any], tuple[float, float]],
) -> xr.Dataset:
    """Return the simulated and the exact border that `both` finds for every row and column."""
    (row, named), (column, values) = rows, columns
    found = np.array([[both(one, other) for other in values] for one in named.values()])
    axes = (row, column)
    return xr.Dataset(
        {"border": (axes, found[..., 0]), exact: (axes, found[..., 1])},
        {row: list(named), column: list(values)},
    )


def on_wells(
    algorithm: Algorithm, *, agents: int, replicas: int, steps: int, seed: int
) -> tuple[Array, float]:
    """Return the last quorum variables, and the mean square of an agent's distance from the mean."""
    run = so.simulate(
        WELLS,
        algorithm,
        noise=so.noise.Uniform(HALF_WIDTH),
        agents=agents,
        replicas=replicas,
        steps=steps,
        step_size=STEP_SIZE,
        start=so.start.Uniform(-3.0, 3.0),
        seed=seed,
        record=so.record.At([steps - steps // 3, steps], ("quorum",)),
        statistics=["synchronization"],
        on_divergence="mask",
        progress=False,
    ).isel(step=-1)
    spread = float(run["synchronization"].mean()) / (agents - 1)
    return np.asarray(run["quorum"].values[:, 0]), spread


def goal() -> float:
    """Return the global minimum of the wells convolved with the noise of a step."""
    smooth = WELLS.convolved(so.noise.Uniform(HALF_WIDTH), scale=STEP_SIZE)
    position = np.linspace(-3.0, 3.0, 6001)
    return float(position[np.argmin(smooth.value(position[:, None]))])


def near_goal(quorum: Array) -> Array:
    """Return which quorum variables are within the reach of one step's noise of the goal."""
    return np.asarray(np.abs(quorum - goal()) <= HALF_WIDTH * STEP_SIZE)
