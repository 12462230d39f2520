"""Lemma 5.4 near a minimizer: what takes the place of Theorem 5.1 (Boffi & Slotine 2020).

Agents with gains k_j of mean k or more and standard deviation s_k or less, as in Lemma 5.4, and f
l-strongly convex: after transients

    E ‖x• − x*‖ <= (p − 1) Q √n C η / (4 p b l (l + k))
                   + (s_k/l) √( (p − 1) C η / (2 p b (l + k)) ) + √( C η / (2 b p l) ).

As in Theorem 5.1, with a flow between x• and x* that is free of noise and feels all else that x• feels:
the distortion ε and, in addition, the pull u.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.expectation import Expectation, UpperLimit
from theory.core.flows import Flow, Part, disturbed_limit
from theory.core.moments import Diffusion, Stacked, moment_limit, noiseless
from theory.core.norms import cauchy_schwarz, norm, root_mean_square, triangle
from theory.proofs.fact import Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most
from theory.proofs.result import Planted, Result, Statement
from theory.results import lemma_5_4, theorem_5_1
from theory.results.lemma_3_1 import gradient, noise, x
from theory.results.lemma_5_4 import drift, pull
from theory.results.theorem_3_1 import DISTANCE, DOWNHILL
from theory.results.theorem_3_2 import distortion
from theory.results.theorem_5_1 import (
    LEVEL,
    between,
    between_gradient,
    calm,
    convex,
    noisy,
    traces,
    whole,
)
from theory.symbols import agents as p
from theory.symbols import batch_size as b
from theory.symbols import coupling as k
from theory.symbols import curvature, noise_bound, step_size
from theory.symbols import strong_convexity as l

i, j, a = sympy.symbols("i j a", integer=True)
ONE = sympy.Integer(1)

PUSH = lemma_5_4.BOUND.subs(curvature, -l)
"""What E ‖ε + u‖ is at most."""
BOUND = PUSH / l + sympy.sqrt(LEVEL)


def pushed(a: Any) -> Any:
    """Return coordinate a of ε + u."""
    return distortion(a) + pull(a)


def felt(i: Any, a: Any) -> Any:
    """Return the velocity of the flow between: −∇f + ε + u."""
    return -between_gradient[a] + pushed(a)


def stated(bound: Any) -> Relation:
    """Return that the mean comes that near to the minimizer."""
    return at_most(UpperLimit(Expectation(norm(whole))), bound)


def bounded_push(proof: Proof) -> Fact:
    """Take Lemma 5.4 over, with −l for the largest curvature downwards."""
    downhill = proof.at_most(
        DOWNHILL,
        -l * DISTANCE**2,
        "no curvature downwards",
        using={proof.assume(PAIRS.name): 1},
    )
    return lemma(
        proof,
        lemma_5_4.RESULT,
        "distortion",
        at={curvature: -l},
        discharging={
            "coupling exceeds curvature": proof.less(-l, k, "any coupling is enough"),
            "curvature bound": downhill,
        },
    )


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Bound both distances, and join them."""
    flow = Flow((Part(between, model.felt, ONE),))
    system = Stacked(
        (Diffusion(x, model.drift, model.noise), Diffusion(between, model.felt, noiseless, ONE))
    )
    far, near = norm(noisy) ** 2, norm(calm) ** 2
    rate, twice = proof.less(0, l, "the rate"), proof.less(0, 2 * l, "twice the rate")
    source = step_size / (b * p) * noise_bound
    growth = proof.at_most(
        system.generator(far),
        source - 2 * l * far,
        "distortion and pull cancel; of the noise, the mean feels one part in p",
        using={
            proof.assume("strong convexity, the mean and the flow between"): 2,
            traces(proof): step_size / (b * p**2),
        },
        certificate=0,
    )
    spread = root_mean_square(proof, far, moment_limit(proof, system, far, growth, twice, source))
    pulled = proof.at_most(
        flow.derivative(near),
        2 * norm(calm) * norm(pushed) - 2 * l * near,
        "the gradient pulls, distortion and pull push",
        using={
            proof.assume("strong convexity, the flow between and the minimizer"): 2,
            cauchy_schwarz(proof, calm, pushed): 2,
        },
        certificate=0,
    )
    held = disturbed_limit(proof, flow, near, pulled, rate, norm(pushed))
    return {
        "distance": proof.at_most(
            UpperLimit(Expectation(norm(whole))),
            BOUND,
            "by way of the flow between",
            using={
                triangle(proof, noisy, calm): 1,
                spread: 1,
                held: 1,
                bounded_push(proof): 1 / l,
            },
            certificate=0,
        )
    }


PAIRS = convex("agents", lambda a: x[i, a] - x[j, a], lambda a: gradient[i, a] - gradient[j, a])
RESULT = Result(
    name="lemma_5_4_convergence",
    number="Lemma 5.4, near a minimizer",
    source=BOFFI_SLOTINE,
    title="how near agents with gains of their own come to the minimizer",
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
        ),
    ),
    setting={"drift": drift, "felt": felt, "noise": noise},
    prove=prove,
    planted=(
        Planted("Theorem 5.1 as it is", statements={"distance": stated(theorem_5_1.BOUND)}),
        Planted(
            "the flow between does not feel the pull",
            setting={"felt": lambda i, a: felt(i, a) - pull(a)},
        ),
        Planted(
            "the gradient is climbed",
            setting={"drift": lambda i, a: drift(i, a) + 2 * gradient[i, a]},
        ),
        Planted("the gains may deviate by any amount", without=("deviation of gains",)),
    ),
    remarks=(
        "The paper says that similar results hold in an identical manner. The middle term is new: it "
        "does not fall with p, and with the noise only as its root. For s_k = 0 this is Theorem 5.1."
    ),
)
