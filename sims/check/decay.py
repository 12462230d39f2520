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

LONGEST = 200_000
"""Steps of a run; a slower decay is taken from the beginning alone."""

ROUNDED = 1e-12
"""The share of the largest position below which a distance is rounding."""


def difference_rate(simulation: Simulation, proved: float) -> float:
    """Return the rate of xⁱ − xʲ."""
    flow = _run(simulation, proved)
    return flow.rate(*map(_distance_from_mean, flow.ends("agents")))


def state_difference_rate(simulation: Simulation, proved: float) -> float:
    """Return the rate of (xⁱ − xʲ, vⁱ − vʲ)."""
    flow = _run(simulation, proved)
    states = zip(flow.ends("agents"), flow.ends("velocities"), strict=True)
    return flow.rate(*(_distance_from_mean(np.concatenate(parts, axis=-1)) for parts in states))


def agent_rate(simulation: Simulation, proved: float) -> float | None:
    """Return the rate of ‖xⁱ − x*‖², from the start that Lemma 5.1 bounds it by."""
    case, minimum = simulation.case, simulation.case.constants.minimum
    if minimum is None:
        return None
    flow = _run(simulation, proved)
    start, end = flow.ends("agents")
    rates, p = rates_of_lemma_5_1(case), case.problem.agents
    # With u(x) = k x/p: the Lipschitz constant is k/p; the distances to all other agents count.
    away = ((start - start.mean(axis=1, keepdims=True)) ** 2).sum(axis=-1)
    pairs = p * away + away.sum(axis=1, keepdims=True)
    head = (case.parameter("coupling") / p) ** 2 * p * pairs / np.prod([*rates.values()])
    bound = head + ((start - minimum) ** 2).sum(axis=-1)
    return flow.rate(bound, ((end - minimum) ** 2).sum(axis=-1))


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
    sizes = [
        # Θ = diag(√p I, I)
        np.sqrt(
            simulation.case.problem.agents * ((mean - minimum) ** 2).sum(axis=-1)
            + ((quorum - minimum) ** 2).sum(axis=-1)
        )
        for mean, quorum in zip(flow.ends("mean"), flow.ends("quorum"), strict=True)
    ]
    return flow.rate(*sizes)


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
    sizes = []
    for mean, velocities in zip(flow.ends("mean"), flow.ends("velocities"), strict=True):
        away = mean - minimum
        turned = velocities.mean(axis=1) + shift * away
        sizes.append(np.sqrt(stretch * (away**2).sum(axis=-1) + (turned**2).sum(axis=-1)))
    return flow.rate(*sizes)


def metric_of_lemma_5_3(case: Case) -> dict[str, float]:
    """Return the shift β of the best metric of Lemma 5.3, and L above l."""
    l, most = case.parameter("strong_convexity"), case.parameter("smoothness")  # noqa: E741
    most, damping = max(most, l * (1 + APART)), case.parameter("damping")
    heavy = damping**2 - most - 3 * l
    shift = damping / 2 - (math.sqrt(heavy) / 2 if heavy > 0 else 0.0)
    return {"metric_shift": shift, "smoothness": most}


@dataclass(frozen=True, eq=False)
class NoiselessRun:
    """The start and the end of runs without noise."""

    run: xr.Dataset
    time: float
    size: float = 0.0

    def ends(self, name: str) -> tuple[Array, Array]:
        """Return a variable at the start and at the end, (replica, ..., dim) each."""
        found = self.run[name].transpose("step", "replica", ...).values
        return np.asarray(found[0]), np.asarray(found[-1])

    def rate(self, start: Array, end: Array) -> float:
        """Return the slowest exponential decay from sizes at the start to those at the end."""
        # distances that decayed to rounding say only that they decayed fast
        known = end > ROUNDED * self.size
        if not known.any():
            return float("nan")
        return float(np.min(np.log(start[known] / end[known])) / self.time)


def _distance_from_mean(states: Array) -> Array:
    away = states - states.mean(axis=1, keepdims=True)
    return np.asarray(np.sqrt((away**2).sum(axis=(1, 2))))


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
    steps = int(np.clip(np.ceil(RELAXATIONS / (rate * dt)), 1, LONGEST))
    own = ("velocities",) if problem.kind == "ContinuousMomentum" else ()
    run = so.simulate(
        problem.loss,
        problem.algorithm,
        steps=steps,
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
        record=so.record.At([0, steps], (*so.record.VARIABLES, *own)),
        progress=False,
    )
    return NoiselessRun(run, steps * dt, float(np.abs(run["agents"].values).max()))
