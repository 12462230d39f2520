"""The mean of coupled agents beside a single agent that feels the same noise.

Let dz = −∇f(z) dt + √(η/b) (1/p) Σ B dWⁱ be driven by the average noise of the agents. Then
d(x• − z) = −(∇f(x•) − ∇f(z)) dt + ε dt without noise, so that E‖x• − z‖ ≤ sup E‖ε‖ / l after
transients, and z is SGD with p times the batch: each term of Thm 5.1 bounds one distance. With EASGD
and with momentum z comes with its own x~ or velocity, and the terms of Thms 5.2 and 5.3 bound the
distances of both together.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.increments import Increments, brownian
from sims.comparison.looks import LOOKS, Looks
from sims.comparison.setting import BATCH_SIZE, BETWEEN, Setting

__all__ = ["beside_single_agent"]

LARGEST = 4_000_000
"""Numbers in a noise path that is held at once."""


def beside_single_agent(
    setting: Setting, *, distance: float, forget: float, window: float, replicas: int, seed: int
) -> xr.Dataset:
    """Simulate the SDE of a method and the single agent on the same noise.

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
        Averages in time along ``replica``: ``apart``, ‖x• − z‖, and ``alone``, ‖z − x*‖, of all
        parts of the state; the attribute ``agent_steps`` tells the work.
    """
    dt = setting.dt()
    early = BETWEEN * int(np.ceil(forget / (dt * BETWEEN)))
    between = BETWEEN * max(1, int(np.ceil(window / (dt * BETWEEN * LOOKS))))
    steps = early + between * LOOKS
    most = max(1, LARGEST // (steps * setting.agents * setting.dim))
    parts, alone = [], setting.alone()
    for first in range(0, replicas, most):
        count = min(most, replicas - first)
        # Replicas of one path are numbered from 0, so every path needs a seed of its own.
        path = brownian(steps, count, setting.agents, setting.dim, dt, seed=seed + 100_000 * first)
        seen = range(early + between, steps + 1, between)
        x = _path(Looks(setting, tuple(seen)), path, distance)
        z = _path(Looks(alone, tuple(seen)), _shared(path, alone.agents), distance)
        axes = (-2, -1)
        parts.append((np.linalg.norm(x - z, axis=axes), np.linalg.norm(z, axis=axes)))
    apart, noise = (
        np.concatenate(found, axis=1).mean(axis=0) for found in zip(*parts, strict=True)
    )
    return xr.Dataset(
        {"apart": ("replica", apart), "alone": ("replica", noise)},
        attrs={"agent_steps": steps * (setting.agents + alone.agents) * replicas},
    )


def _shared(path: Increments, agents: int) -> Increments:
    """Return a path on which all of some agents feel the average noise of the path."""
    values, areas = (
        None if given is None else np.repeat(given.mean(axis=2, keepdims=True), agents, axis=2)
        for given in (path.values, path.areas)
    )
    assert values is not None
    return Increments(values, areas, path.dt)


def _path(looks: Looks, path: Increments, distance: float) -> NDArray[np.float64]:
    """Return the joint state on given noise, after the transient: (look, replica, part, dim)."""
    setting = looks.setting
    law = setting.law()
    steps, replicas = path.values.shape[:2]
    run = so.simulate(
        law.loss,
        setting.algorithm(),
        steps=steps,
        step_size=setting.step_size,
        batch_size=BATCH_SIZE,
        start=so.start.Point(np.full(setting.dim, distance / np.sqrt(setting.dim))),
        noise=law.noise,
        agents=setting.agents,
        replicas=replicas,
        clock=so.clock.SDE(dt=setting.dt(), scheme="strong_order_1.5"),
        increments=path,
        record=looks.record(),
        progress=False,
    )
    return np.asarray(looks.state(run).values)
