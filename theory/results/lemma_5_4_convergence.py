"""Lemma 5.4 near a minimizer: what takes the place of Theorem 5.1 (Boffi & Slotine 2020).

Agents with gains k_j of mean k or more and standard deviation s_k or less, as in Lemma 5.4, and f
l-strongly convex: after transients

    E ‖x• − x*‖ <= (p − 1) Q √n C η / (4 p b l (l + k))
                   + (s_k/l) √( (p − 1) C η / (2 p b (l + k)) ) + √( C η / (2 b p l) ).

As in Theorem 5.1, with a flow between x• and x* that has no noise and the same disturbance as x•: the
distortion ε and, in addition, u.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.expectation import Expectation, UpperLimit
from theory.core.moments import Diffusion, Stacked, noiseless
from theory.core.norms import norm
from theory.core.planting import noise_errors
from theory.proofs.fact import Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most
from theory.proofs.result import Planted, Result, Statement
from theory.results import lemma_5_4, theorem_5_1
from theory.results.lemma_3_1 import gradient, noise, x
from theory.results.lemma_5_4 import drift, first_order
from theory.results.theorem_3_1 import DISTANCE, DOWNHILL
from theory.results.theorem_3_2 import distortion
from theory.results.theorem_5_1 import (
    LEVEL,
    ONE,
    between,
    between_gradient,
    convex,
    near_minimizer,
    whole,
)
from theory.symbols import coupling as k
from theory.symbols import negative_curvature
from theory.symbols import strong_convexity as l

i, j, a = sympy.symbols("i j a", integer=True)
DISTURBANCE = lemma_5_4.BOUND.subs(negative_curvature, -l)
"""The bound on E ‖ε + u‖."""
BOUND = DISTURBANCE / l + sympy.sqrt(LEVEL)


def disturbance(a: Any) -> Any:
    """Return coordinate a of ε + u."""
    return distortion(a) + first_order(a)


def between_drift(i: Any, a: Any) -> Any:
    """Return the velocity of the flow between: −∇f + ε + u."""
    return -between_gradient[a] + disturbance(a)


def stated(bound: Any) -> Relation:
    """Return a bound on the expected distance of the mean from the minimizer."""
    return at_most(UpperLimit(Expectation(norm(whole))), bound)


def bounded_disturbance(proof: Proof) -> Fact:
    """Apply Lemma 5.4 with λ̄ = −l."""
    downhill = proof.at_most(
        DOWNHILL,
        -l * DISTANCE**2,
        "strong convexity",
        using={proof.assume(PAIRS.name): 1},
    )
    return lemma(
        proof,
        lemma_5_4.RESULT,
        "distortion",
        at={negative_curvature: -l},
        discharging={
            "coupling exceeds curvature": proof.less(-l, k, "any coupling gain exceeds −l"),
            "curvature bound": downhill,
        },
    )


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Take the distortion with the term u as the disturbance."""
    return near_minimizer(proof, model, disturbance, bounded_disturbance(proof), BOUND)


PAIRS = convex(
    "agents", lambda a: x[i, a] - x[j, a], lambda a: gradient[i, a] - gradient[j, a], (i, j)
)
RESULT = Result(
    name="lemma_5_4_convergence",
    number="Lemma 5.4, near a minimizer",
    source=BOFFI_SLOTINE,
    title="distance of agents with individual gains from the minimizer",
    statements={
        "distance": Statement(
            "after transients, the expected distance of the mean from the minimizer",
            stated(BOUND),
        )
    },
    assumptions=(
        PAIRS,
        *(
            one
            for one in theorem_5_1.RESULT.assumptions
            if one.name.startswith("strong convexity") and one is not theorem_5_1.AGENTS
        ),
        *(
            one
            for one in lemma_5_4.RESULT.assumptions
            if one.name not in ("coupling exceeds curvature", "curvature bound")
            and one is not lemma_5_4.WEIGHTED_MEAN
        ),
    ),
    setting={"drift": drift, "between": between_drift, "noise": noise},
    system=lambda model: Stacked(
        (Diffusion(x, model.drift, model.noise), Diffusion(between, model.between, noiseless, ONE))
    ),
    prove=prove,
    planted=(
        *noise_errors("noise", noise),
        Planted("the bound of Theorem 5.1", statements={"distance": stated(theorem_5_1.BOUND)}),
        Planted(
            "the flow between is without u",
            setting={"between": lambda i, a: between_drift(i, a) - first_order(a)},
        ),
        Planted(
            "the gradient has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) + 2 * gradient[i, a]},
        ),
        Planted("the deviation of the gains is unbounded", without=("deviation of gains",)),
    ),
    remarks=(
        "The paper says that similar results hold in an identical manner. The middle term is new: "
        "it does not decrease with p, and decreases only as the root of the noise. For s_k = 0 "
        "this is Theorem 5.1."
    ),
)
