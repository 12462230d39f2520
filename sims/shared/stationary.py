"""A method measured in its stationary state: transients thrown away, replicas apart.

A proof of the form  d/dt E V ≤ −r E V + (what noise adds)  gives  E V(t) ≤ level + e^{−rt} E V(0).
A run is measured from the time on when that last term is below a stated share of the level.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

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


LOOKS = 40
"""Times at which the state is looked at, in a window of a few times the slowest."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Looks:
    """Steps at which the joint part of the state is looked at.

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
        """Return what was seen: (step, replica, part, dim)."""

        def at(name: str, back: int = 0) -> Array:
            rows = run[name].sel(step=[step - back for step in self.steps])
            return np.asarray(rows.transpose("step", "replica", "dim").values)

        seen = [at("mean")]
        if "quorum" in self.parts:
            seen.append(at("quorum"))
        if "velocity" in self.parts:
            now, before = at("mean"), at("mean", 1)
            seen = [(now + before) / 2, (now - before) / self.setting.dt()]
        return xr.DataArray(
            np.stack(seen, axis=2),
            {"step": list(self.steps), "part": list(self.parts)},
            ("step", "replica", "part", "dim"),
        )

    def average(self, run: xr.Dataset, statistics: Sequence[str]) -> xr.Dataset:
        """Return statistics averaged between two looks, at the later one."""
        if not statistics:
            return xr.Dataset()
        ends = run[list(statistics)].sel(step=list(self.steps))
        if "velocity" not in self.parts:
            return ends
        # Between two looks is one more record, a step before the later: what is averaged up to
        # there is all observations but the last.
        before = run[list(statistics)].sel(step=[step - 1 for step in self.steps])
        count = np.diff(self.steps, prepend=0) // BETWEEN
        last = xr.DataArray(1 / count, {"step": ends["step"]}, "step")
        return ends * last + before.assign_coords(step=ends["step"]) * (1 - last)


def measure(
    setting: Setting,
    *,
    statistics: Sequence[str],
    spread: float,
    forget: float,
    window: float,
    replicas: int,
    seed: int,
    looks: int = 1,
) -> xr.Dataset:
    """Simulate the SDE of a method, and average statistics in time over what follows the transient."""
    law, dt = setting.law(), setting.dt()
    early = BETWEEN * max(2, int(np.ceil(forget / (dt * BETWEEN))))
    part = BETWEEN * max(2, int(np.ceil(window / (dt * looks * BETWEEN))))
    seen = Looks(setting, tuple((early + part * np.arange(looks + 1)).tolist()))
    steps = seen.steps[-1]
    run = so.simulate(
        law.loss,
        setting.algorithm(),
        steps=steps,
        step_size=setting.step_size,
        batch_size=BATCH_SIZE,
        start=so.start.Gaussian(0.0, float(np.sqrt(spread))),
        noise=law.noise,
        agents=setting.agents,
        replicas=replicas,
        seed=seed,
        clock=so.clock.SDE(dt=dt, scheme="strong_order_1.5"),
        record=seen.record(),
        statistics=statistics,
        statistics_every=BETWEEN,
        progress=False,
    )
    found = seen.average(run, statistics).assign(state=seen.state(run))
    work = steps * setting.agents * replicas
    return found.isel(step=slice(1, None)).assign_attrs(agent_steps=work)
