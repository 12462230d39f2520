"""All theorems that a check compares with simulation, in the order of the paper's numbers.

A new theorem is one entry of the table at the end. Its name is that of the result in `theory.results`,
with an ending where two statements of one result have an entry each.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import linalg

from sims.check.case import Case
from sims.check.decay import (
    ROUNDING,
    agent_rate,
    difference_rate,
    mean_quorum_rate,
    mean_velocity_rate,
    metric_of_lemma_5_3,
    rates_of_lemma_5_1,
    state_difference_rate,
)
from sims.check.dynamics import BORDER_BAND, border
from sims.check.measurement import Plan
from sims.check.theorem import AT_LEAST, EQUAL, Array, Simulation, Theorem
from sims.shared.linear import mean_length

if TYPE_CHECKING:
    from theory.moments import SecondMoments

Exact = Callable[[Case, Plan], float | None]

ONE_SIGNAL = ("SGD", "QSGD", "EASGD", "ArbitraryQuorum")
"""Algorithms without momentum whose agents all receive the same signal."""

UNDISTURBED_MEAN = ("SGD", "QSGD")
"""Those of them whose coupling leaves the mean as it is."""

EASGD, MOMENTUM = ("EASGD",), ("ContinuousMomentum",)


def _long_run(quantity: str) -> Callable[[Simulation, float], Array | None]:
    """Return the measurement of a quantity of `sims.check.measurement.Stationary`."""
    return lambda simulation, _: simulation.stationary.quantity(quantity)


def _exact(number: Callable[["SecondMoments"], Any]) -> Exact:
    """Return a number of the exact second moments, where there are any."""
    return lambda case, _: None if case.moments is None else float(number(case.moments))


def _exact_length(part: Callable[[Any, int], Any]) -> Exact:
    """Return the mean length of a part of the joint state, whose law is normal on quadratics."""

    def exact(case: Case, plan: Plan) -> float | None:
        if case.moments is None:
            return None
        covariance = part(case.moments.together, case.problem.loss.dim)
        return mean_length(covariance) if covariance.any() else 0.0

    return exact


_exact_mean = _exact_length(lambda covariance, dim: covariance[:dim, :dim])
_exact_quorum = _exact_length(lambda covariance, dim: covariance[-dim:, -dim:])
_exact_joint = _exact_length(lambda covariance, dim: covariance)


def _no_distortion(case: Case, plan: Plan) -> float | None:
    return None if case.hessian is None else 0.0


def _one_agent(case: Case) -> str:
    return "it takes two agents at least" if case.problem.agents < 2 else ""


def _other_quorum(case: Case) -> str:
    quorum = getattr(case.problem.algorithm, "quorum", "mean")
    return "" if quorum == "mean" else "it is about agents that are pulled towards x•, not x~"


def _velocities_coupled(case: Case) -> str:
    if case.problem.number("velocity_coupling"):
        return "it is about coupling of the positions alone, k₂ = 0"
    return _other_quorum(case)


def _not_quadratic(case: Case) -> str:
    return "the loss is not quadratic" if case.hessian is None else ""


def _corollary_2_1(case: Case) -> float:
    """Return the bound for all agents beside the flow that rests at the minimizer, divided by p.

    The p agents of QSGD are one system: its Jacobian, that of −∇f for each agent and a coupling that
    is symmetric and pulls differences together, has no eigenvalue above −l. So the whole contracts at
    the rate l in the Euclidean metric, its noise has the trace pηC/b, and the corollary bounds
    E Σ‖xⁱ − x*‖² by pηC/(2bl).
    """
    strength = case.problem.step_size / case.problem.batch_size
    return float(
        case.evaluate(
            "corollary_2_1",
            metric_floor=1.0,
            rate=case.parameter("strong_convexity"),
            noise_bound=strength * case.parameter("noise_bound"),
        )
    )


def _not_of_lemma_5_5(case: Case) -> str:
    if case.hessian is None:
        return _not_quadratic(case)
    if np.linalg.eigvalsh(case.hessian)[0] <= 0:
        return "the quadratic is not strongly convex"
    return "the noise depends on x" if case.covariance is None else ""


def _lemma_5_5(case: Case) -> float:
    """Return the sum of the lemma's variances over the eigenvectors of H."""
    assert case.hessian is not None
    assert case.covariance is not None
    values, vectors = np.linalg.eigh(case.hessian)
    sizes = np.sqrt(np.einsum("ai,ab,bi->i", vectors, case.covariance, vectors))
    return float(case.evaluate("lemma_5_5", hessian_eigenvalue=values, noise_size=sizes).sum())


def _exact_time_average(case: Case, plan: Plan) -> float | None:
    """Return the same for a finite window, from the covariance of the stationary law.

    For dx = −Hx dt + noise, E x(s)x(0)ᵀ = e^{−Hs}V, integrated twice.
    """
    if case.moments is None or case.hessian is None or case.problem.discrete:
        return None
    dim = case.problem.loss.dim
    inverse = np.linalg.inv(case.hessian)
    law = case.moments.together[:dim, :dim]
    gone = np.eye(dim) - linalg.expm(-case.hessian * plan.window)
    half = inverse @ law - inverse @ inverse @ gone @ law / plan.window
    return float(np.trace(half + half.T))


