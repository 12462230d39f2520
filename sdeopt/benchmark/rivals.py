"""QSGD as a user writes it: in whole numpy arrays, and in plain numba loops."""

# ruff: noqa: NPY002 (np.random is what numba compiles best, and what its users write)

import math
from typing import Any

import numba
import numpy as np

from sdeopt.benchmark.timing import Array, Contender, Runner, timed
from sdeopt.benchmark.workloads import Workload


def rugged(x: Array, slopes: list[float]) -> Array:
    """Return the gradient of the rugged loss, two sines a state."""
    cubic, linear, constant, slope_1, slope_2, frequency_1, frequency_2 = slopes
    waves = slope_1 * np.sin(frequency_1 * x) + slope_2 * np.sin(frequency_2 * x)
    return np.asarray((cubic * x * x + linear) * x + constant + waves)


def quadratic(x: Array, slopes: list[float]) -> Array:
    """Return the gradient of the quadratic loss."""
    return np.asarray(slopes[1] * x)


def coupled(x: Array, slopes: list[float]) -> Array:
    """Return the gradient of the coupled loss, two sines and two cosines a coordinate."""
    cubic, linear, constant, slope_1, slope_2, frequency_1, frequency_2 = slopes
    total = (cubic * x * x + linear) * x + constant
    for slope, frequency in ((slope_1, frequency_1), (slope_2, frequency_2)):
        s, c = np.sin(frequency * x), np.cos(frequency * x)
        sine_sum, cosine_sum = s.sum(axis=-1, keepdims=True), c.sum(axis=-1, keepdims=True)
        total += slope * (s * cosine_sum + c * (sine_sum - 2.0 * s))
    return np.asarray(total)


GRADIENTS = {"rugged": rugged, "quadratic": quadratic, "coupled": coupled}


def _prepare_numpy(workload: Workload) -> Runner:
    states, slopes = workload.states(), workload.slopes().tolist()
    gradient = GRADIENTS[workload.shape]
    rng = np.random.default_rng(1)
    eta, k, scale = workload.step_size, workload.coupling, workload.scale

    def run(steps: int) -> Array:
        x = states
        for _ in range(steps):
            if workload.law == "uniform":
                noise = rng.uniform(-scale, scale, x.shape)
            else:
                noise = scale * rng.standard_normal(x.shape)
            mean = x.mean(axis=1, keepdims=True)
            x = x - eta * (gradient(x, slopes) + noise) + eta * k * (mean - x)
        return x

    return timed(run)


NUMPY = Contender("numpy", _prepare_numpy, share=0.2)


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


def _prepare_numba(workload: Workload) -> Runner:
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


NUMBA = Contender("numba loop", _prepare_numba, share=0.2)
