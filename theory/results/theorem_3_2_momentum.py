"""Theorem 3.2 with momentum: the distortion of the mean (Boffi & Slotine 2020, Sec. 5.3).

Agents dx^i = (v^i + k (x• − x^i)) dt, dv^i = (−∇f(x^i) − μ v^i) dt + √(η/b) B(x^i) dW^i, l <= ∇²f <= L,
that synchronize at the rate ξ of Lemma 3.2 with k₂ = 0: after transients

    E ‖ε‖ <= (p − 1) Q √n C η / (4 p b ξ),    ε = ∇f(x•) − (1/p) Σ_i ∇f(x^i).

The distortion is of second order in the distances of the positions, which Lemma 3.2 bounds.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.expectation import Expectation, UpperLimit, in_the_limit
from theory.core.moments import REGULAR, Diffusion, Stacked, noiseless
from theory.core.norms import norm, squares
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most, less
from theory.proofs.result import Planted, Result, Statement
from theory.results import lemma_3_1, lemma_3_2, theorem_3_2
from theory.results.lemma_3_1 import gradient, noise, signal, x
from theory.results.lemma_3_2 import mean_velocity, v, velocity
from theory.results.theorem_3_2 import PER_SQUARE, distortion
from theory.symbols import agents as p
from theory.symbols import coupling as k
from theory.symbols import damping as mu
from theory.symbols import velocity_coupling

i = sympy.Symbol("i", integer=True)
SYNCHRONIZED = lemma_3_2.RATE.subs(velocity_coupling, 0)
"""ξ."""
BOUND = PER_SQUARE * lemma_3_2.BOUND.subs(velocity_coupling, 0)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Bound ε by the distances of the agents, and these by Lemma 3.2."""
    positive = lemma(proof, lemma_3_2.RESULT, "positive", at={velocity_coupling: 0})
    remainder = lemma(proof, theorem_3_2.RESULT, "remainder")
    positions, both = lemma_3_1.SPREAD, model.spread
    velocities = sympy.Sum(squares(lambda a: v[i, a] - mean_velocity(a)), (i, 1, p))
    part = proof.at_most(positions, both, "positions alone", certificate=velocities)
    spread = lemma(proof, lemma_3_2.RESULT, "spread", at={velocity_coupling: 0})
    return {
        "distortion": proof.at_most(
            UpperLimit(Expectation(norm(distortion))),
            BOUND,
            "of second order in the distances of the agents",
            using={
                in_the_limit(proof, norm(distortion), PER_SQUARE, positions, remainder): 1,
                in_the_limit(proof, positions, sympy.S.One, both, part): PER_SQUARE,
                spread: PER_SQUARE,
            },
            certificate=0,
        ),
        "synchronization": positive,
    }


def force(i: Any, a: Any) -> Any:
    """Return the drift of a velocity without a coupling of the velocities."""
    return -gradient[i, a] - mu * v[i, a]


def stated(bound: Any) -> Relation:
    """Return a bound on the distortion, after transients."""
    return at_most(UpperLimit(Expectation(norm(distortion))), bound)


KEPT = (
    "strong convexity",
    "smoothness",
    "noise bound",
    "third derivatives",
    "curvature of the gradient at most Q",
    "curvature of the gradient at least −Q",
)
OF_BOTH = {
    one.name: one for one in (*theorem_3_2.RESULT.assumptions, *lemma_3_2.RESULT.assumptions)
}

RESULT = Result(
    name="theorem_3_2_momentum",
    number="Theorem 3.2 with momentum",
    source=BOFFI_SLOTINE,
    title="distortion in the equation of the mean of coupled agents with momentum",
    statements={
        "distortion": Statement(
            "after transients, the expected length of the distortion", stated(BOUND)
        ),
        "synchronization": Statement("ξ is positive", less(0, SYNCHRONIZED)),
    },
    assumptions=(
        Assumption(
            "coupling exceeds gain",
            "the agents synchronize: k μ > g² with g = ½ max(1 − l, L − 1)",
            less(lemma_3_2.GAIN**2, k * mu),
        ),
        *(OF_BOTH[name] for name in KEPT),
        REGULAR,
    ),
    setting={"spread": lemma_3_2.SPREAD},
    system=(
        Stacked((Diffusion(x, velocity, noiseless), Diffusion(v, force, noise))),
        lemma_3_2.GRADIENTS,
    ),
    signals=(signal,),
    domain=(lemma_3_2.ORDERED,),
    prove=prove,
    planted=(
        Planted("half the bound", statements={"distortion": stated(BOUND / 2)}),
        Planted("the positions twice", setting={"spread": 2 * lemma_3_1.SPREAD}),
        Planted("the coupling is too weak", without=("coupling exceeds gain",)),
        Planted("the loss is not smooth", without=("smoothness",)),
    ),
    remarks="The paper says that the bound carries over with the rate replaced; here it is proved.",
)