def _stability(algorithm: str) -> Theorem:
    """Return the theorem about the couplings with which an iteration is stable on a quadratic."""
    return Theorem(
        f"{algorithm.lower()}_stability",
        "largest stable ηk",
        (algorithm,),
        lambda simulation, predicted: border(simulation.case, predicted),
        relation=EQUAL,
        constants=("smoothness",),
        why_not=lambda case: _not_quadratic(case) or _one_agent(case),
        # the border is lowest at the largest curvature
        parameters=lambda case: {
            "relative_step": case.problem.step_size * case.parameter("smoothness")
        },
        of_iteration=True,
        tolerance=BORDER_BAND,
    )


_TABLE = (
    Theorem(
        "corollary_2_1", "E Σ‖xⁱ − x*‖²/p", UNDISTURBED_MEAN, _long_run("agent_square"),
        predicted=_corollary_2_1, constants=("strong_convexity", "noise_bound"),
        exact=_exact(lambda moments: moments.agent), power=2,
    ),
    Theorem(
        "lemma_3_1", "E Σ‖xⁱ − x•‖²", ONE_SIGNAL, _long_run("spread"),
        why_not=_one_agent, exact=_exact(lambda moments: moments.spread), for_all=True, power=2,
    ),
    Theorem(
        "theorem_3_1", "rate of xⁱ − xʲ", ONE_SIGNAL, difference_rate,
        relation=AT_LEAST, why_not=_one_agent, tolerance=ROUNDING,
    ),
    Theorem(
        "lemma_3_2", "rate of (xⁱ − xʲ, vⁱ − vʲ)", MOMENTUM, state_difference_rate,
        relation=AT_LEAST, why_not=_one_agent, tolerance=ROUNDING,
    ),
    Theorem(
        "lemma_3_2_spread", "E Σ‖(xⁱ − x•, vⁱ − v•)‖²", MOMENTUM, _long_run("state_spread"),
        statement_of="lemma_3_2", statement="spread", why_not=_one_agent,
        exact=_exact(lambda moments: moments.spread + moments.velocity_spread), power=2,
    ),
    Theorem(
        "theorem_3_2", "E‖ε‖", ONE_SIGNAL, _long_run("distortion"),
        why_not=_one_agent, exact=_no_distortion, for_all=True, power=0,
    ),
    Theorem(
        "theorem_3_2_momentum", "E‖ε‖", MOMENTUM, _long_run("distortion"),
        why_not=lambda case: _one_agent(case) or _velocities_coupled(case),
        exact=_no_distortion, power=0,
    ),
    Theorem(
        "lemma_5_1", "rate of ‖xⁱ − x*‖²", UNDISTURBED_MEAN, agent_rate,
        relation=AT_LEAST, parameters=rates_of_lemma_5_1, constants=("strong_convexity",),
        tolerance=ROUNDING,
    ),
    Theorem(
        "theorem_5_1", "E‖x• − x*‖", UNDISTURBED_MEAN, _long_run("distance"),
        exact=_exact_mean, for_all=True,
    ),
    Theorem(
        "lemma_5_2", "rate of (x• − x*, x~ − x*)", EASGD, mean_quorum_rate,
        relation=AT_LEAST, tolerance=ROUNDING,
    ),
    Theorem(
        "theorem_5_2", "E‖(x• − x*, x~ − x*)‖", EASGD, _long_run("joint_distance"),
        exact=_exact_joint,
    ),
    Theorem(
        "theorem_5_2_mean", "E‖x• − x*‖", EASGD, _long_run("distance"),
        statement_of="theorem_5_2", statement="mean", exact=_exact_mean,
    ),
    Theorem(
        "theorem_5_2_quorum", "E‖x~ − x*‖", EASGD, _long_run("quorum_distance"),
        statement_of="theorem_5_2_without_metric", statement="quorum", exact=_exact_quorum,
    ),
    Theorem(
        "theorem_5_2_without_metric", "E‖x• − x*‖", EASGD, _long_run("distance"),
        exact=_exact_mean,
    ),
    Theorem(
        "lemma_5_3", "rate of (x• − x*, v•)", MOMENTUM, mean_velocity_rate,
        relation=AT_LEAST, why_not=_other_quorum, parameters=metric_of_lemma_5_3, tolerance=ROUNDING,
    ),
    Theorem(
        "theorem_5_3_explicit", "E‖(x• − x*, v•)‖", MOMENTUM, _long_run("state_distance"),
        why_not=_velocities_coupled, parameters=metric_of_lemma_5_3, exact=_exact_joint,
    ),
    Theorem(
        "lemma_5_5", "t E‖(1/t)∫x• − x*‖²", UNDISTURBED_MEAN, _long_run("time_average"),
        relation=EQUAL, why_not=_not_of_lemma_5_5, predicted=_lemma_5_5, exact=_exact_time_average,
        power=2,
    ),
    _stability("EASGD"),
    _stability("QSGD"),
)  # fmt: skip

THEOREMS = {theorem.name: theorem for theorem in _TABLE}
"""By name."""
