"""QSGD measured in its stationary state: one setting, transients thrown away, replicas kept apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import sdeopt as so
from sims.comparison.families import Family, family

if TYPE_CHECKING:
    from theory.moments import SecondMoments

__all__ = ["PULL", "Setting", "measure"]

PULL = 0.1
"""(k + largest curvature)·dt: how finely time is cut."""

BETWEEN = 5
"""Steps between two looks: half the fastest time of the system."""

BATCH_SIZE = 1
"""b; bounds and dynamics know η and b as η/b only."""


@dataclass(frozen=True)
class Setting:
    """One point of a comparison.

    Parameters
    ----------
    family : str
        One of `sims.comparison.families.FAMILIES`.
    dim, agents : int
        n and p.
    coupling, step_size : float
        k and η.
    shown : str
        What it is varied for, where a result has several grids.
    """

    family: str
    dim: int
    agents: int
    coupling: float
    step_size: float
    shown: str = ""

    def law(self) -> Family:
        """Return the loss and its noise."""
        return family(self.family, self.dim)

    def dt(self) -> float:
        """Return the time step."""
        return PULL / (self.coupling + self.law().fastest)

    def moments(self) -> "SecondMoments | None":
        """Return the exact stationary second moments on a quadratic, None on other losses."""
        law = self.law()
        if not isinstance(law.loss, so.losses.Quadratic):
            return None
        from theory.moments import qsgd, stationary_covariance

        method = qsgd(agents=self.agents, coupling=self.coupling)
        noise = self.step_size / BATCH_SIZE * law.covariance
        return stationary_covariance(method, law.loss.matrix, noise)

    def per_agent(self) -> dict[str, float]:
        """Return the parameters that all bounds take, by their names there."""
        return {
            "agents": self.agents,
            "coupling": self.coupling,
            "step_size": self.step_size,
            "batch_size": BATCH_SIZE,
            "noise_bound": self.law().noise_bound,
        }


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
    """Simulate the SDE of QSGD, and average statistics in time over what follows the transient.

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
        Equal parts of the window, each with its averages and the ``mean`` at its end.

    Returns
    -------
    xarray.Dataset
        The statistics and ``mean`` along ``step`` and ``replica``; the attribute ``agent_steps``
        tells the work.
    """
    law, dt = setting.law(), setting.dt()
    early = max(1, int(np.ceil(forget / dt)))
    part = BETWEEN * max(1, int(np.ceil(window / (dt * looks * BETWEEN))))
    records = early + part * np.arange(looks + 1)
    steps = int(records[-1])
    run = so.simulate(
        law.loss,
        so.QSGD(coupling=setting.coupling),
        steps=steps,
        step_size=setting.step_size,
        batch_size=BATCH_SIZE,
        start=so.start.Gaussian(0.0, float(np.sqrt(spread))),
        noise=law.noise,
        agents=setting.agents,
        replicas=replicas,
        seed=seed,
        clock=so.clock.SDE(dt=dt, scheme="strong_order_1.5"),
        record=so.record.At(records.tolist(), variables=("mean",)),
        statistics=statistics,
        statistics_every=BETWEEN,
        progress=False,
    )
    return run.isel(step=slice(1, None)).assign_attrs(agent_steps=steps * setting.agents * replicas)
