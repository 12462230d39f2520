"""What differences between velocities do in Figure 3: momentum with one velocity for all agents.

Sec. 4.3: large k pulls positions close to their mean, but "significant differences in the velocities"
keep the agents from a minimum near their start. Here they are measured, and removed.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.experiment import Claim
from sdeopt.kernels.bindings import Scheduled
from sdeopt.kernels.compilation import compiled
from sims.rugged.claims import near_start
from sims.rugged.model import RuggedConfiguration, final_states
from sims.shared.measures import RELIABLE, Basins, rises, sampled

SETUP = (
    "Beside it too, at the largest coupling: the velocities of the agents; the same with momentum "
    "taken from the mean velocity, vⁱ ← δv• − η(f′(xⁱ + δvⁱ) + ζⁱ), so that of the velocities only the "
    "last step differs between agents."
)

MEASURED = 20
"""Replicas, at most, in which spreads are measured."""


@compiled
def step(
    x: float, gradient: float, increment: float, signal: float, mean_v: float, step_size: float,
    coupling: float, scheduled: Scheduled,
) -> tuple[float, float]:  # fmt: skip
    """Return the new position and velocity, with momentum from the mean velocity."""
    momentum = scheduled[0]
    new_v = momentum * mean_v - step_size * gradient + increment
    return x + new_v + step_size * coupling * (signal - x), new_v


@dataclass(frozen=True)
class OneVelocity(so.QSGDMomentum):
    """QSGD with momentum of the mean velocity: vⁱ ← δv• − η(∇f(xⁱ + δvⁱ) + ζⁱ)."""

    rules: ClassVar = {**so.QSGDMomentum.rules, "step": (__name__, "step")}


CASES = ("without coupling", "coupled", "one velocity")


def with_velocities(
    configuration: RuggedConfiguration, momentum: float, result: xr.Dataset
) -> xr.Dataset:
    """Add how agents spread in position and velocity, and where one velocity for all leads."""
    k = max(configuration.coupling)
    common = OneVelocity(k, momentum)
    few = replace(configuration, replicas=min(configuration.replicas, MEASURED))
    algorithms = (so.QSGDMomentum(0.0, momentum), so.QSGDMomentum(k, momentum), common)
    spreads = [_spreads(few, one, momentum) for one in algorithms]
    whole = final_states(configuration, common)
    names = ("positions", "velocities", "gradients")
    found = {
        f"spread_of_{name}": (("case", "few"), [values[index] for values, _ in spreads])
        for index, name in enumerate(names)
    }
    work = (len(algorithms) * few.replicas + configuration.replicas) * configuration.agents
    assigned = result.assign(found).assign(one_velocity_mean=whole["mean"])
    return assigned.assign_coords(case=list(CASES)).assign_attrs(
        run_seconds=result.attrs["run_seconds"]
        + sum(seconds for _, seconds in spreads)
        + whole.attrs["run_seconds"],
        agent_steps=result.attrs["agent_steps"] + work * configuration.steps,
    )


def _spreads(
    configuration: RuggedConfiguration, algorithm: Algorithm, momentum: float
) -> tuple[list[np.ndarray], float]:
    """Return the final spreads of positions, velocities and points of the gradient, per replica."""
    run = configuration.run(algorithm, so.record.End(("agents", "velocities")))
    x, v = run["agents"].isel(dim=0), run["velocities"].isel(dim=0)
    return [one.std("agent").values for one in (x, v, x + momentum * v)], run.attrs["run_seconds"]


def kept_by_velocities(panel: xr.Dataset, basins: Basins) -> list[Claim]:
    """Claim that differences of velocities, which no coupling removes, keep the mean from its start."""
    k = f"k = {panel['coupling'].item():g}"
    free, coupled, common = (panel.sel(case=case) for case in CASES)
    half_basin = 0.5 * basins.narrowest
    stayed = np.abs(panel["mean"].values - panel["start"].values) <= half_basin
    one = panel[["start", "reach"]].assign(mean=panel["one_velocity_mean"])
    case = f"Sec. 4.3, velocities: at {k} with one velocity for all agents"
    gradients = [each["spread_of_gradients"].values for each in (common, coupled)]
    return [
        sampled(
            Claim.at_most,
            f"Sec. 4.3, velocities: at {k} positions are pulled close to their mean, within r",
            np.mean,
            [coupled["spread_of_positions"].values],
            float(panel["reach"]),
            "standard deviation over agents",
        ),
        sampled(
            Claim.at_least,
            f"Sec. 4.3, velocities: at {k} velocities keep more than half of the differences "
            "that they have without coupling",
            lambda with_coupling, without: float(with_coupling.mean() / without.mean()),
            [coupled["spread_of_velocities"].values, free["spread_of_velocities"].values],
            0.5,
            "standard deviation over agents, with / without coupling",
        ),
        sampled(
            Claim.at_most,
            f"Sec. 4.3, velocities: at {k} the mean does not stay near its start",
            np.mean,
            [stayed],
            1.0 - RELIABLE,
            "share of replicas",
        ),
        near_start(one, basins, case),
        rises(
            f"{case}: the reason is that gradients are then taken closer together, and so on a less "
            f"smoothed loss (standard deviation of xⁱ + δvⁱ: {gradients[0].mean():.3f} there, "
            f"{gradients[1].mean():.3f} with velocities of their own)",
            *gradients,
        ),
    ]
