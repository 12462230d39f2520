"""The runs in which smoothing is measured: pairs of steps from settled clouds of agents."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.losses.loss import Loss
from sims.analysis.cloud import spread_variance
from sims.analysis.smoothing_scale import conditional_size, smoothing_seen

__all__ = ["Case", "Pairs", "measure", "simulate_pairs"]

Array: TypeAlias = NDArray[np.float64]

RANGE = 2.2
"""Centres of clouds start uniformly within this distance of 0, over all basins."""

SETTLING = 4.0
"""Times 1/(ηk), in steps, that a cloud has to take its shape on the loss."""


@dataclass(frozen=True)
class Case:
    """One setting in which smoothing is measured.

    Parameters
    ----------
    family : str
        What is varied: ``"agents"``, ``"batch"``, ``"step"`` or ``"coupling"``; for a single agent,
        ``"alone, batch"`` or ``"alone, step"``.
    agents, batch_size : int
        p and b.
    step_size : float
        η.
    pull : float
        ηk, between 0 and 2; of no effect on a single agent.
    """

    family: str
    agents: int
    batch_size: int
    step_size: float
    pull: float

    def one_step(self, noise_deviation: float) -> float:
        """Return the variance of one step's noise of one agent, η²σ²/b."""
        return self.step_size**2 * noise_deviation**2 / self.batch_size

    def steps(self) -> int:
        """Return how many steps the cloud gets to settle."""
        return 2 if self.agents == 1 else int(np.ceil(SETTLING / self.pull)) + 2


@dataclass(frozen=True)
class Pairs:
    """Two successive states of many replicas.

    Parameters
    ----------
    before, after : numpy.ndarray, shape (replicas, agents)
        The agents at step t and t + 1.
    """

    before: Array
    after: Array


def simulate_pairs(case: Case, noise_deviation: float, replicas: int, seed: int) -> Pairs:
    """Simulate settled clouds whose centres lie all over the range.

    Parameters
    ----------
    case : Case
        The setting.
    noise_deviation : float
        σ, of the Gaussian noise on one gradient of one example.
    replicas, seed : int
        Independent clouds, and the seed of their start and noise.

    Returns
    -------
    Pairs
        The last two states.
    """
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


def measure(case: Case, noise_deviation: float, replicas: int, seed: int) -> dict[str, float]:
    """Measure what smoothing a case shows, and what disturbs it.

    Parameters
    ----------
    case, noise_deviation, replicas, seed
        As for `simulate_pairs`.

    Returns
    -------
    dict of str to float
        ``convolution`` and ``felt`` with their errors (``..._error``): the variance of the smoothing
        behind the gradient at the mean, E ∇f(x•), which is that of eq. (39), and behind the average
        gradient of the agents, E (1/p) Σ ∇f(x^i), which moves the mean; ``drift`` and
        ``disturbance``: the root mean square of the expected gradient at the mean, and of the
        expected distortion ε; ``remainder``: what eq. (39) leaves out by its first order in ηε,
        relative to the disturbance it keeps.
    """
    loss = so.losses.RuggedWell.robust()
    pairs = simulate_pairs(case, noise_deviation, replicas, seed)
    eta, mean = case.step_size, pairs.before.mean(axis=1)
    # The mean of the agents, moved by their gradients but not yet by the noise of the step.
    moved = mean - eta * _gradient(loss, pairs.before).mean(axis=1)
    at_mean = _gradient(loss, pairs.after.mean(axis=1))
    average = _gradient(loss, pairs.after).mean(axis=1)
    convolution = smoothing_seen(loss, moved, at_mean)
    felt = smoothing_seen(loss, moved, average)
    return {
        "convolution": convolution.value,
        "convolution_error": convolution.error,
        "felt": felt.value,
        "felt_error": felt.error,
        "drift": conditional_size(moved, at_mean),
        "disturbance": conditional_size(moved, at_mean - average),
        "remainder": _remainder(loss, case, noise_deviation, mean, moved),
    }


def _gradient(loss: Loss, x: Array) -> Array:
    """Return f′ at numbers of any shape."""
    return np.asarray(loss.gradient(x[..., None])[..., 0])


def _remainder(loss: Loss, case: Case, noise_deviation: float, mean: Array, moved: Array) -> float:
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
