"""How fast a problem moves: its rates, its decay without noise, and where its iteration is stable."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sims.check.case import Case, InapplicableError
from sims.check.estimation import curvatures

Array = NDArray[np.float64]

SAMPLES = 256
"""Points at which curvatures are looked at where L is not known."""

FAR = 2.0
"""How far out they are, in standard deviations of the noise at the minimum and more."""

UNPROVED = 40.0
"""Relaxation times of the mean that are thrown away where no rate is proved."""


@dataclass(frozen=True)
class Pace:
    """Rates of a problem."""

    fastest: float
    slowest: float
    proved: bool
    spread: float
    systems: list[tuple[Array, Array]] = field(default_factory=list)


def pace_of(case: Case) -> Pace:
    """Return the rates of a problem."""
    low, high = _curvatures(case)
    rate = _proved_rate(case)
    fastest = _fastest(case, high)
    spread = _noise(case) / (2 * max(low, 1e-3 * high))
    guess = max(low, 1e-2 * high) / UNPROVED * np.log(1000)
    systems = _systems(case, (low, high))
    return Pace(fastest, rate or guess, rate is not None, max(spread, 1e-12), systems)


def _curvatures(case: Case) -> tuple[float, float]:
    """Return a small and the largest |curvature| that runs meet."""
    l, most = (case.constants.value(name) for name in ("strong_convexity", "smoothness"))  # noqa: E741
    if l is not None and most is not None:
        return l, most
    loss, around = case.problem.loss, case.constants.minimum
    reach = 1.0
    if around is None:
        around = np.zeros(loss.dim)
    else:
        there = float(np.abs(curvatures(loss, around[None])).max())
        reach = FAR * float(np.sqrt(_noise(case) / max(there, 1e-12)))
    points = around + reach * np.random.default_rng(0).normal(size=(SAMPLES, len(around)))
    found = np.abs(curvatures(loss, np.concatenate([around[None], points])))
    return float(l or np.median(found[:, 0])), float(most or found.max())


def _noise(case: Case) -> float:
    """Return the variance per time of an agent's noise in a coordinate, on average."""
    strength = case.problem.step_size / case.problem.batch_size
    return strength * (case.constants.value("noise_bound") or 0.0) / case.problem.loss.dim


def _fastest(case: Case, curvature: float) -> float:
    method = case.method
    if method is None:
        return curvature + case.problem.number("coupling")
    parts = (method.together.at(curvature), method.apart.at(curvature))
    return float(max(np.abs(np.linalg.eigvals(part)).max() for part in parts))


def _systems(case: Case, curvatures: tuple[float, float]) -> list[tuple[Array, Array]]:
    method, found = case.method, []
    if method is None:
        return []
    for curvature in curvatures:
        for part in (method.together.at(curvature), method.apart.at(curvature)):
            # the quorum variable, which comes last, has no noise
            enters = np.array([*method.noisy, 0.0])[: len(part)]
            if np.linalg.eigvals(part).real.max() < 0:
                found.append((part, np.outer(enters, enters)))
    return found


def _proved_rate(case: Case) -> float | None:
    """Return the rate at which all that is measured forgets its start."""
    kind = case.problem.kind
    try:
        if kind in ("SGD", "QSGD", "ArbitraryQuorum"):
            return case.parameter("strong_convexity")
        if kind == "EASGD":
            return float(case.evaluate("lemma_5_2"))
        if kind == "ContinuousMomentum":
            from theory.metrics.momentum import best_momentum_rate

            l, most = (case.parameter(name) for name in ("strong_convexity", "smoothness"))  # noqa: E741
            best = best_momentum_rate(case.parameter("damping"), l, max(most, l * (1 + 1e-9)))
            rate = min(best, float(case.evaluate("lemma_3_2")))
            return rate if rate > 0 else None
    except InapplicableError:
        return None
    return None


FINE_PULL = 0.02
"""(largest rate)·dt of a run without noise."""

