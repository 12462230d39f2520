"""Measuring how much a loss is smoothed, from pairs of steps out of settled clouds of agents.

Gradients g at places y with E[g | y] = (f ∗ N(0, v))′(y) for an unknown variance v determine v: it is
found by least squares over the one-parameter family of convolved losses.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares

import sdeopt as so
from sdeopt.losses.loss import Loss
from sims.shared.linear import spread_variance

Array: TypeAlias = NDArray[np.float64]

SOUGHT = np.geomspace(1e-6, 1.0, 25)
"""Variances among which the search begins; more would leave nothing of a loss of wells 1 wide."""

FIRST_SAMPLES = 4096
"""Samples that choose among them. The misfit can have more than one minimum."""


@dataclass(frozen=True)
class Variance:
    """A measured variance of smoothing."""

    value: float
    error: float


def smoothing_of(loss: Loss, places: ArrayLike, gradients: ArrayLike) -> Variance:
    """Return the variance of the Gaussian smoothing that fits gradients at some places best."""
    y, g = np.asarray(places, np.float64)[:, None], np.asarray(gradients, np.float64)

    def residuals(log_variance: ArrayLike, some: slice = slice(None)) -> Array:
        scale = float(np.exp(0.5 * np.squeeze(log_variance)))
        smooth = loss.convolved(so.noise.Gaussian(1.0), scale=scale)
        return np.asarray(smooth.gradient(y[some])[:, 0] - g[some])

    few = slice(FIRST_SAMPLES)
    misfits = [(residuals(np.log(variance), few) ** 2).sum() for variance in SOUGHT]
    guess = np.log(SOUGHT[np.argmin(misfits)])
    found = least_squares(residuals, [guess], x_scale=0.3, diff_step=[1e-4])
    variance = float(np.exp(found.x[0]))
    sensitivity = np.asarray(found.jac)[:, 0] / variance
    error = np.sqrt(((sensitivity * found.fun) ** 2).sum()) / (sensitivity**2).sum()
    return Variance(variance, float(error))


def conditional_size(places: ArrayLike, values: ArrayLike, bins: int = 50) -> float:
    """Return the root mean square of E[value | place]."""
    y, x = np.asarray(places, np.float64), np.asarray(values, np.float64)
    groups = np.array_split(x[np.argsort(y)], bins)
    means = np.array([group.mean() for group in groups])
    chance = np.array([group.var(ddof=1) / len(group) for group in groups])
    return float(max((means**2 - chance).mean(), 0.0) ** 0.5)


RANGE = 2.2
"""Centres of clouds start uniformly within this distance of 0, over all basins."""

SETTLING = 4.0
"""In units of 1/(ηk): the steps after which a cloud has its stationary shape on the loss."""


@dataclass(frozen=True)
class SmoothingCase:
    """One setting in which smoothing is measured."""

    family: str
    agents: int
    batch_size: int
    step_size: float
    pull: float

    def one_step(self, noise_deviation: float) -> float:
        """Return the variance of one step's noise of one agent, η²σ²/b."""
        return self.step_size**2 * noise_deviation**2 / self.batch_size

    def steps(self) -> int:
        """Return how many steps are simulated, all but two of them for the cloud to settle."""
        return 2 if self.agents == 1 else int(np.ceil(SETTLING / self.pull)) + 2


@dataclass(frozen=True)
class Pairs:
    """Two successive states of many replicas."""

    before: Array
    after: Array


def simulate_pairs(case: SmoothingCase, noise_deviation: float, replicas: int, seed: int) -> Pairs:
    """Simulate settled clouds whose centres lie all over the range."""
    variance = noise_deviation**2 / case.batch_size
    random = np.random.default_rng(seed)
    centre = random.uniform(-RANGE, RANGE, (replicas, 1))
    start = np.repeat(centre, case.agents, axis=1)
    k = case.pull / case.step_size
    spread = np.sqrt(spread_variance(k, case.step_size, case.agents, variance))
    start = start + spread * random.normal(size=start.shape)
    steps = case.steps()
    run = so.simulate(
        so.losses.RuggedWell.robust(),
        so.QSGD(k),
        noise=so.noise.Gaussian(noise_deviation),
        batch_size=case.batch_size,
        agents=case.agents,
        replicas=replicas,
        steps=steps,
        step_size=case.step_size,
        start=so.start.Point(start[..., None]),
        seed=seed,
        record=so.record.At([steps - 1, steps], ["agents"]),
    )
    before, after = run["agents"].isel(dim=0).values
    return Pairs(before, after)


def measure(
    case: SmoothingCase, noise_deviation: float, replicas: int, seed: int
) -> dict[str, float]:
    """Measure the smoothing at the mean and the effective one, and the disturbance between them."""
    loss = so.losses.RuggedWell.robust()
    pairs = simulate_pairs(case, noise_deviation, replicas, seed)
    eta, mean = case.step_size, pairs.before.mean(axis=1)
    # The mean of the agents, moved by their gradients but not yet by the noise of the step.
    moved = mean - eta * _gradient(loss, pairs.before).mean(axis=1)
    at_mean = _gradient(loss, pairs.after.mean(axis=1))
    average = _gradient(loss, pairs.after).mean(axis=1)
    convolution = smoothing_of(loss, moved, at_mean)
    effective = smoothing_of(loss, moved, average)
    return {
        "convolution": convolution.value,
        "convolution_error": convolution.error,
        "effective": effective.value,
        "effective_error": effective.error,
        "drift": conditional_size(moved, at_mean),
        "disturbance": conditional_size(moved, at_mean - average),
        "remainder": _remainder(loss, case, noise_deviation, mean, moved),
    }


def _gradient(loss: Loss, x: Array) -> Array:
    """Return f′ at numbers of any shape."""
    return np.asarray(loss.gradient(x[..., None])[..., 0])


def _remainder(
    loss: Loss, case: SmoothingCase, noise_deviation: float, mean: Array, moved: Array
) -> float:
    """Return what the first order in ηε leaves out of the disturbance of eq. (39), relative to it.

    With y = x• − η∇f(x•) and the agents given, E y moves to y + ηε − η(f ∗ ...)′(y + ηε) in a step:
    eq. (39) is this, to first order in ηε.
    """
    eta = case.step_size
    spread = (case.one_step(noise_deviation) / case.agents) ** 0.5
    smooth = loss.convolved(so.noise.Gaussian(1.0), scale=spread)
    y = mean - eta * _gradient(loss, mean)
    small = 1e-5
    shift = moved - y
    if not np.any(np.abs(shift) > 1e-12):
        return 0.0
    curvature = (_gradient(smooth, y + small) - _gradient(smooth, y - small)) / (2 * small)
    exact = shift - eta * (_gradient(smooth, moved) - _gradient(smooth, y))
    first_order = (1.0 - eta * curvature) * shift
    return float(np.sqrt(((exact - first_order) ** 2).mean() / (first_order**2).mean()))
