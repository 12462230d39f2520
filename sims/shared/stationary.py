"""A method measured in its stationary state: transients thrown away, replicas apart.

A proof of the form  d/dt E V ≤ −r E V + (what noise adds)  gives  E V(t) ≤ level + e^{−rt} E V(0).
A run is measured from the time on when that last term is below a stated share of the level.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sims.shared.setting import BATCH_SIZE, BETWEEN, Setting

FORGOTTEN = 1e-3
"""The share of the level that is left of the start."""


def forgetting_time(start: float, level: float, rate: float, share: float = FORGOTTEN) -> float:
    """Return the time from which a run is measured."""
    return max(0.0, math.log(start / (share * level)) / rate)


SNAPSHOTS = 40
"""Times at which the state is kept, in a window of a few times the slowest."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Snapshots:
    """Steps at which the mean is kept, with x~ or its velocity.

    A velocity is not recorded, but as coupling leaves the mean alone, dx• = v• dt, v• averaged over a
    step is what x• moves by. It is less than v• at an instant by the share μ dt/3 of its variance.
    """

    setting: Setting
    steps: tuple[int, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """``position``, and ``quorum`` or ``velocity``."""
        return self.setting.method().state

    def record(self) -> so.record.Record:
        """Return what `sdeopt.simulate` shall keep."""
        if "velocity" in self.parts:
            pairs = {step - back for step in self.steps for back in (0, 1)}
            return so.record.At(sorted(pairs), variables=("mean",))
        names = ("mean", "quorum") if "quorum" in self.parts else ("mean",)
        return so.record.At(list(self.steps), variables=names)

    def state(self, run: xr.Dataset) -> xr.DataArray:
        """Return the state at these steps: (step, replica, part, dim)."""

        def at(name: str, back: int = 0) -> Array:
            rows = run[name].sel(step=[step - back for step in self.steps])
            return np.asarray(rows.transpose("step", "replica", "dim").values)

        found = [at("mean")]
        if "quorum" in self.parts:
            found.append(at("quorum"))
        if "velocity" in self.parts:
            now, before = at("mean"), at("mean", 1)
            found = [(now + before) / 2, (now - before) / self.setting.dt()]
        return xr.DataArray(
            np.stack(found, axis=2),
            {"step": list(self.steps), "part": list(self.parts)},
            ("step", "replica", "part", "dim"),
        )

    def average(self, run: xr.Dataset, statistics: Sequence[str]) -> xr.Dataset:
        """Return statistics averaged from one of these steps to the next, at the later one."""
        if not statistics:
            return xr.Dataset()
        ends = run[list(statistics)].sel(step=list(self.steps))
        if "velocity" not in self.parts:
            return ends
        # There is one more record, a step before the later: what is averaged up to there is all
        # observations but the last.
        before = run[list(statistics)].sel(step=[step - 1 for step in self.steps])
        count = np.diff(self.steps, prepend=0) // BETWEEN
        last = xr.DataArray(1 / count, {"step": ends["step"]}, "step")
        return ends * last + before.assign_coords(step=ends["step"]) * (1 - last)


def simulate_sde(setting: Setting, **arguments: Any) -> xr.Dataset:
    """Simulate the SDE of a method by the scheme of order 1.5."""
    law = setting.law()
    return so.simulate(
        law.loss,
        setting.algorithm(),
        step_size=setting.step_size,
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
    kept = Snapshots(setting, tuple((early + part * np.arange(snapshots + 1)).tolist()))
    steps = kept.steps[-1]
    run = simulate_sde(
        setting,
        steps=steps,
        start=so.start.Gaussian(0.0, float(np.sqrt(spread))),
        replicas=replicas,
        seed=seed,
        record=kept.record(),
        statistics=statistics,
        statistics_every=BETWEEN,
    )
    found = kept.average(run, statistics).assign(state=kept.state(run))
    work = steps * setting.agents * replicas
    return found.isel(step=slice(1, None)).assign_attrs(agent_steps=work)