ROUNDING = FINE_PULL**2 / 5
"""The share by which the scheme, of second order without noise, can make a rate too small: z²/6."""

RELAXATIONS = 2.0
"""How many times 1/rate a run takes."""

REPLICAS = 64


@dataclass(frozen=True, eq=False)
class Flow:
    """The start and the end of runs without noise."""

    run: xr.Dataset
    time: float

    def agents(self) -> tuple[Array, Array]:
        """Return xⁱ at the start and at the end, (replica, agent, dim) each."""
        return self._ends("agents")

    def mean(self) -> tuple[Array, Array]:
        """Return x• at the start and at the end, (replica, dim) each."""
        return self._ends("mean")

    def quorum(self) -> tuple[Array, Array]:
        """Return x~ at the start and at the end."""
        return self._ends("quorum")

    def velocities(self) -> tuple[Array, Array]:
        """Return vⁱ, which start at 0."""
        last = np.asarray(self.run["velocities"].transpose("replica", "agent", "dim").values)
        return np.zeros_like(last), last

    def _ends(self, name: str) -> tuple[Array, Array]:
        found = self.run[name].transpose("step", "replica", ...).values
        return np.asarray(found[0]), np.asarray(found[-1])


def run_flow(case: Case, pace: Pace, rate: float, *, together: bool, box: Any = None) -> Flow:
    """Simulate the flow without noise for two relaxations."""
    problem = case.problem
    centre: Any = case.constants.minimum
    centre = 0.0 if centre is None else centre
    start: so.start.Start = so.start.Gaussian(centre, 1.0, together=together)
    if box is not None:
        low, high = zip(*box, strict=True)
        start = so.start.Uniform(low, high, together=together)
    dt = FINE_PULL / pace.fastest
    steps = max(1, int(np.ceil(RELAXATIONS / (rate * dt))))
    run = so.simulate(
        problem.loss,
        problem.algorithm,
        steps=steps,
        step_size=problem.step_size,
        start=start,
        agents=problem.agents,
        replicas=REPLICAS,
        seed=problem.seed,
        clock=so.clock.SDE(dt, "strong_order_1.5"),
        record=so.record.At([0, steps]),
        progress=False,
    )
    return Flow(run, steps * dt)


def rate_between(start: Array, end: Array, time: float) -> float:
    """Return the slowest exponential decay from the start to the end."""
    with np.errstate(divide="ignore"):
        return float(np.min(np.log(start / end)) / time)


BAND = 0.01
"""The share within which a border is found: growth near it takes many steps to show."""

STEPS = 2_000
HALVINGS = 10
BORDER_REPLICAS = 4


def border(case: Case, predicted: float) -> float:
    """Return the largest stable ηk, by bisection between half and twice the predicted one."""
    low, high = 0.5 * predicted, 2.0 * predicted
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _dies_out(case, middle):
            low = middle
        else:
            high = middle
    return low


def _dies_out(case: Case, moving_rate: float) -> bool:
    """Return whether the state is smaller at the end of a run than in its middle."""
    problem = case.problem
    centre = case.constants.minimum
    assert centre is not None
    run = so.simulate(
        problem.loss,
        replace(problem.algorithm, coupling=moving_rate / problem.step_size),  # type: ignore[call-arg]
        steps=STEPS,
        step_size=problem.step_size,
        start=so.start.Gaussian(centre, 1.0),
        agents=problem.agents,
        replicas=BORDER_REPLICAS,
        seed=problem.seed,
        record=so.record.At([STEPS // 2, STEPS]),
        on_divergence="mask",
        progress=False,
    )
    if (run["diverged_at"] >= 0).any():
        return False
    # Apart from each other and apart from the minimizer: either may grow.
    sizes = [np.abs(run[name].values - centre) for name in ("agents", "quorum")]
    middle, end = (max(float(size[place].max()) for size in sizes) for place in (0, 1))
    return end <= middle
