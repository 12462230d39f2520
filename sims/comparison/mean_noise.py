"""The noise that the mean of coupled agents feels, taken out of its path."""

import numpy as np
import xarray as xr

import sdeopt as so
from sims.comparison.setting import BATCH_SIZE, Setting

__all__ = ["noise_of_mean"]


def noise_of_mean(setting: Setting, *, steps: int, replicas: int, seed: int) -> xr.Dataset:
    """Simulate the SDE of QSGD by Euler-Maruyama, and take its drift off the path of the mean.

    Parameters
    ----------
    setting : Setting
        What is simulated.
    steps : int
        How many steps are looked at.
    replicas : int
        How many.
    seed : int
        The seed.

    Returns
    -------
    xarray.Dataset
        ``noise`` (replica, row, column): for x•(t + dt) = x• − (1/p) Σ ∇f(xⁱ) dt + r, the average of
        rrᵀ/dt over the steps; its expectation is (η/(bp)) B̂B̂ᵀ by Thm 3.2. The attribute
        ``agent_steps`` tells the work.
    """
    law, dt = setting.law(), setting.dt()
    run = so.simulate(
        law.loss,
        so.QSGD(coupling=setting.coupling),
        steps=steps,
        step_size=setting.step_size,
        batch_size=BATCH_SIZE,
        start=so.start.Gaussian(0.0, float(np.sqrt(setting.step_size))),
        noise=law.noise,
        agents=setting.agents,
        replicas=replicas,
        seed=seed,
        clock=so.clock.SDE(dt=dt),
        record=so.record.Every(1, variables=("agents",)),
        progress=False,
    )
    agents = run["agents"].transpose("step", "replica", "agent", "dim").values
    mean = agents.mean(axis=2)
    drift = -law.loss.gradient(agents[:-1]).mean(axis=2)
    rest = mean[1:] - mean[:-1] - drift * dt
    noise = np.einsum("sri,srj->rij", rest, rest) / (steps * dt)
    return xr.Dataset(
        {"noise": (("replica", "row", "column"), noise)},
        attrs={"agent_steps": steps * setting.agents * replicas},
    )
