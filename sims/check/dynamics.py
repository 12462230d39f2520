"""How fast a problem moves, and where its iteration is stable."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.losses.loss import Loss
from sims.check.case import Case, InapplicableError
from sims.check.estimation import curvatures, hessians
from sims.check.poles import shown
from sims.shared.linear import largest_stable, linear_systems

Array = NDArray[np.float64]

SAMPLES = 256
"""Points at which curvatures are computed where L is not known."""

STEEPEST = 1e100
"""Curvatures beyond have no squares."""

BESIDE = 0.95
"""The share of points that are taken to lie beside a jump of the gradient, not at it."""

APART = 1e-9
"""Where l = L, L is taken larger by this share: the metric of Lemma 5.3 is for l < L."""

LEAST = 1e-12
"""The variance of the start without noise."""

UNPROVED = 40.0
"""Relaxation times of the mean that the transient is taken to last where no rate is proved."""

BORDER_BAND = 0.01
"""The share within which a border is found: growth near it takes many steps to show."""

STEPS = 2_000
HALVINGS = 10
REPLICAS = 4


@dataclass(frozen=True)
class Rates:
    """Rates of a problem, the spread of its noise, and drift and noise of its parts when linear."""

    fastest: float
    slowest: float
    proved: bool
    spread: float
    systems: list[tuple[Array, Array]] = field(default_factory=list)


def rates_of(case: Case) -> Rates:
    """Return the rates of a problem; the slowest is a guess where none is proved."""
    low, high = _curvatures(case)
    if np.isnan(high):
        raise InvalidArgumentError(
            "the curvature of the loss is not a number at positions that were looked at; choose a box "
            "in which, and beside which, the loss is finite."
        )
    if high > STEEPEST:
        raise InvalidArgumentError(
            f"the curvature of the loss is {high:.2g}, whose square is no floating-point number any "
            "more; give the loss in another unit."
        )
    rate = _proved_rate(case)
    fastest = _fastest(case, high)
    spread = _noise(case) / (2 * max(low, 1e-3 * high))
    guess = max(low, 1e-2 * high) / UNPROVED * np.log(1000)
    systems = [] if case.method is None else linear_systems(case.method, (low, high))
    return Rates(fastest, rate or guess, rate is not None, max(spread, LEAST), systems)


def _curvatures(case: Case) -> tuple[float, float]:
    """Return a small and the largest |curvature| at positions of agents."""
    l, most = (case.constants.value(name) for name in ("strong_convexity", "smoothness"))  # noqa: E741
    if l is not None and most is not None:
        return l, most
    loss, around = case.problem.loss, case.constants.minimum
    reach = 1.0
    if around is None:
        around = np.zeros(loss.dim)
    else:
        reach = _reach(loss, around, _noise(case) / 2)
    points = around + reach * np.random.default_rng(0).normal(size=(SAMPLES, len(around)))
    smooth = case.constants.jump is None
    found = np.abs(curvatures(loss, np.concatenate([around[None], points]) if smooth else points))
    found = found[np.isfinite(found).all(axis=1)]
    # a difference across a jump is no curvature
    high = float(most or np.max(found if smooth else np.quantile(found, BESIDE), initial=0.0))
    low = float(l or np.median(found[:, 0], axis=0)) if len(found) else 0.0
    if not smooth:
        # what is linear beside a kink has no curvature there, and yet pulls
        pull = _pull(loss, around, points)
        low, high = max(low, pull), max(high, pull)
    if high == 0.0:
        raise InvalidArgumentError(
            f"the gradient is the same at all {len(points)} positions that were looked at near "
            f"{shown(around)}, so the loss holds no agent there; give a loss with a slope."
        )
    return min(low, high), high


def _pull(loss: Loss, around: Array, points: Array) -> float:
    """Return by how much the gradient changes beside a point, over the distance."""
    change = np.linalg.norm(loss.gradient(points) - loss.gradient(around), axis=-1)
    return float(np.nanmedian(change / np.linalg.norm(points - around, axis=-1)))


def _reach(loss: Loss, around: Array, temperature: float) -> float:
    """Return how far from the minimum the loss rises by what noise gives each coordinate.

    That is the standard deviation at the minimum of a quadratic, and finite where the curvature is 0.
    """
    steps = np.random.default_rng(0).normal(size=(SAMPLES, loss.dim))
    reaches = np.logspace(-9, 6, 61) * max(1.0, float(np.abs(around).max()))
    with np.errstate(all="ignore"):
        rises = [np.median(loss.value(around + r * steps) - loss.value(around)) for r in reaches]
    enough = np.flatnonzero(~(np.array(rises) < temperature * loss.dim / 2))
    return float(reaches[enough[0]]) if len(enough) and temperature > 0 else float(reaches[0])


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


def _proved_rate(case: Case) -> float | None:
    """Return the proved rate at which the influence of the start decays, if there is one."""
    kind = case.problem.kind
    try:
        if kind in ("SGD", "QSGD", "ArbitraryQuorum"):
            return case.parameter("strong_convexity")
        if kind == "EASGD":
            return float(case.evaluate("lemma_5_2"))
        if kind == "ContinuousMomentum":
            from theory.metrics.momentum import best_momentum_rate

            l, most = (case.parameter(name) for name in ("strong_convexity", "smoothness"))  # noqa: E741
            best = best_momentum_rate(case.parameter("damping"), l, max(most, l * (1 + APART)))
            rate = min(best, float(case.evaluate("lemma_3_2")))
            return rate if rate > 0 else None
    except InapplicableError:
        return None
    return None


def border(case: Case, predicted: float) -> float:
    """Return the largest stable ηk, by bisection between half and twice the predicted one."""
    return largest_stable(
        lambda coupling: _dies_out(case, coupling), 0.5 * predicted, 2.0 * predicted, HALVINGS
    )


def _dies_out(case: Case, relative_coupling: float) -> bool:
    """Return whether the state is smaller at the end of a run than in its middle."""
    problem = case.problem
    centre = case.constants.minimum
    assert centre is not None
    run = so.simulate(
        problem.loss,
        replace(problem.algorithm, coupling=relative_coupling / problem.step_size),  # type: ignore[call-arg]
        steps=STEPS,
        step_size=problem.step_size,
        start=so.start.Gaussian(centre, 1.0),
        agents=problem.agents,
        replicas=REPLICAS,
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


def check_stable(case: Case) -> None:
    """Raise an error for an iteration that leaves the minimum, however near it starts."""
    problem, minimum, method = case.problem, case.constants.minimum, case.method
    if not problem.discrete or minimum is None or method is None:
        return
    curvatures = np.linalg.eigvalsh(hessians(problem.loss, minimum[None])[0])
    if curvatures[0] <= 0:
        return
    iteration = method.discretized(problem.step_size)
    growth = max(
        float(np.abs(np.linalg.eigvals(part.at(value))).max())
        for part in (iteration.together, iteration.apart)
        for value in curvatures
    )
    if growth >= 1:
        raise InvalidArgumentError(
            f"the iteration of {problem.kind} is not stable at the minimum: with step_size = "
            f"{problem.step_size:g} and coupling = {problem.number('coupling'):g} a step multiplies "
            f"distances by up to {growth:.3g}; lower one of them, or check the SDE."
        )
