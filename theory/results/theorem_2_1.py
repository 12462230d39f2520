"""Theorem 2.1: stochastic contraction (Boffi & Slotine 2020, eq. (13); Pham, Tabareau & Slotine 2009).

dx = F dt + σ dW with F contracting at the rate λ in the metric M = ΘᵀΘ, M >= m I and tr(σᵀMσ) <= C. Two
trajectories with independent noise, from any law π of their starts:

    E‖a − c‖² <= (1/m) ( C/λ + e^{−2λt} E_π[ ‖Θ (ξ₁ − ξ₂)‖² − C/λ ]⁺ ).

The metric enters as Θ[a, b]; the proof applies Itô's formula to V = ‖Θ (x^1 − x^2)‖².
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE, MEAN_VALUE
from theory.core.covariance import Covariance
from theory.core.expectation import Constant, Expectation, UpperLimit, expected, in_the_limit
from theory.core.inequalities import below_largest
from theory.core.moments import REGULAR, Diffusion, moment_at, moment_limit
from theory.core.planting import noise_errors
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most
from theory.proofs.result import Planted, Result, Statement
from theory.symbols import dimension as n
from theory.symbols import metric_floor, noise_bound, rate, time

i, a, c, d = sympy.symbols("i a c d", integer=True)
x, field = sympy.IndexedBase("x", real=True), sympy.IndexedBase("F", real=True)
metric, noise = Constant("Theta", real=True), Covariance("S", real=True)


def _stretched(vector: Any, a: Any) -> Any:
    """Return coordinate a of Θ (v^1 − v^2)."""
    return sympy.Sum(metric[a, c] * (vector[1, c] - vector[2, c]), (c, 1, n))


METRIC_DISTANCE = sympy.Sum(_stretched(x, a) ** 2, (a, 1, n))
"""‖Θ (x^1 − x^2)‖²."""
METRIC_LENGTH = sympy.sqrt(METRIC_DISTANCE)
DISTANCE = sympy.Sum((x[1, a] - x[2, a]) ** 2, (a, 1, n))
"""‖x^1 − x^2‖²."""

ASSUMPTIONS = (
    Assumption(
        "contraction",
        "F contracts with the rate λ > 0 in the metric ΘᵀΘ, at all points",
        at_most(
            sympy.Sum(_stretched(x, a) * _stretched(field, a), (a, 1, n)), -rate * METRIC_DISTANCE
        ),
        through=(MEAN_VALUE,),
    ),
    Assumption(
        "metric bounded below",
        "vᵀΘᵀΘv >= m ‖v‖² with m > 0",
        at_most(metric_floor * DISTANCE, METRIC_DISTANCE),
    ),
    Assumption(
        "noise bound",
        "tr(σᵀΘᵀΘσ) <= C at all points; the two trajectories have independent noise",
        at_most(
            sympy.Sum(
                metric[a, c] * metric[a, d] * noise[i, c, d], (a, 1, n), (c, 1, n), (d, 1, n)
            ),
            noise_bound,
        ),
        over=(i,),
    ),
    REGULAR,
)


def drift(i: Any, a: Any) -> Any:
    """Return F at trajectory i."""
    return field[i, a]


def covariance(i: Any, a: Any, c: Any) -> Any:
    """Return σσᵀ at trajectory i."""
    return noise[i, a, c]


def limit(noisy: int) -> Relation:
    """Return the bound after transients, with one or two noisy trajectories."""
    return at_most(
        UpperLimit(Expectation(DISTANCE)), noisy * noise_bound / (2 * rate * metric_floor)
    )


def transient(noisy: int) -> Relation:
    """Return the bound at time t, with one or two noisy trajectories."""
    level = noisy * noise_bound / (2 * rate)
    start = Expectation(sympy.Max(METRIC_DISTANCE - level, 0), 0)
    return at_most(
        Expectation(DISTANCE, time), (level + sympy.exp(-2 * rate * time) * start) / metric_floor
    )


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Bound the squared distance in the metric, then the distance itself."""
    system = Diffusion(x, model.drift, model.covariance, count=sympy.Integer(2))
    source = model.noisy * noise_bound
    traces = {
        proof.assume("noise bound", at={i: number}): 1 for number in range(1, model.noisy + 1)
    }
    speed = proof.less(0, 2 * rate, "the rate")
    growth = proof.at_most(
        system.generator(METRIC_DISTANCE),
        source - 2 * rate * METRIC_DISTANCE,
        "contraction against the noise of each trajectory",
        using={proof.assume("contraction"): 2, **traces},
    )
    closer = proof.at_most(
        DISTANCE,
        METRIC_DISTANCE / metric_floor,
        "the metric is bounded below",
        using={proof.assume("metric bounded below"): 1 / metric_floor},
    )
    excess = METRIC_DISTANCE - source / (2 * rate)
    start = below_largest(proof, excess, sympy.Max(excess, 0))
    at_start = expected(proof, start, 0, "at the start")
    at_time = expected(proof, closer, time, "at all times")
    follows = moment_at(proof, system, METRIC_DISTANCE, growth, speed, source)
    stays = moment_limit(proof, system, METRIC_DISTANCE, growth, speed, source)
    ends = in_the_limit(proof, DISTANCE, 1 / metric_floor, METRIC_DISTANCE, closer)
    stated, in_time = limit(model.noisy), transient(model.noisy)
    return {
        "limit": proof.at_most(
            stated.left, stated.right, "after transients", using={ends: 1, stays: 1 / metric_floor}
        ),
        "transient": proof.at_most(
            in_time.left,
            in_time.right,
            "at time t",
            using={
                at_time: 1,
                follows: 1 / metric_floor,
                at_start: sympy.exp(-2 * rate * time) / metric_floor,
            },
        ),
    }


RESULT = Result(
    name="theorem_2_1",
    number="Theorem 2.1",
    source=BOFFI_SLOTINE,
    title="stochastic contraction of two noisy trajectories",
    statements={
        "limit": Statement(
            "after transients, the expected squared distance of the trajectories", limit(2)
        ),
        "transient": Statement(
            "at time t, the expected squared distance of the trajectories", transient(2)
        ),
    },
    assumptions=ASSUMPTIONS,
    setting={"drift": drift, "covariance": covariance, "noisy": 2},
    system=lambda model: Diffusion(x, model.drift, model.covariance, sympy.Integer(2)),
    prove=prove,
    planted=(
        *noise_errors("covariance", covariance),
        Planted("the constant for one noise-free trajectory", statements={"limit": limit(1)}),
        Planted("noise of one trajectory alone is counted", setting={"noisy": 1}),
        Planted("the flow expands", setting={"drift": lambda i, a: -drift(i, a)}),
        Planted("the metric has no lower bound", without=("metric bounded below",)),
    ),
)
