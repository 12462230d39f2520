"""Lemma 5.5 with a different preconditioner for each agent (Boffi & Slotine 2020, Sec. 5.5).

Two agents dx^i = P_i (−h x^i dt + σ dW^i) + k (x• − x^i) dt in one dimension: √t times the time
average of x• has in the limit the variance

    σ²/(2h²) · ( 1 + ( k (P₁ − P₂) / (2 h P₁ P₂ + k (P₁ + P₂)) )² ).

So it is that of Lemma 5.5 only for k = 0 or P₁ = P₂, or if the coupling is preconditioned too.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.moments import Diffusion, drift_of, variance_of
from theory.core.ornstein_uhlenbeck import (
    CONSTANT_NOISE,
    SETTLED,
    LongRunVariance,
    long_run_variance,
)
from theory.core.planting import coupling_errors
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, equal, less
from theory.proofs.result import Planted, Result, Statement
from theory.symbols import coupling as k
from theory.symbols import first_preconditioner as first
from theory.symbols import hessian_eigenvalue as h
from theory.symbols import noise_size as sigma
from theory.symbols import second_preconditioner as second

delta = sympy.KroneckerDelta
x = sympy.IndexedBase("x", real=True)
"""The agents: x[1, 1] and x[2, 1]."""
TWO = sympy.Integer(2)


def preconditioner(i: Any) -> Any:
    """Return P_i."""
    return first * delta(i, 1) + second * delta(i, 2)


def mean(a: Any) -> Any:
    """Return coordinate a of the mean."""
    return (x[1, a] + x[2, a]) / 2


def pull(i: Any, a: Any) -> Any:
    """Return the coupling."""
    return k * (mean(a) - x[i, a])


def all_preconditioned(i: Any, a: Any) -> Any:
    """Return the coupling with the preconditioner."""
    return preconditioner(i) * pull(i, a)


def covariance(i: Any, a: Any, c: Any) -> Any:
    """Return P_i² σ² in each coordinate."""
    return preconditioner(i) ** 2 * sigma**2 * delta(a, c)


SCALE = 2 * h * first * second + k * (first + second)
PLAIN = sigma**2 / (2 * h**2)
EXCESS = (k * (first - second) / SCALE) ** 2
MEAN = mean(1)


def system(coupled: Any) -> Diffusion:
    """Return the equations of two agents with a coupling."""
    return Diffusion(
        x, lambda i, a: -preconditioner(i) * h * x[i, a] + coupled(i, a), covariance, TWO
    )


def averaged(proof: Proof, coupled: Any, weights: Any, variance: Any) -> Fact:
    """Show the law of the time average, given the weights of the agents in the auxiliary function."""
    equations = system(coupled)
    solution = weights[0] * x[1, 1] + weights[1] * x[2, 1]
    return long_run_variance(
        proof,
        x,
        MEAN,
        solution,
        drift_of(proof, equations, solution, -MEAN),
        variance_of(proof, equations, solution, variance),
    )


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Solve two linear equations for the weights, with either coupling."""
    unlike = ((second * h + k) / (h * SCALE), (first * h + k) / (h * SCALE))
    alike = (1 / (2 * h * first), 1 / (2 * h * second))
    apart, coupled = proof.assume("unlike preconditioners"), proof.assume("coupled")
    gap = proof.product(apart, apart, "unlike, squared")
    return {
        "unlike": averaged(proof, model.pull, unlike, PLAIN * (1 + EXCESS)),
        "all preconditioned": averaged(proof, model.all_preconditioned, alike, PLAIN),
        "excess": proof.less(
            0, EXCESS, "a square", using={gap: (k / SCALE) ** 2}, given={coupled: k}
        ),
    }


def law(variance: Any) -> Relation:
    """Return the limit law of the time average."""
    return equal(LongRunVariance(MEAN), variance)


RESULT = Result(
    name="lemma_5_5_unlike_preconditioners",
    number="Lemma 5.5, unlike preconditioners",
    source=BOFFI_SLOTINE,
    title="different preconditioners increase the variance of the time average of coupled agents",
    statements={
        "unlike": Statement(
            "the variance of √t times the time average, in the limit", law(PLAIN * (1 + EXCESS))
        ),
        "all preconditioned": Statement(
            "with the coupling preconditioned as well it is the optimum σ²/(2h²)",
            law(PLAIN),
            system=system(all_preconditioned),
        ),
        "excess": Statement(
            "the relative excess over the optimum is positive", less(0, EXCESS), value=EXCESS
        ),
    },
    assumptions=(
        Assumption("unlike preconditioners", "P₁ > P₂", less(second, first)),
        Assumption("coupled", "the agents are coupled: k > 0", less(0, k)),
        CONSTANT_NOISE,
        SETTLED,
    ),
    setting={"pull": pull, "all_preconditioned": all_preconditioned},
    system=system(pull),
    prove=prove,
    planted=(
        *coupling_errors("pull", pull, k),
        Planted("the optimum without preconditioners", statements={"unlike": law(PLAIN)}),
        Planted("half the excess", statements={"unlike": law(PLAIN * (1 + EXCESS / 2))}),
        Planted("the coupling has the wrong sign", setting={"pull": lambda i, a: -pull(i, a)}),
        Planted("the coupling is not preconditioned", setting={"all_preconditioned": pull}),
        Planted("no coupling", without=("coupled",)),
        Planted("one preconditioner", without=("unlike preconditioners",)),
    ),
    remarks=(
        "The paper says that the result does not hold with different preconditioners; it does hold "
        "when the agents are not coupled, or with P_i before the coupling."
    ),
)
