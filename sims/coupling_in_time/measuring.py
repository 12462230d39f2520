"""Runs whose coupling is switched by the curvature, and what is measured of final agents."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.schedules import ScheduleLike
from sdeopt.start import Start
from sims.shared.measures import RELIABLE, Array, Basins

POSITIONS = np.linspace(-3.0, 3.0, 6001)
"""Where minima and losses are looked up."""


@dataclass(frozen=True)
class Rugged:
    """Agents on the loss of Figure 1."""

    agents: int
    step_size: float
    half_width: float

    def loss(self) -> so.losses.RuggedWell:
        """Return the loss."""
        return so.losses.RuggedWell()

    def run(
        self, coupling: ScheduleLike, steps: int, start: Start, replicas: int, seed: int
    ) -> Array:
        """Return the final agents of QSGD, (replica, agent)."""
        run = so.simulate(
            self.loss(),
            so.QSGD(coupling),
            noise=so.noise.Uniform(self.half_width),
            agents=self.agents,
            replicas=replicas,
            steps=steps,
            step_size=self.step_size,
            start=start,
            seed=seed,
            record=so.record.End(("agents",)),
        )
        final: Array = run["agents"].isel(dim=0).values
        return final

    def curvature(self, x: Array) -> Array:
        """Return the slope of f' between points a wavelength of the ripples to either side."""
        loss = self.loss()
        wavelength = 2 * np.pi / loss.frequencies[1]
        right, left = (loss.gradient((x + side)[..., None]) for side in (wavelength, -wavelength))
        slope: Array = (right - left)[..., 0] / (2 * wavelength)
        return slope

    def measured(self, agents: Array) -> xr.Dataset:
        """Return losses, spread and distances from minima, per schedule and replica."""
        loss = self.loss()
        heights = loss.value(POSITIONS[:, None])
        true = Basins.of(POSITIONS, heights)
        mean = agents.mean(axis=-1)
        nearest = true.minima[true.number(mean)]
        axes = ("schedule", "replica")
        return xr.Dataset(
            {
                "loss_of_mean": (axes, loss.value(mean[..., None])),
                "loss_of_agents": (axes, loss.value(agents[..., None]).mean(axis=-1)),
                "mean": (axes, mean),
                "spread": (axes, agents.std(axis=-1)),
                "off": (axes, np.abs(mean - nearest)),
                "at_deepest": (axes, true.number(mean) == true.deepest),
                "loss": ("position", heights),
                "ripple": 2 * np.pi / loss.frequencies[1],
            },
            coords={"position": POSITIONS},
        )


Mask: TypeAlias = NDArray[np.bool_]


def _at_mean(rugged: Rugged, agents: Array) -> Mask:
    """Return whether the loss curves upwards at the mean."""
    return rugged.curvature(agents.mean(axis=-1)) > 0


def _at_agents(rugged: Rugged, agents: Array) -> Mask:
    """Return whether it does so at the mean and at nine in ten agents."""
    most = (rugged.curvature(agents) > 0).mean(axis=-1) >= RELIABLE
    found: Mask = most & _at_mean(rugged, agents)
    return found


TRIGGERS: dict[str, Callable[[Rugged, Array], Mask]] = {
    "curvature at the mean": _at_mean,
    "curvature at the agents": _at_agents,
}
"""What tells that the mean is near a minimum."""


@dataclass(frozen=True)
class Switched:
    """A coupling that is switched from one value to another, for each replica when a trigger says so."""

    rugged: Rugged
    early: float
    late: float
    looks: int

    def run(self, trigger: str, steps: int, replicas: int, seed: int) -> tuple[Array, Array]:
        """Return the final agents, and the share of the run after which each replica was switched."""
        ends = np.linspace(0, steps, self.looks + 1).round().astype(int)
        random = np.random.default_rng(seed)
        agents = random.uniform(-3.0, 3.0, (replicas, self.rugged.agents))
        when = np.ones(replicas)
        for look in range(self.looks):
            waiting = when == 1.0
            now = waiting & TRIGGERS[trigger](self.rugged, agents)
            when[now] = ends[look] / steps
            length = int(ends[look + 1] - ends[look])
            for k, chosen in ((self.early, when == 1.0), (self.late, when < 1.0)):
                if chosen.any():
                    start = so.start.Point(agents[chosen][..., None])
                    # noise of its own for every stretch
                    stretch = seed + 1 + look
                    agents[chosen] = self.rugged.run(k, length, start, int(chosen.sum()), stretch)
        return agents, when
