"""Section 3.4: a learning rate and a batch size for each agent, equal drifts (Boffi & Slotine 2020).

dx^i = (−∇f(x^i) + k (z − x^i)) dt + √(η_i/b_i) B(x^i) dW^i: the agents share one drift and differ in the
strength of their noise. With η/b the mean of all η_i/b_i, the bounds of Lemma 3.1 and Theorem 3.2 hold,

    E Σ_i ‖x^i − x•‖² <= (p − 1) C η / (2 b (k − λ̄)),    E‖ε‖ <= (p − 1) Q √n C η / (4 p b (k − λ̄)),

and the noise of the mean has the covariance (1/p²) Σ_i (η_i/b_i) B(x^i) B(x^i)ᵀ. In Itô's formula
the noises of the agents add up, each with its own strength.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.expectation import Constant, Expectation, UpperLimit, in_the_limit
from theory.core.moments import Diffusion, VarianceOf, moment_limit, variance_of
from theory.core.norms import norm
from theory.core.planting import coupling_errors, noise_errors
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal
from theory.proofs.result import Planted, Result, Statement
from theory.results import lemma_3_1, theorem_3_2
from theory.results.lemma_3_1 import SPREAD, covariance, drift, gradient, x
from theory.results.theorem_3_2 import ALONG, PER_SQUARE, direction, distortion
from theory.symbols import agents as p
from theory.symbols import batch_size as b
from theory.symbols import coupling as k
from theory.symbols import dimension as n
from theory.symbols import negative_curvature, noise_bound, step_size

i, a, c = sympy.symbols("i a c", integer=True)
steps = Constant("eta", positive=True)
"""The learning rates: η[i]."""
batches = Constant("b", positive=True)
"""The batches: b[i]."""


def noise(i: Any, a: Any, c: Any) -> Any:
    """Return (η_i/b_i) B Bᵀ."""
    return steps[i] / batches[i] * covariance[i, a, c]


NOISE = (
    sympy.Sum(noise(i, a, c) * direction[a] * direction[c], (a, 1, n), (c, 1, n), (i, 1, p)) / p**2
)
DISTORTION = theorem_3_2.RESULT.statements["distortion"].relation


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Weight the noise of each agent; the rest is as with one learning rate."""
    system = Diffusion(x, model.drift, model.noise)
    strength = steps[i] / batches[i]
    trace = sympy.Sum(covariance[i, c, c], (c, 1, n))
    weighed = proof.at_most(
        strength * trace,
        strength * noise_bound,
        "one agent",
        using={proof.assume("noise bound"): strength},
    )
    traces = proof.sum_over(weighed, i, p, "over all agents")
    pull = proof.sum_over(proof.assume("curvature bound"), i, p, "over all agents")
    stronger = proof.assume("coupling exceeds curvature")
    rate = proof.less(0, 2 * (k - negative_curvature), "the rate", using={stronger: 2})
    source = (p - 1) * step_size / b * noise_bound
    growth = proof.at_most(
        system.generator(SPREAD),
        source - 2 * (k - negative_curvature) * SPREAD,
        "the noises add up, each with its own strength",
        using={
            pull: 2,
            traces: 1 - 1 / p,
            proof.assume("mean strength"): (p - 1) * noise_bound,
        },
        certificate=0,
    )
    spread = moment_limit(proof, system, SPREAD, growth, rate, source)
    pathwise = lemma(proof, theorem_3_2.RESULT, "remainder")
    expected = in_the_limit(proof, norm(distortion), PER_SQUARE, SPREAD, pathwise)
    return {
        "spread": spread,
        "distortion": proof.at_most(
            DISTORTION.left,
            DISTORTION.right,
            "the distortion is of second order in the distances",
            using={expected: 1, spread: PER_SQUARE},
        ),
        "noise": variance_of(proof, system, ALONG, NOISE),
    }


RESULT = Result(
    name="section_3_4",
    number="Section 3.4, eq. (32)",
    source=BOFFI_SLOTINE,
    title="a learning rate for each agent, with equal drifts",
    statements={
        "spread": Statement(
            "after transients, the expected squared distances of the agents from their mean",
            at_most(UpperLimit(Expectation(SPREAD)), lemma_3_1.BOUND),
        ),
        "distortion": Statement(
            "after transients, the expected length of the distortion of the mean's drift",
            DISTORTION,
        ),
        "noise": Statement(
            "in each direction the mean has this variance per unit time",
            equal(VarianceOf(ALONG), NOISE),
        ),
    },
    assumptions=(
        *theorem_3_2.RESULT.assumptions,
        Assumption(
            "mean strength",
            "η/b is the mean of the η_i/b_i; with one batch for all, η is the mean of the η_i",
            equal(sympy.Sum(steps[i] / batches[i], (i, 1, p)) / p, step_size / b),
        ),
    ),
    setting={"drift": drift, "noise": noise},
    system=lambda model: Diffusion(x, model.drift, model.noise),
    prove=prove,
    planted=(
        *coupling_errors("drift", drift, k),
        *noise_errors("noise", noise),
        Planted(
            "the bound is divided by p",
            statements={"spread": at_most(UpperLimit(Expectation(SPREAD)), lemma_3_1.BOUND / p)},
        ),
        Planted("η/b is not the mean of the agents", without=("mean strength",)),
        Planted(
            "the noise is proportional to the square of the learning rate",
            setting={"noise": lambda i, a, c: steps[i] * noise(i, a, c)},
        ),
        Planted(
            "the learning rate scales the drift too",
            setting={"drift": lambda i, a: steps[i] / step_size * drift(i, a)},
        ),
        Planted(
            "the gradient has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) + 2 * gradient[i, a]},
        ),
    ),
    remarks=(
        "This is the reading in which the paper's claim is true. A different step size for each agent "
        "also scales its drift and coupling, and then (22) with the mean learning rate fails: see "
        "section_3_4_scaled and section_3_4_uneven."
    ),
)
