"""What is timed: four runs of coupled SGD, described once for the engine and for its rivals."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sdeopt import losses, noise, start
from sdeopt.algorithms import QSGD
from sdeopt.losses import Loss
from sdeopt.simulation.engine import simulate

Array = NDArray[np.float64]

SEED = 7


@dataclass(frozen=True)
class Workload:
    """One run of QSGD."""

    name: str
    title: str
    shape: Literal["rugged", "quadratic", "coupled"]
    law: Literal["uniform", "gaussian"]
    scale: float
    replicas: int = 200
    agents: int = 100
    dim: int = 1
    steps: int = 2000
    step_size: float = 0.04
    coupling: float = 8.0

    def work(self, steps: int) -> int:
        """Return the agent-steps (in more than one dimension: coordinate-steps) of some steps."""
        return self.replicas * self.agents * self.dim * steps

    def few_agents(self, agents: int) -> "Workload":
        """Return the run with as many agents in all, in replicas of fewer."""
        replicas = self.replicas * self.agents // agents
        return replace(self, name=f"{self.name}, p = {agents}", agents=agents, replicas=replicas)

    def loss(self) -> Loss:
        """Return the loss."""
        if self.shape == "rugged":
            return losses.RuggedWell()
        if self.shape == "quadratic":
            return losses.Quadratic(1.0)
        return losses.CoupledWells(dim=self.dim)

    def slopes(self) -> Array:
        """Return the gradient's coefficients for programs that write it out themselves."""
        loss = self.loss()
        if isinstance(loss, losses.Quadratic):
            return np.array([0.0, loss.matrix[0, 0], 0.0, 0.0, 0.0, 0.0, 0.0])
        if not isinstance(loss, losses.RuggedWell | losses.CoupledWells):
            raise TypeError(f"no coefficients are known for {loss!r}")
        polynomial = [4.0 * loss.quartic, 2.0 * loss.quadratic, loss.tilt]
        frequencies = np.asarray(loss.frequencies)
        waves = -np.asarray(loss.amplitudes) * frequencies / self.dim
        return np.concatenate([polynomial, waves, frequencies])

    def states(self) -> Array:
        """Return the first states, (replicas, agents, dim)."""
        shape = (self.replicas, self.agents, self.dim)
        return np.random.default_rng(SEED).uniform(-3.0, 3.0, shape)

    def simulate(
        self, steps: int, *, threads: int = 1, loss: Loss | None = None, **more: Any
    ) -> Array:
        """Run it in the engine."""
        law = noise.Uniform(self.scale) if self.law == "uniform" else noise.Gaussian(self.scale)
        usual = {"noise": law, "start": start.Uniform(-3.0, 3.0), "seed": SEED}
        settings: dict[str, Any] = usual | more
        run = simulate(
            loss or self.loss(),
            QSGD(coupling=self.coupling),
            agents=self.agents,
            replicas=self.replicas,
            steps=steps,
            step_size=self.step_size,
            threads=threads,
            progress=False,
            **settings,
        )
        return np.asarray(run["agents"].values)


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("W1", "rugged loss, uniform noise", "rugged", "uniform", 7.0),
        Workload("W1g", "rugged loss, Gaussian noise", "rugged", "gaussian", 4.0),
        Workload("W3", "quadratic loss, Gaussian noise", "quadratic", "gaussian", 4.0),
        Workload(
            "W2",
            "coupled loss, 50 coordinates, uniform noise",
            "coupled",
            "uniform",
            6.5,
            replicas=20,
            agents=10,
            dim=50,
            steps=1000,
            step_size=0.05,
            coupling=3.0,
        ),
    )
}
