"""A method measured in its stationary state: one setting, transients thrown away, replicas apart."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

import sdeopt as so
from sims.comparison.looks import Looks
from sims.comparison.setting import BATCH_SIZE, BETWEEN, PULL, Setting

__all__ = ["PULL", "measure"]


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
    """Simulate the SDE of a method, and average statistics in time over what follows the transient.

    Parameters
    ----------
    setting : Setting
        What is simulated.
    statistics : sequence of str
        As for `sdeopt.simulate`.
    spread : float
        The variance of every coordinate of every agent at the start, about the origin.
    forget, window : float
        The times that are thrown away, and averaged over.
    replicas : int
        How many.
    seed : int
        The seed.
    looks : int
        Equal parts of the window, each with its averages and the state at its end.

    Returns
    -------
    xarray.Dataset
        The statistics along ``step`` and ``replica``, and ``state``, which
        `sims.comparison.looks.Looks` describes; the attribute ``agent_steps`` tells the work.
    """
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
