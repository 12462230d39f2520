"""What is measured in the long run: one simulation, and every quantity that theorems are about."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.clock import SDE, Clock, Iteration
from sdeopt.errors import DivergenceError, InvalidArgumentError
from sdeopt.losses.loss import Loss
from sims.check.case import Case
from sims.check.dynamics import Rates
from sims.check.estimation import brownian_noise
from sims.shared.linear import euler_excess, scheme_bias
from sims.shared.setting import PULL
from sims.shared.stationary import forgetting_time

Array = NDArray[np.float64]

RECORDS = 100
"""Times in the window at which states are kept, fewer where they would not fit in `LARGEST`."""

LARGEST = 20_000_000
"""Numbers in the states that are kept."""

HUGE = 1e50
"""States so large diverge; their squares overflow already."""

STATISTICS = ("synchronization", "distortion", "agent_mean")
"""What is averaged on the way."""

BETWEEN = 2
"""Steps between two observations of that."""

ROUGH_PULL = 0.02
"""In place of `PULL` for Euler-Maruyama, which noise that depends on x needs."""

REPLICAS, FEWEST = 4_000, 100
WORK = 3e8
"""Coordinate-steps of a run for which replicas are given up."""


MOST = 3e9
"""Coordinate-steps that are refused: minutes."""


@dataclass(frozen=True)
class Plan:
    """How a problem is simulated."""

    clock: Clock
    dt: float
    early: int
    part: int
    records: int
    replicas: int
    bias: float
    excess: float

    @property
    def steps(self) -> int:
        """All steps."""
        return self.early + self.part * self.records

    @property
    def window(self) -> float:
        """The time that is averaged over."""
        return self.dt * self.part * self.records


def plan_of(case: Case, rates: Rates) -> Plan:
    """Return how a problem is simulated."""
    problem = case.problem
    clock = problem.clock
    rough = problem.noise.state_dependent
    if problem.discrete:
        clock, dt = Iteration(), problem.step_size
    elif isinstance(clock, SDE):
        dt = clock.dt
    else:
        dt = (ROUGH_PULL if rough else PULL) / rates.fastest
        clock = SDE(dt, "euler_maruyama" if rough else "strong_order_1.5")
    early = int(np.ceil(forgetting_time(start=1.0, level=1.0, rate=rates.slowest) / dt)) + 1
    length = int(np.ceil(problem.window / (rates.slowest * dt)))
    width = problem.agents * problem.loss.dim
    if width * (early + length) * (problem.replicas or FEWEST) > MOST:
        raise InvalidArgumentError(
            f"a check of this would take {early + length:.1e} steps, as its slowest motion, with rate "
            f"{rates.slowest:.2g}, is slower by a factor {rates.fastest / rates.slowest:.1g} than its "
            f"fastest, with rate {rates.fastest:.2g}; bring curvatures and coupling nearer together, "
            "or give fewer agents or replicas or a shorter window."
        )
    replicas = problem.replicas or int(np.clip(WORK / (width * (early + length)), FEWEST, REPLICAS))
    records = int(np.clip(LARGEST // (width * replicas), 1, min(RECORDS, length)))
    part = BETWEEN * max(1, int(np.ceil(length / (records * BETWEEN))))
    return Plan(clock, dt, early, part, records, replicas, *_off(clock, rates))


def _off(clock: Clock, rates: Rates) -> tuple[float, float]:
    """Return the largest shares by which steps make stationary variances too small, and too large."""
    if not isinstance(clock, SDE):
        return 0.0, 0.0
    stable = [system for system in rates.systems if np.linalg.eigvals(system[0]).real.max() < 0]
    if clock.scheme == "strong_order_1.5":
        return scheme_bias(stable, clock.dt), 0.0
    # of a variable that is pulled back at the fastest rate
    half = rates.fastest * clock.dt / 2
    single = half / (1 - half) if half < 1 else np.inf
    return 0.0, max(single, euler_excess(stable, clock.dt))


@dataclass(frozen=True, eq=False)
class Stationary:
    """The quantities of one run in its stationary state, a number for every replica."""

    run: xr.Dataset
    minimum: Array | None
    window: float

    def quantity(self, name: str) -> Array | None:
        """Return a quantity for every replica, averaged over time; None where it needs an unknown x*."""
        needs_minimum = name not in ("spread", "distortion", "state_spread")
        if needs_minimum and self.minimum is None:
            return None
        found: Array | None = getattr(self, f"_{name}")()
        return found

    def halves(self) -> "tuple[Stationary, Stationary] | None":
        """Return the first and the second half of the window, where there is more than one record."""
        steps = self.run.sizes["step"]
        if steps < 2:
            return None
        first, second = (
            Stationary(self.run.isel(step=part), self.minimum, self.window / 2)
            for part in (slice(steps // 2), slice(steps // 2, None))
        )
        return first, second

    def _spread(self) -> Array:
        """Σ‖xⁱ − x•‖²."""
        return _averaged(self.run["synchronization"])

    def _distortion(self) -> Array:
        """‖∇f(x•) − (1/p) Σ ∇f(xⁱ)‖."""
        return _averaged(self.run["distortion"])

    def _distance(self) -> Array:
        """‖x• − x*‖."""
        return _averaged(_length(self.run["mean"] - self._point))

    def _quorum_distance(self) -> Array:
        """‖x~ − x*‖."""
        return _averaged(_length(self.run["quorum"] - self._point))

    def _joint_distance(self) -> Array:
        """‖(x• − x*, x~ − x*)‖."""
        squares = [_length(self.run[name] - self._point) ** 2 for name in ("mean", "quorum")]
        return _averaged((squares[0] + squares[1]) ** 0.5)

    def _agent_square(self) -> Array:
        """(1/p) Σ‖xⁱ − x*‖², the distance of the mean and the spread about it."""
        square = _averaged(_length(self.run["mean"] - self._point) ** 2)
        return square + self._spread() / self.run.sizes["agent"]

    def _state_distance(self) -> Array:
        """‖(x• − x*, v•)‖, at the end of the run."""
        away = self.run["mean"].isel(step=-1) - self._point
        speed = self.run["velocities"].mean("agent")
        return np.asarray(np.sqrt((away**2 + speed**2).sum("dim").values))

    def _state_spread(self) -> Array:
        """Σ‖xⁱ − x•‖² + ‖vⁱ − v•‖², at the end of the run."""
        parts = self.run["agents"].isel(step=-1), self.run["velocities"]
        return np.asarray(
            sum(((part - part.mean("agent")) ** 2).sum(("agent", "dim")).values for part in parts)
        )

    def _time_average(self) -> Array:
        """‖(1/t) ∫ x• dt − x*‖², times t."""
        average = self.run["agent_mean"].mean("step")
        return np.asarray(self.window * (_length(average - self._point) ** 2).values)

    @property
    def _point(self) -> xr.DataArray:
        return xr.DataArray(self.minimum, dims="dim")


def measure(case: Case, plan: Plan, rates: Rates, progress: bool | None = None) -> Stationary:
    """Simulate a problem, and leave out the transient."""
    problem, minimum = case.problem, case.constants.minimum
    centre: Any = 0.0 if minimum is None else minimum
    recorded = plan.early + plan.part * np.arange(plan.records + 1)
    run = _simulated(
        problem.loss,
        problem.algorithm,
        steps=plan.steps,
        step_size=problem.step_size,
        batch_size=problem.batch_size,
        start=so.start.Gaussian(centre, float(np.sqrt(rates.spread))),
        noise=problem.noise if problem.discrete else brownian_noise(problem),
        agents=problem.agents,
        replicas=plan.replicas,
        seed=problem.seed,
        clock=plan.clock,
        record=so.record.At(recorded.tolist()),
        statistics=STATISTICS,
        statistics_every=BETWEEN,
        progress=progress,
    )
    return Stationary(run.isel(step=slice(1, None)), minimum, plan.window)


def _simulated(loss: Loss, algorithm: Algorithm, clock: Clock, **settings: Any) -> xr.Dataset:
    """Simulate; the error of a divergence names what a check can change."""
    try:
        # Squares overflow before the states do.
        with np.errstate(over="ignore", invalid="ignore"):
            run = so.simulate(loss, algorithm, clock=clock, **settings)
    except DivergenceError as problem:
        raise _divergence(clock, problem.replica, problem.step) from None
    states = run["agents"].transpose("replica", ...).values
    sizes = np.abs(states).max(axis=tuple(range(1, states.ndim)))
    if sizes.max() > HUGE:
        raise _divergence(clock, int(sizes.argmax()), int(run["step"][-1]))
    return run


def _divergence(clock: Clock, replica: int, step: int) -> DivergenceError:
    clause = f" with dt = {clock.dt:.3g}: give a shorter dt, or" if isinstance(clock, SDE) else ":"
    return DivergenceError(
        f"replica {replica} diverged at step {step} of the check{clause} see that the loss grows to all "
        "sides and that step_size and coupling are small enough.",
        replica,
        step,
    )


def _length(vectors: xr.DataArray) -> xr.DataArray:
    return (vectors**2).sum("dim") ** 0.5


def _averaged(numbers: xr.DataArray) -> Array:
    return np.asarray(numbers.mean("step").transpose("replica").values)
