"""The mean of coupled agents beside a single agent that feels the same noise.

Let dz = −∇f(z) dt + √(η/b) (1/p) Σ B dWⁱ be driven by the average noise of the agents. Then
d(x• − z) = −(∇f(x•) − ∇f(z)) dt + ε dt without noise, so that E‖x• − z‖ ≤ sup E‖ε‖ / l after
transients, and z is SGD with p times the batch: each term of Thm 5.1 bounds one distance.
"""

from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.increments import Increments, brownian
from sims.comparison.stationary import BATCH_SIZE, BETWEEN, Setting

__all__ = ["beside_single_agent"]

LARGEST = 4_000_000
"""Numbers in a noise path that is held at once."""


def beside_single_agent(
    setting: Setting, *, distance: float, forget: float, window: float, replicas: int, seed: int
) -> xr.Dataset:
    """Simulate the SDE of QSGD and the single agent on the same noise.

    Parameters
    ----------
    setting : Setting
        What is simulated, with the minimizer at the origin.
    distance : float
        Where all agents start.
    forget, window : float
        The times that are thrown away, and averaged over.
    replicas : int
        How many.
    seed : int
        The seed.

    Returns
    -------
    xarray.Dataset
        Averages in time along ``replica``: ``apart``, ‖x• − z‖, and ``alone``, ‖z − x*‖; the
        attribute ``agent_steps`` tells the work.
    """
    dt = setting.dt()
    early = int(np.ceil(forget / dt))
    steps = early + BETWEEN * max(1, int(np.ceil(window / (dt * BETWEEN))))
    most = max(1, LARGEST // (steps * setting.agents * setting.dim))
    parts = []
    for first in range(0, replicas, most):
        count = min(most, replicas - first)
        # Replicas of one path are numbered from 0, so every path needs a seed of its own.
        path = brownian(steps, count, setting.agents, setting.dim, dt, seed=seed + 100_000 * first)
        together = Increments(
            path.values.mean(axis=2, keepdims=True),
            None if path.areas is None else path.areas.mean(axis=2, keepdims=True),
            dt,
        )
        alone = replace(setting, agents=1)
        x = _path_of_mean(setting, path, dt, distance, early)
        z = _path_of_mean(alone, together, dt, distance, early)
        parts.append((np.linalg.norm(x - z, axis=-1), np.linalg.norm(z, axis=-1)))
    apart, noise = (
        np.concatenate(found, axis=1).mean(axis=0) for found in zip(*parts, strict=True)
    )
    return xr.Dataset(
        {"apart": ("replica", apart), "alone": ("replica", noise)},
        attrs={"agent_steps": steps * (setting.agents + 1) * replicas},
    )


def _path_of_mean(
    setting: Setting, path: Increments, dt: float, distance: float, early: int
) -> NDArray[np.float64]:
    """Return x• on given noise, after the transient: (step, replica, dim)."""
    law = setting.law()
    steps, replicas = path.values.shape[:2]
    run = so.simulate(
        law.loss,
        so.QSGD(coupling=setting.coupling),
        steps=steps,
        step_size=setting.step_size,
        batch_size=BATCH_SIZE,
        start=so.start.Point(np.full(setting.dim, distance / np.sqrt(setting.dim))),
        noise=law.noise,
        agents=setting.agents,
        replicas=replicas,
        clock=so.clock.SDE(dt=dt, scheme="strong_order_1.5"),
        increments=path,
        record=so.record.At(range(early + BETWEEN, steps + 1, BETWEEN), variables=("mean",)),
        progress=False,
    )
    return np.asarray(run["mean"].transpose("step", "replica", "dim").values)
