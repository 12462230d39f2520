"""QSGD as a user writes it in numba: plain loops, ``np.random`` and ``math.sin``."""

# ruff: noqa: NPY002 (this is the generator that numba compiles best, and what its users write)

import math
from typing import Any

import numba
import numpy as np

from sdeopt.benchmark.contender import Array, Contender, Runner, timed
from sdeopt.benchmark.workloads import Workload

__all__ = ["NUMBA"]


def loop_1d(
    x: Array, steps: int, eta: float, k: float, scale: float, slopes: Array, kind: int
) -> None:
    """Run in place; `kind` has bit 0 for Gaussian noise and bit 1 for the two sines."""
    np.random.seed(1)
    cubic, linear, constant = slopes[0], slopes[1], slopes[2]
    replicas, agents = x.shape
    for r in range(replicas):
        for _ in range(steps):
            mean = 0.0
            for i in range(agents):
                mean += x[r, i]
            mean /= agents
            for i in range(agents):
                y = x[r, i]
                g = linear * y
                if kind & 2:
                    g += cubic * y * y * y + constant
                    g += slopes[3] * math.sin(slopes[5] * y) + slopes[4] * math.sin(slopes[6] * y)
                noise = (
                    np.random.normal(0.0, scale) if kind & 1 else np.random.uniform(-scale, scale)
                )
                x[r, i] = y - eta * (g + noise) + eta * k * (mean - y)


def loop_coupled(x: Array, steps: int, eta: float, k: float, scale: float, slopes: Array) -> None:
    """Run the coupled loss in place, with uniform noise."""
    np.random.seed(1)
    replicas, agents, dim = x.shape
    mean = np.empty(dim)
    s, c = np.empty((2, dim)), np.empty((2, dim))
    sums = np.empty((2, 2))
    for r in range(replicas):
        for _ in range(steps):
            for d in range(dim):
                mean[d] = 0.0
                for i in range(agents):
                    mean[d] += x[r, i, d]
                mean[d] /= agents
            for i in range(agents):
                sums[:] = 0.0
                for m in range(2):
                    for d in range(dim):
                        s[m, d] = math.sin(slopes[5 + m] * x[r, i, d])
                        c[m, d] = math.cos(slopes[5 + m] * x[r, i, d])
                        sums[m, 0] += s[m, d]
                        sums[m, 1] += c[m, d]
                for d in range(dim):
                    y = x[r, i, d]
                    g = slopes[0] * y * y * y + slopes[1] * y + slopes[2]
                    for m in range(2):
                        pairs = s[m, d] * sums[m, 1] + c[m, d] * (sums[m, 0] - 2.0 * s[m, d])
                        g += slopes[3 + m] * pairs
                    noise = np.random.uniform(-scale, scale)
                    x[r, i, d] = y - eta * (g + noise) + eta * k * (mean[d] - y)


def _prepare(workload: Workload) -> Runner:
    states, slopes = workload.states(), workload.slopes()
    fixed: tuple[Any, ...] = (workload.step_size, workload.coupling, workload.scale, slopes)
    compiled: Any
    if workload.shape == "coupled":
        compiled = numba.njit(loop_coupled)
    else:
        states = states[:, :, 0]
        compiled = numba.njit(loop_1d)
        fixed += ((workload.law == "gaussian") + 2 * (workload.shape == "rugged"),)

    def run(steps: int) -> Array:
        x = states.copy()
        compiled(x, steps, *fixed)
        return x.reshape(workload.replicas, workload.agents, workload.dim)

    run(1)
    return timed(run)


NUMBA = Contender("numba loop", _prepare, share=0.2)
