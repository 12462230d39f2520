"""QSGD as a careful user writes it in numpy: whole arrays (replicas, agents, dim), step by step."""

import numpy as np

from sdeopt.benchmark.contender import Array, Contender, Runner, timed
from sdeopt.benchmark.workloads import Workload

__all__ = ["NUMPY"]


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


def _prepare(workload: Workload) -> Runner:
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


NUMPY = Contender("numpy", _prepare, share=0.2)
