"""A method measured in its stationary state: transients thrown away, replicas apart.

A proof of the form  d/dt E V ≤ −r E V + (what noise adds)  gives  E V(t) ≤ level + e^{−rt} E V(0).
A run is measured from the time on when that last term is below a stated share of the level.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

import sdeopt as so
from sims.shared.setting import BATCH_SIZE, BETWEEN, Setting

FORGOTTEN = 1e-3
"""The share of the level that is left of the start."""


def forgetting_time(start: float, level: float, rate: float, share: float = FORGOTTEN) -> float:
    """Return the time from which a run is measured."""
    return max(0.0, math.log(start / (share * level)) / rate)


SNAPSHOTS = 40
"""Times at which the state is kept, in a window of a few times the slowest."""


def parts_of(setting: Setting) -> tuple[str, ...]:
    """Return what the state of the mean is: ``position``, and ``quorum`` or ``velocity``."""
    return setting.method().state


def snapshots_at(setting: Setting, steps: Sequence[int]) -> so.record.Record:
    """Return the record of these steps with all that `state_of` reads."""
    names = {"position": "mean", "quorum": "quorum", "velocity": "velocities"}
    return so.record.At(steps, variables=[names[part] for part in parts_of(setting)])


def state_of(setting: Setting, run: xr.Dataset) -> xr.DataArray:
    """Return the mean at every snapshot, with x~ or its velocity: (step, replica, part, dim)."""
    found = {
        "position": lambda: run["mean"],
        "quorum": lambda: run["quorum"],
        "velocity": lambda: run["velocities"].mean("agent"),
    }
    parts = parts_of(setting)
    return xr.DataArray(
        np.stack(
            [found[part]().transpose("step", "replica", "dim").values for part in parts], axis=2
        ),
        {"step": run["step"].values, "part": list(parts)},
        ("step", "replica", "part", "dim"),
    )


def simulate_sde(setting: Setting, **arguments: Any) -> xr.Dataset:
    """Simulate the SDE of a method by the scheme of order 1.5."""
    law = setting.law()
    return so.simulate(
        law.loss,
        setting.algorithm(),
        step_size=setting.step_sizes(),
        batch_size=BATCH_SIZE,
        noise=law.noise,
        agents=setting.agents,
        clock=so.clock.SDE(dt=setting.dt(), scheme="strong_order_1.5"),
        progress=False,
        **arguments,
    )


def measure(
    setting: Setting,
    *,
    statistics: Sequence[str],
    spread: float,
    forget: float,
    window: float,
    replicas: int,
    seed: int,
    snapshots: int = 1,
) -> xr.Dataset:
    """Simulate, and average statistics in time over what follows the transient."""
    dt = setting.dt()
    early = BETWEEN * max(2, int(np.ceil(forget / (dt * BETWEEN))))
    part = BETWEEN * max(2, int(np.ceil(window / (dt * snapshots * BETWEEN))))
    steps = (early + part * np.arange(snapshots + 1)).tolist()
    run = simulate_sde(
        setting,
        steps=steps[-1],
        start=so.start.Gaussian(0.0, float(np.sqrt(spread))),
        replicas=replicas,
        seed=seed,
        record=snapshots_at(setting, steps),
        statistics=statistics,
        statistics_every=BETWEEN,
    )
    found = run[list(statistics)].assign(state=state_of(setting, run))
    work = steps[-1] * setting.agents * replicas
    return found.isel(step=slice(1, None)).assign_attrs(agent_steps=work)
