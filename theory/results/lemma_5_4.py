"""Lemma 5.4: gains that depend on the agents (Boffi & Slotine 2020, eqs. (55)-(58)).

dx^i = (−∇f(x^i) + (1/p) Σ_j k_j (x^j − x^i)) dt + √(η/b) B(x^i) dW^i, k_j any functions of states and
time with mean K = (1/p) Σ_j k_j at least k > λ̄. The coupling is K (x~ − x^i), with the weighted mean
x~ = Σ k_j x^j / Σ k_j: without noise the agents synchronize at the rate k − λ̄, with noise (22) holds.
But the drift of the mean contains, besides ε, u = (1/p) Σ_j k_j (x^j − x•), which is of first order in
the distances: with s_k the standard deviation of the gains over the agents

    ‖u‖ <= s_k √( Σ_i ‖x^i − x•‖² / p ),
    E‖ε + u‖ <= (p − 1) Q √n C η / (4 p b (k − λ̄)) + s_k √( (p − 1) C η / (2 p b (k − λ̄)) ).
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.expectation import Expectation, UpperLimit, in_the_limit
from theory.core.flows import SOLVED, Flow, Part, decay, decays, rooted
from theory.core.inequalities import roots
from theory.core.moments import Diffusion, DriftOf, drift_of, moment_limit
from theory.core.norms import norm, root_mean_square, squared_product, triangle
from theory.core.planting import noise_errors
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal, less
from theory.proofs.result import Planted, Result, Statement
from theory.results import lemma_3_1, theorem_3_1, theorem_3_2
from theory.results.lemma_3_1 import SPREAD, gradient, mean, mean_gradient, noise, x
from theory.results.theorem_3_1 import DISTANCE
from theory.results.theorem_3_2 import PER_SQUARE, distortion
from theory.symbols import agents as p
from theory.symbols import batch_size as b
from theory.symbols import coupling as k
from theory.symbols import dimension as n
from theory.symbols import gain_deviation, negative_curvature, noise_bound, step_size

i, j, a = sympy.symbols("i j a", integer=True)
gains = sympy.IndexedBase("k", real=True)
"""The gains at the present states and time: k[j]."""

MEAN_GAIN = sympy.Sum(gains[j], (j, 1, p)) / p
"""K."""
VARIANCE = sympy.Sum((gains[i] - MEAN_GAIN) ** 2, (i, 1, p)) / p
"""The variance of the gains over the agents."""
RATE = k - negative_curvature
FIRST_ORDER = gain_deviation * sympy.sqrt(lemma_3_1.BOUND / p)
BOUND = theorem_3_2.BOUND + FIRST_ORDER


def coupling(i: Any, a: Any) -> Any:
    """Return (1/p) Σ_j k_j (x^j − x^i)."""
    return sympy.Sum(gains[j] * (x[j, a] - x[i, a]), (j, 1, p)) / p


def drift(i: Any, a: Any) -> Any:
    """Return −∇f and the coupling."""
    return -gradient[i, a] + coupling(i, a)


def weighted_mean(a: Any) -> Any:
    """Return coordinate a of x~ = Σ k_j x^j / Σ k_j."""
    return sympy.Sum(gains[j] * x[j, a], (j, 1, p)) / sympy.Sum(gains[j], (j, 1, p))


def first_order(a: Any) -> Any:
    """Return u = (1/p) Σ_j k_j (x^j − x•)."""
    return sympy.Sum(gains[i] * (x[i, a] - mean(a)), (i, 1, p)) / p


DRIFT = sympy.Add(-mean_gradient[a], distortion(a), first_order(a), evaluate=False)


def bounded_term(proof: Proof) -> Fact:
    """Bound ‖u‖: only deviations of the gains from their mean count, as Σ_j (x^j − x•) = 0."""
    products = squared_product(
        proof, lambda i: gains[i] - MEAN_GAIN, lambda i: x[i, a] - mean(a), p
    )
    everywhere = proof.sum_over(products, a, n, "over all coordinates")
    squared = proof.at_most(
        norm(first_order) ** 2,
        gain_deviation**2 / p * SPREAD,
        "the gains deviate by s_k from their mean",
        using={everywhere: 1 / p**2, proof.assume("deviation of gains"): SPREAD / p},
        certificate=0,
    )
    return roots(proof, squared, "root of the length")


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Treat the coupling as one to a common signal with the gain K."""
    flow, system = Flow((Part(x, model.drift),)), Diffusion(x, model.drift, model.noise)
    downhill, gain = proof.assume("curvature bound"), proof.assume("mean gain")
    closer = proof.at_most(
        flow.derivative(DISTANCE**2),
        -2 * RATE * DISTANCE**2,
        "all agents are coupled to one point with the gain K, at least k",
        using={downhill: 2, gain: 2 * DISTANCE**2},
        certificate=0,
    )
    all_pairs = proof.sum_over(
        proof.sum_over(downhill, i, p, "over all agents"), j, p, "over all pairs"
    )
    traces = proof.sum_over(proof.assume("noise bound"), i, p, "over all agents")
    source = (p - 1) * step_size / b * noise_bound
    growth = proof.at_most(
        system.generator(SPREAD),
        source - 2 * RATE * SPREAD,
        "as in Lemma 3.1, with K at least k",
        using={all_pairs: 1 / p, gain: 2 * SPREAD, traces: step_size / b * (1 - 1 / p)},
        certificate=0,
    )
    stronger = proof.assume("coupling exceeds curvature")
    twice = proof.less(0, 2 * RATE, "twice the rate", using={stronger: 2})
    spread = moment_limit(proof, system, SPREAD, growth, twice, source)
    second = in_the_limit(
        proof, norm(distortion), PER_SQUARE, SPREAD, lemma(proof, theorem_3_2.RESULT, "remainder")
    )
    bounded = bounded_term(proof)
    first = in_the_limit(
        proof, norm(first_order), gain_deviation / sympy.sqrt(p), sympy.sqrt(SPREAD), bounded
    )
    both = BOTH.left
    return {
        "distortion": proof.at_most(
            both,
            BOUND,
            "second order and first order",
            using={
                triangle(proof, distortion, first_order): 1,
                second: 1,
                spread: PER_SQUARE,
                first: 1,
                root_mean_square(proof, SPREAD, spread): gain_deviation / sympy.sqrt(p),
            },
        ),
        "rate": rooted(
            proof, DISTANCE**2, RATE, decays(proof, flow, DISTANCE**2, 2 * RATE, closer)
        ),
        "spread": spread,
        "quorum": proof.equal(
            model.drift(i, a) + gradient[i, a],
            MEAN_GAIN * (weighted_mean(a) - x[i, a]),
            "the gains collected",
        ),
        "drift": drift_of(proof, system, mean(a), DRIFT),
        "pull": bounded,
    }


