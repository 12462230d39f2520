"""Fisher's information of the minimizer in the paths of the agents (Boffi & Slotine 2020, Sec. 5.5).

Agents dx^i = (−H (x^i − θ) + k (x• − x^i)) dt + B dW^i with constant B, η/b inside, and θ the
minimizer. For a direction r let Hᵀg = r and Hv = BBᵀg. Moving θ by v moves the drift of Σ_i gᵀx^i by
p gᵀBBᵀg, which is the variance of this sum per unit time: over a time t, Σ_i gᵀx^i less its drift is the
score in the direction v (Girsanov), its variance, p t gᵀBBᵀg, is Fisher's information there, and
rᵀv = gᵀBBᵀg is what rᵀθ gains. No unbiased estimator of rᵀθ from the paths has less variance than

    (rᵀv)² / (p t gᵀBBᵀg) = rᵀH⁻¹BBᵀH⁻ᵀr / (p t)

(Cramér and Rao, cited), which is the variance of the time average in Lemma 5.5, whatever k is.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.equalities import combined
from theory.core.expectation import Constant
from theory.core.moments import Diffusion, DriftOf, VarianceOf, drift_of, variance_of
from theory.core.ornstein_uhlenbeck import under_sum
from theory.core.planting import noise_errors
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import equal
from theory.proofs.result import Planted, Result, Statement
from theory.results import lemma_5_5
from theory.results.lemma_3_1 import mean, x
from theory.results.lemma_5_5 import (
    a,
    along,
    c,
    covariance,
    direction,
    form,
    hessian,
    solved,
)
from theory.symbols import agents as p
from theory.symbols import coupling as k
from theory.symbols import dimension as n

minimizer = Constant("theta", real=True)
"""θ[c]."""
moved = Constant("v", real=True)
"""v[c]: the direction in which θ moves."""
SCORE = p * along(solved)
"""Σ_i gᵀx^i."""


def drift(i: Any, a: Any) -> Any:
    """Return −H (x − θ) + k (x• − x)."""
    descent = sympy.Sum(hessian[a, c] * (x[i, c] - minimizer[c]), (c, 1, n))
    return -descent + k * (mean(a) - x[i, a])


def of_minimizer(vector: Any) -> Any:
    """Return p gᵀH w, by which the drift of the score moves when θ moves by w."""
    return p * sympy.Sum(direction[c] * vector[c], (c, 1, n))


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Find drift and noise of the score, and what moving the minimizer does to the drift."""
    system = Diffusion(x, model.drift, model.covariance)
    inverse, solves = proof.assume("inverse"), proof.assume("direction of θ")
    falls = drift_of(proof, system, SCORE, system.generator(SCORE))
    turned = under_sum(proof, inverse, p * mean(c), c, n)
    pulled = under_sum(proof, inverse, p * minimizer[c], c, n)
    drifts = combined(
        proof,
        falls.relation.left,
        of_minimizer(minimizer) - p * along(direction),
        {falls: 1, turned: -1, pulled: 1},
        "H goes over to r",
    )
    noisy = variance_of(proof, system, SCORE, p * form(solved, solved))
    gain = under_sum(proof, solves, solved[a], a, n)
    across = under_sum(proof, inverse, moved[c], c, n)
    sensitive = combined(
        proof,
        sympy.Sum(direction[c] * moved[c], (c, 1, n)),
        form(solved, solved),
        {across: -1, gain: 1},
        "rᵀv = gᵀHv = gᵀBBᵀg",
    )
    return {"drift": drifts, "information": noisy, "sensitivity": sensitive}


RESULT = Result(
    name="fisher_bound",
    number="Sec. 5.5, Fisher's information",
    source=BOFFI_SLOTINE,
    title="Fisher's information of the minimizer in the paths of the agents",
    statements={
        "drift": Statement(
            "the drift of the score depends on θ as p rᵀθ",
            equal(DriftOf(SCORE), of_minimizer(minimizer) - p * along(direction)),
        ),
        "information": Statement(
            "Fisher's information in the direction v, per unit time, is p gᵀBBᵀg",
            equal(VarianceOf(SCORE), p * form(solved, solved)),
        ),
        "sensitivity": Statement(
            "moving θ by v moves rᵀθ by gᵀBBᵀg",
            equal(sympy.Sum(direction[c] * moved[c], (c, 1, n)), form(solved, solved)),
        ),
    },
    assumptions=(
        *(one for one in lemma_5_5.RESULT.assumptions if one.name == "inverse"),
        Assumption(
            "direction of θ",
            "v solves Hv = BBᵀg",
            equal(
                sympy.Sum(hessian[a, c] * moved[c], (c, 1, n)),
                sympy.Sum(solved[c] * covariance(1, a, c), (c, 1, n)),
            ),
            over=(a,),
        ),
    ),
    setting={"drift": drift, "covariance": covariance},
    system=lambda model: Diffusion(x, model.drift, model.covariance),
    prove=prove,
    planted=(
        *noise_errors("covariance", covariance),
        Planted(
            "one agent's information",
            statements={"information": equal(VarianceOf(SCORE), form(solved, solved))},
        ),
        Planted("v of another matrix", without=("direction of θ",)),
        Planted(
            "a minimizer that agents do not descend to",
            setting={"drift": lambda i, a: lemma_5_5.drift(i, a)},
        ),
    ),
    remarks=(
        "That the score has this form is Girsanov's theorem, and that no unbiased estimator has less "
        "variance than the square of the sensitivity over the information is the inequality of Cramér "
        "and Rao; both are cited. Their quotient over a time t, gᵀBBᵀg/(p t), is the variance in Lemma "
        "5.5. A start in equilibrium knows of θ too, by a term that does not grow with t."
    ),
)
