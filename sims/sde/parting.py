"""How far iterations of SGD are from their differential equation, over η and the ripples of the loss.

With D = ηW²/6 held, the differential equation does not change with η, and the law exp(−f/D) is
stationary for it. Agents start with this law, iterate until the ripples have forgotten where they came
from, and are measured by E cos(wx), which is 1 in the troughs of the ripples −A cos(wx). What is
measured for the iteration is known for the differential equation.
"""

from dataclasses import dataclass

import numpy as np

import sdeopt as so
from sdeopt.experiments.measured import Measured
from sims.sde.model import METHODS, Array, NoisyLoss

REST = np.linspace(-5.0, 5.0, 20_001)
"""Where the stationary law is computed."""

TIME = 0.4
"""How long agents iterate: the ripples relax at the rate Dw², in 0.03 for the slowest here."""

SNAPSHOTS = 8
"""Over the second half of the time."""

SGD = METHODS["SGD"]


@dataclass(frozen=True)
class Ripples:
    """A learning rate with the amplitude A and the frequency w of ripples."""

    step_size: float
    amplitude: float
    frequency: float

    @property
    def number(self) -> float:
        """ηAw²: η times the curvature that the ripples have in their troughs."""
        return self.step_size * self.amplitude * self.frequency**2

    @property
    def steps(self) -> int:
        """How many iterations agents take."""
        return round(TIME / self.step_size)


def stationary(problem: NoisyLoss) -> Array:
    """Return the distribution function of exp(−f/D) at `REST`."""
    height = problem.loss.value(REST[:, None]) / problem.diffusion
    weight = np.exp(height.min() - height)
    total = np.concatenate([[0.0], np.cumsum(0.5 * (weight[1:] + weight[:-1]))])
    return np.asarray(total / total[-1])


def expected(problem: NoisyLoss) -> float:
    """Return E cos(wx) for the differential equation, by quadrature."""
    middles = 0.5 * (REST[1:] + REST[:-1])
    return float(np.cos(problem.ripples[1] * middles) @ np.diff(stationary(problem)))


def in_troughs(problem: NoisyLoss, agents: int, seed: int, *, uniform: bool) -> Measured:
    """Return E cos(wx) after iterations of SGD with uniform or with normal noise.

    With normal noise an iteration is a step dt = η of Euler-Maruyama.
    """
    eta, width = problem.given.step_size, problem.given.half_width
    random = np.random.default_rng(seed)
    start = np.interp(random.uniform(size=(agents, 1, 1)), stationary(problem), REST)
    steps = round(TIME / eta)
    shape = (steps, agents, 1, 1)
    if uniform:
        noise = random.uniform(-width, width, shape)
    else:
        noise = problem.deviation * random.standard_normal(shape)
    times = np.unique(np.linspace(0.5 * steps, steps, SNAPSHOTS).round().astype(int))
    run = so.simulate(
        problem.loss,
        SGD.iterated(problem, 0.0),
        steps=steps,
        step_size=eta,
        start=so.start.Point(start),
        noise=so.noise.Gaussian(1.0),
        increments=so.Increments(noise),
        replicas=agents,
        record=so.record.At(times.tolist(), ["agents"]),
        progress=False,
    )
    heights = np.cos(problem.ripples[1] * run["agents"].values[:, :, 0, 0])
    return Measured.of(heights.mean(axis=0))
