"""How fast a problem moves: the least and the largest rate, which decide about steps and transients."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sims.check.case import Case, InapplicableError
from sims.check.sampling import curvatures

__all__ = ["Pace", "pace_of"]

Array = NDArray[np.float64]

SAMPLES = 256
"""Points at which curvatures are looked at where L is not known."""

FAR = 2.0
"""How far out they are, in standard deviations of the noise at the minimum and more."""

UNPROVED = 40.0
"""Relaxation times of the mean that are thrown away where no rate is proved."""


@dataclass(frozen=True)
class Pace:
    """Rates of a problem.

    Parameters
    ----------
    fastest : float
        The largest, of a linear system with the largest curvature.
    slowest : float
        The least proved one; or a guess from the curvature near the minimum.
    proved : bool
        Which of the two.
    spread : float
        The variance of each coordinate that runs start with.
    systems : list of (drift, noise)
        What the mean and the differences of agents are on quadratics of the extreme curvatures, as
        far as they are stable: matrices A and GGᵀ of dz = A z dt + G dW.
    """

    fastest: float
    slowest: float
    proved: bool
    spread: float
    systems: list[tuple[Array, Array]] = field(default_factory=list)


def pace_of(case: Case) -> Pace:
    """Return the rates of a problem.

    Parameters
    ----------
    case : Case
        The problem with its constants.

    Returns
    -------
    Pace
        Proved where the loss is strongly convex and the algorithm has a theorem.

    Examples
    --------
    >>> import sdeopt as so
    >>> from sims.check.case import Case
    >>> from sims.check.derivation import constants_of
    >>> from sims.check.dynamics import pace_of
    >>> from sims.check.problem import Problem
    >>> bowl, noise = so.losses.Quadratic(1.0), so.noise.Gaussian(1.0)
    >>> problem = Problem(bowl, so.QSGD(coupling=2.0), noise, step_size=0.1, agents=3)
    >>> pace = pace_of(Case(problem, constants_of(problem)))
    >>> pace.fastest, pace.slowest, pace.proved
    (3.0, 1.0, True)
    """
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
