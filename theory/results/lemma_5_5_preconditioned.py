"""Lemma 5.5 with one constant preconditioner for all agents (Boffi & Slotine 2020, Sec. 5.5).

Agents dx^i = P (−H x^i dt + B dW^i) + k (x• − x^i) dt, P invertible and −PH Hurwitz: the time
average has the law of Lemma 5.5, N(0, (1/p) H⁻¹BBᵀH⁻ᵀ) after √t; it does not depend on P. The
proof uses the function rᵀH⁻¹P⁻¹x•.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.equalities import combined
from theory.core.expectation import Constant
from theory.core.moments import Diffusion, drift_of, variance_of
from theory.core.ornstein_uhlenbeck import CONSTANT_NOISE, SETTLED, long_run_variance, under_sum
from theory.core.planting import coupling_errors, noise_errors
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import equal
from theory.proofs.result import Planted, Result, Statement
from theory.results import lemma_5_5
from theory.results.lemma_3_1 import mean, x
from theory.results.lemma_5_5 import a, along, c, direction, form, hessian, law, m, noise, solved
from theory.symbols import agents as p
from theory.symbols import coupling as k
from theory.symbols import dimension as n

d, f = sympy.symbols("d f", integer=True)
preconditioner = Constant("P", real=True)
"""P[a, c]."""
undone = Constant("u", real=True)
"""P⁻ᵀ g with g = H⁻ᵀ r: u[a]."""


def drift(i: Any, a: Any) -> Any:
    """Return −P H x + k (x• − x)."""
    descent = sympy.Sum(preconditioner[a, d] * hessian[d, c] * x[i, c], (c, 1, n), (d, 1, n))
    return -descent + k * (mean(a) - x[i, a])


def scaled_noise(a: Any, m: Any) -> Any:
    """Return the entry of P B."""
    return sympy.Sum(preconditioner[a, f] * noise[f, m], (f, 1, n))


def covariance(i: Any, a: Any, c: Any) -> Any:
    """Return P BBᵀ Pᵀ."""
    return sympy.Sum(scaled_noise(a, m) * scaled_noise(c, m), (m, 1, n))


def covariance_half(a: Any, d: Any) -> Any:
    """Return the entry of P BBᵀ."""
    return sympy.Sum(scaled_noise(a, m) * noise[d, m], (m, 1, n))


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Cancel the preconditioner in the drift and, twice, in the noise."""
    system = Diffusion(x, model.drift, model.covariance)
    undo, inverse = proof.assume("preconditioner"), proof.assume("inverse")
    solution = along(undone)
    falls = drift_of(proof, system, solution, system.generator(solution))
    descent = sympy.Sum(hessian[d, c] * mean(c), (c, 1, n))
    plain = under_sum(proof, undo, descent, d, n)
    turned = under_sum(proof, inverse, mean(c), c, n)
    downhill = combined(
        proof,
        falls.relation.left,
        -along(direction),
        {falls: 1, plain: -1, turned: -1},
        "the drift is −rᵀx•",
    )
    rough = sympy.expand(system.generator(solution**2) - 2 * solution * system.generator(solution))
    noisy = variance_of(proof, system, solution, rough)
    once_scaled = sympy.Sum(undone[a] * covariance_half(a, d), (a, 1, n))
    once = under_sum(proof, undo, once_scaled, d, n)
    unscaled = sympy.Sum(solved[a] * sympy.Sum(noise[a, m] * noise[d, m], (m, 1, n)), (a, 1, n))
    twice = under_sum(proof, undo, unscaled, d, n)
    constant = combined(
        proof,
        noisy.relation.left,
        form(solved, solved) / p,
        {noisy: 1, once: 1 / p, twice: 1 / p},
        "the preconditioner cancels in the noise too",
    )
    return {
        "time average": long_run_variance(proof, x, along(direction), solution, downhill, constant)
    }


RESULT = Result(
    name="lemma_5_5_preconditioned",
    number="Lemma 5.5, preconditioned",
    source=BOFFI_SLOTINE,
    title="one preconditioner for all agents does not change the time average",
    statements={
        "time average": Statement(
            "in any direction r the variance is rᵀH⁻¹BBᵀH⁻ᵀr/(p t), for every P and coupling gain",
            law(direction, form(solved, solved) / p),
        ),
    },
    assumptions=(
        *(one for one in lemma_5_5.RESULT.assumptions if one.name == "inverse"),
        Assumption(
            "preconditioner",
            "P is invertible, so that there is u = P⁻ᵀg",
            equal(sympy.Sum(undone[a] * preconditioner[a, d], (a, 1, n)), solved[d]),
            over=(d,),
        ),
        CONSTANT_NOISE,
        SETTLED,
    ),
    setting={"drift": drift, "covariance": covariance},
    system=Diffusion(x, drift, covariance),
    prove=prove,
    planted=(
        *coupling_errors("drift", drift, k),
        *noise_errors("covariance", covariance),
        Planted("the noise is not preconditioned", setting={"covariance": lemma_5_5.covariance}),
        Planted("the drift is not preconditioned", setting={"drift": lemma_5_5.drift}),
        Planted(
            "one agent's variance",
            statements={"time average": law(direction, form(solved, solved))},
        ),
        Planted("P without inverse", without=("preconditioner",)),
    ),
    remarks=(
        "The coupling may be preconditioned or not, as it cancels in the mean. With a different "
        "preconditioner for each agent this fails: see lemma_5_5_unlike_preconditioners."
    ),
)
