"""Brownian paths on nested time steps, and the methods driven by them.

Every method, every step size and the iteration itself see the same path: what they end with differs
by what is compared and hardly by chance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from scipy.special import ndtr

import sdeopt as so
from sims.sde.model import Array, Method, NoisyLoss

MOST = 2**22
"""Numbers of a path that are held at once: 32 MiB."""


@dataclass(frozen=True, eq=False)
class Path:
    """Standard normals of shape (steps, replicas, agents, dim), `finest` of them in a tick.

    Parameters
    ----------
    normals : numpy.ndarray
        Increments over steps of tick/`finest`, divided by the root of that.
    finest : int
        Steps in a tick.
    start : numpy.ndarray
        Where the agents start, of shape (replicas, agents, dim).
    first : int
        The number of the first of the replicas.
    """

    normals: Array
    finest: int
    start: Array
    first: int

    def coarse(self, level: int) -> Array:
        """Return the standard normals of the same path with `level` steps in a tick."""
        together = self.finest // level
        steps, *rest = self.normals.shape
        grouped = self.normals.reshape(steps // together, together, *rest)
        return np.asarray(grouped.sum(axis=1) / np.sqrt(together))

    def work(self, level: int) -> int:
        """Return the number of agent steps at a level."""
        steps, replicas, agents, _ = self.normals.shape
        return int(steps * level // self.finest * replicas * agents)


def paths(
    problem: NoisyLoss, *, ticks: int, finest: int, replicas: int, seed: int
) -> Iterator[Path]:
    """Yield paths that together have so many replicas, a few replicas at a time."""
    shape = (problem.agents, problem.loss.dim)
    most = max(1, MOST // (ticks * finest * shape[0] * shape[1]))
    for first in range(0, replicas, most):
        random = np.random.default_rng([seed, first])
        count = min(most, replicas - first)
        reach = problem.given.start_half_width
        start = random.uniform(-reach, reach, (count, *shape))
        normals = random.standard_normal((ticks * finest, count, *shape))
        yield Path(normals, finest, start, first)


def iterate(problem: NoisyLoss, method: Method, coupling: float, path: Path) -> xr.Dataset:
    """Return the end of the iteration, with the uniform noise that rises with the path."""
    # Φ turns a normal into a uniform number; increments on this clock are draws of ζ, which enters
    # with a minus.
    noise = problem.given.half_width * (1.0 - 2.0 * ndtr(path.coarse(1)))
    return so.simulate(
        problem.loss,
        method.iterated(problem, coupling),
        noise=so.noise.Gaussian(1.0),
        increments=so.Increments(noise),
        step_size=method.step_size(problem),
        **_common(path, steps=noise.shape[0]),
    )


def solve(
    problem: NoisyLoss, method: Method, coupling: float, path: Path, level: int
) -> xr.Dataset:
    """Return the end of the differential equation, by Euler-Maruyama with `level` steps a tick."""
    tick = method.tick(problem)
    dt = tick / level
    return so.simulate(
        problem.loss,
        method.solved(problem, coupling),
        noise=so.noise.Gaussian(problem.deviation),
        increments=so.Increments(np.sqrt(dt) * path.coarse(level), dt=dt),
        step_size=tick,
        clock=so.clock.SDE(dt),
        **_common(path, steps=path.normals.shape[0] * level // path.finest),
    )


def _common(path: Path, steps: int) -> dict[str, Any]:
    return {
        "steps": steps,
        "start": so.start.Point(path.start),
        "agents": path.start.shape[1],
        "replicas": path.start.shape[0],
        # Where a step is too long for the method that is found out, and said.
        "on_divergence": "mask",
        "progress": False,
    }