BOTH = at_most(UpperLimit(Expectation(norm(lambda a: distortion(a) + first_order(a)))), BOUND)

WEIGHTED_MEAN = Assumption(
    "gains that do not cancel",
    "Σ k_j > 0, so that there is a weighted mean; this follows from k > 0",
    less(0, sympy.Sum(gains[j], (j, 1, p))),
)
RESULT = Result(
    name="lemma_5_4",
    number="Lemma 5.4, eq. (56)",
    source=BOFFI_SLOTINE,
    title="gains that depend on the agents",
    statements={
        "rate": Statement(
            "the distance of any two agents decays at least at this rate",
            decay(DISTANCE, RATE),
            value=RATE,
            system=Flow((Part(x, drift),)),
        ),
        "quorum": Statement(
            "the coupling is that to the weighted mean of the agents, with the mean gain",
            equal(coupling(i, a), MEAN_GAIN * (weighted_mean(a) - x[i, a])),
        ),
        "spread": Statement(
            "with noise, (22) holds unchanged",
            at_most(UpperLimit(Expectation(SPREAD)), lemma_3_1.BOUND),
        ),
        "drift": Statement(
            "the drift of the mean is that of the loss, the distortion and u",
            equal(DriftOf(mean(a)), DRIFT),
        ),
        "pull": Statement(
            "u is of first order in the distances of the agents from their mean",
            at_most(norm(first_order), gain_deviation / sympy.sqrt(p) * sympy.sqrt(SPREAD)),
        ),
        "distortion": Statement(
            "in place of (31): after transients, the expected length of ε + u", BOTH
        ),
    },
    assumptions=(
        Assumption(
            "mean gain",
            "the mean of the gains is k or more, at all states and times",
            at_most(k, MEAN_GAIN),
        ),
        Assumption(
            "deviation of gains",
            "the standard deviation of the gains over the agents is at most s_k",
            at_most(VARIANCE, gain_deviation**2),
        ),
        WEIGHTED_MEAN,
        *(one for one in theorem_3_1.RESULT.assumptions if one is not SOLVED),
        *(
            one
            for one in theorem_3_2.RESULT.assumptions
            if one.name not in ("coupling exceeds curvature", "curvature bound")
        ),
        SOLVED,
    ),
    setting={"drift": drift, "noise": noise},
    system=lambda model: Diffusion(x, model.drift, model.noise),
    prove=prove,
    planted=(
        *noise_errors("noise", noise),
        Planted(
            "(31) without u",
            statements={"distortion": at_most(BOTH.left, theorem_3_2.BOUND)},
        ),
        Planted("twice the rate", statements={"rate": decay(DISTANCE, 2 * RATE)}),
        Planted("the mean gain has no lower bound", without=("mean gain",)),
        Planted("the deviation of the gains is unbounded", without=("deviation of gains",)),
        Planted(
            "the coupling has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) - 2 * coupling(i, a)},
        ),
        Planted(
            "each agent uses its own gain",
            setting={"drift": lambda i, a: -gradient[i, a] + gains[i] * (mean(a) - x[i, a])},
        ),
    ),
    remarks=(
        "Single gains may be negative. The paper uses (31) with ε alone; u is of first "
        "order, so the bound decreases only as the root of the noise, and not at all as p grows."
    ),
)
