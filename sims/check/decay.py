"""Runs without noise, and the slowest rates at which the distances in them decay."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.noise import Gaussian
from sims.check.case import Case
from sims.check.dynamics import APART
from sims.check.measurement import BETWEEN, STATISTICS
from sims.check.theorem import Simulation
from sims.shared.setting import FLOW_PULL

Array = NDArray[np.float64]

ROUNDING = FLOW_PULL**2 / 5
"""The share by which the scheme, of second order without noise, can make a rate too small: z²/6."""

RELAXATIONS = 2.0
"""How many times 1/rate a run takes."""

REPLICAS = 64

HALVES = 12
"""How many times of a run are looked at, each half of the next."""

LONGEST = 200_000
"""Steps of a run; a slower decay is taken from the beginning alone."""

ROUNDED = 1e-12
"""The share of the largest position below which a distance is rounding."""


def difference_rate(simulation: Simulation, proved: float) -> float | None:
    """Return the rate of xⁱ − xʲ."""
    flow = _run(simulation, proved)
    return flow.rate(_distance_from_mean(flow.states("agents")))


def state_difference_rate(simulation: Simulation, proved: float) -> float | None:
    """Return the rate of (xⁱ − xʲ, vⁱ − vʲ)."""
    flow = _run(simulation, proved)
    states = flow.states("agents"), flow.states("velocities")
    return flow.rate(_distance_from_mean(np.concatenate(states, axis=-1)))


def agent_rate(simulation: Simulation, proved: float) -> float | None:
    """Return the rate of ‖xⁱ − x*‖², from the start that Lemma 5.1 bounds it by."""
    case, minimum = simulation.case, simulation.case.constants.minimum
    if minimum is None:
        return None
    flow = _run(simulation, proved)
    agents = flow.states("agents")
    start = agents[0]
    rates, p = rates_of_lemma_5_1(case), case.problem.agents
    # With u(x) = k x/p: the Lipschitz constant is k/p; the distances to all other agents count.
    away = ((start - start.mean(axis=1, keepdims=True)) ** 2).sum(axis=-1)
    pairs = p * away + away.sum(axis=1, keepdims=True)
    head = (case.parameter("coupling") / p) ** 2 * p * pairs / np.prod([*rates.values()])
    bound = head + ((start - minimum) ** 2).sum(axis=-1)
    return flow.rate(((agents - minimum) ** 2).sum(axis=-1), bound)


def rates_of_lemma_5_1(case: Case) -> dict[str, float]:
    """Return the two rates that Lemma 5.1 combines."""
    convexity = case.parameter("strong_convexity")
    return {
        "synchronization_rate": convexity + case.parameter("coupling"),
        "descent_rate": convexity,
    }


def mean_quorum_rate(simulation: Simulation, proved: float) -> float | None:
    """Return the rate of (x• − x*, x~ − x*), all agents in one place, in the metric of Lemma 5.2."""
    minimum = simulation.case.constants.minimum
    if minimum is None:
        return None
    flow = _run(simulation, proved, together=True)
    mean, quorum = (
        ((flow.states(name) - minimum) ** 2).sum(axis=-1) for name in ("mean", "quorum")
    )
    # Θ = diag(√p I, I)
    return flow.rate(np.sqrt(simulation.case.problem.agents * mean + quorum))


def mean_velocity_rate(simulation: Simulation, proved: float) -> float | None:
    """Return the rate of (x• − x*, v•), all agents in one place, in the metric of Lemma 5.3."""
    case, minimum = simulation.case, simulation.case.constants.minimum
    if minimum is None:
        return None
    metric = metric_of_lemma_5_3(case)
    shift, damping = metric["metric_shift"], case.parameter("damping")
    # α² of the lemma; the metric has the coordinates (αx, v + βx)
    total = metric["smoothness"] + case.parameter("strong_convexity")
    stretch = total / 2 - shift * (damping - shift)
    flow = _run(simulation, proved, together=True)
    away = flow.states("mean") - minimum
    turned = flow.states("velocities").mean(axis=-2) + shift * away
    return flow.rate(np.sqrt(stretch * (away**2).sum(axis=-1) + (turned**2).sum(axis=-1)))


def metric_of_lemma_5_3(case: Case) -> dict[str, float]:
    """Return the shift β of the best metric of Lemma 5.3, and L above l."""
    l, most = case.parameter("strong_convexity"), case.parameter("smoothness")  # noqa: E741
    most, damping = max(most, l * (1 + APART)), case.parameter("damping")
    heavy = damping**2 - most - 3 * l
    shift = damping / 2 - (math.sqrt(heavy) / 2 if heavy > 0 else 0.0)
    return {"metric_shift": shift, "smoothness": most}


@dataclass(frozen=True, eq=False)
class NoiselessRun:
    """Runs without noise, at their start and at later times, each twice the one before."""

    run: xr.Dataset
    size: float = 0.0

    def states(self, name: str) -> Array:
        """Return a variable, (time, replica, ..., dim)."""
        return np.asarray(self.run[name].transpose("step", "replica", ...).values)

    def rate(self, sizes: Array, start: Array | None = None) -> float | None:
        """Return the slowest exponential decay of sizes (time, ...), from the start or what is given."""
        start = sizes[0] if start is None else start
        # distances that decayed to rounding say only that they decayed fast: the last before that
        known = sizes[1:] > ROUNDED * self.size
        times = self.run["time"].values[1:]
        last = np.where(known, np.arange(len(times)).reshape(-1, *[1] * start.ndim), -1).max(axis=0)
        some = last >= 0
        if not some.any():
            return None
        end = np.take_along_axis(sizes[1:], last[None], axis=0)[0]
        return float(np.min(np.log(start[some] / end[some]) / times[last[some]]))


def _distance_from_mean(states: Array) -> Array:
    away = states - states.mean(axis=-2, keepdims=True)
    return np.asarray(np.sqrt((away**2).sum(axis=(-2, -1))))


def _run(simulation: Simulation, rate: float, *, together: bool = False) -> NoiselessRun:
    """Simulate without noise for two relaxations."""
    case, box = simulation.case, simulation.box
    problem = case.problem
    centre: Any = case.constants.minimum
    centre = 0.0 if centre is None else centre
    start: so.start.Start = so.start.Gaussian(centre, 1.0, together=together)
    if box is not None:
        low, high = zip(*box, strict=True)
        start = so.start.Uniform(low, high, together=together)
    dt = FLOW_PULL / simulation.rates.fastest
    pairs = int(np.clip(np.ceil(RELAXATIONS / (rate * dt * BETWEEN)), 1, LONGEST // BETWEEN))
    # whole numbers of observations
    times = sorted({0, *(BETWEEN * (pairs >> half) for half in range(HALVES))})
    own = ("velocities",) if problem.kind == "ContinuousMomentum" else ()
    names = (*so.record.VARIABLES, *own)
    run = so.simulate(
        problem.loss,
        problem.algorithm,
        steps=times[-1],
        step_size=problem.step_size,
        start=start,
        agents=problem.agents,
        replicas=REPLICAS,
        seed=problem.seed,
        # noise of size 0 and sums that nobody reads: so the run has the kernel of the measured one
        noise=None if problem.discrete or problem.noise.state_dependent else Gaussian(0.0),
        statistics=STATISTICS,
        statistics_every=BETWEEN,
        clock=so.clock.SDE(dt, "strong_order_1.5"),
        record=so.record.At(times, names),
        progress=False,
    )
    return NoiselessRun(run, float(np.abs(run["agents"].values).max()))
