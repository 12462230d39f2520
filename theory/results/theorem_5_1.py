"""Theorem 5.1: QSGD near the minimizer of a strongly convex loss (Boffi & Slotine 2020, eq. (47)).

Agents dx^i = (−∇f(x^i) + k (x• − x^i)) dt + √(η/b) B(x^i) dW^i, f l-strongly convex: after
transients of the rates l and l + k,

    E ‖x• − x*‖ <= (p − 1) Q √n C η / (4 p b l (l + k)) + √( C η / (2 b p l) ).

The proof compares both x• and x* with a flow without noise and with the same distortion ε as x•. Its
distance from x• is due to the noise, as in SGD with p times the batch; that from x* is due to ε, which
Theorem 3.2 bounds.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE, MEAN_VALUE
from theory.core.expectation import Constant, Expectation, UpperLimit
from theory.core.flows import SOLVED, Flow, Part, disturbed_limit
from theory.core.gradients import Gradients, Point
from theory.core.losses import GradientArray
from theory.core.moments import Diffusion, Stacked, moment_limit, noiseless
from theory.core.norms import Vector, cauchy_schwarz, norm, root_mean_square, triangle
from theory.core.planting import coupling_errors, noise_errors, pull_error
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most
from theory.proofs.result import Planted, Result, Statement
from theory.results import theorem_3_2
from theory.results.lemma_3_1 import PULL, gradient, mean, mean_gradient, noise, signal, squares, x
from theory.results.theorem_3_2 import distortion
from theory.symbols import agents as p
from theory.symbols import batch_size as b
from theory.symbols import coupling as k
from theory.symbols import dimension as n
from theory.symbols import gradient_curvature, negative_curvature, noise_bound, step_size
from theory.symbols import strong_convexity as l

i, a, c = sympy.symbols("i a c", integer=True)
between = sympy.IndexedBase("y", real=True)
"""The flow between x• and x*, without noise: y[1, a]."""
between_gradient = GradientArray("q", real=True)
"""∇f there: q[a]."""
minimizer = Constant("s", real=True)
"""x*: s[a]."""

ONE = sympy.Integer(1)
GRADIENTS = Gradients(
    (
        Point(mean, lambda a: mean_gradient[a]),
        Point(lambda a: between[1, a], lambda a: between_gradient[a]),
        Point(lambda a: minimizer[a], lambda a: sympy.S.Zero),
    )
)
"""∇f at the mean, on the flow between, and at the minimizer."""


def drift(i: Any, a: Any) -> Any:
    """Return −∇f + k (x• − x^i)."""
    return -gradient[i, a] + k * (mean(a) - x[i, a])


def between_drift(i: Any, a: Any) -> Any:
    """Return the velocity of the flow between: −∇f + ε."""
    return -between_gradient[a] + distortion(a)


def noisy(a: Any) -> Any:
    """Return coordinate a of x• − y."""
    return mean(a) - between[1, a]


def calm(a: Any) -> Any:
    """Return coordinate a of y − x*."""
    return between[1, a] - minimizer[a]


def whole(a: Any) -> Any:
    """Return coordinate a of x• − x*."""
    return mean(a) - minimizer[a]


DISTORTION = (
    (p - 1) * gradient_curvature * sympy.sqrt(n) * noise_bound * step_size / (4 * p * b * (l + k))
)
"""The bound on E ‖ε‖."""
LEVEL = noise_bound * step_size / (2 * b * p * l)
BOUND = DISTORTION / l + sympy.sqrt(LEVEL)


def stated(bound: Any) -> Relation:
    """Return a bound on the expected distance of the mean from the minimizer."""
    return at_most(UpperLimit(Expectation(norm(whole))), bound)


def convex(name: str, step: Any, change: Any, over: tuple[Any, ...] = ()) -> Assumption:
    """Return that f is strongly convex, between two points."""
    return Assumption(
        f"strong convexity, {name}",
        f"f is l-strongly convex: between {name}",
        at_most(l * sympy.Sum(step(a) ** 2, (a, 1, n)), sympy.Sum(step(a) * change(a), (a, 1, n))),
        over=over,
        through=(MEAN_VALUE,),
    )


AGENTS = Assumption(
    "strong convexity, agents and mean",
    "f is l-strongly convex: between each agent and the mean",
    at_most(l * squares(i), -PULL),
    over=(i,),
    through=(MEAN_VALUE,),
)


def bounded_distortion(proof: Proof, common: Vector) -> Fact:
    """Apply (31) with λ̄ = −l, for agents that are coupled to a common signal."""
    downhill = proof.at_most(
        PULL,
        -l * squares(i),
        "strong convexity",
        using={proof.assume("strong convexity, agents and mean"): 1},
    )
    return lemma(
        proof,
        theorem_3_2.RESULT,
        "distortion",
        at={negative_curvature: -l},
        discharging={
            "coupling exceeds curvature": proof.less(-l, k, "any coupling gain exceeds −l"),
            "curvature bound": downhill,
        },
        signals={signal: common},
    )


def traces(proof: Proof) -> Fact:
    """Sum the bound on the noise over all agents."""
    return proof.sum_over(proof.assume("noise bound"), i, p, "over all agents")


def near_minimizer(
    proof: Proof, model: Any, disturbance: Vector, error: Fact, bound: Any
) -> dict[str, Fact]:
    """Bound the distances of the mean and of x* from the flow between, with the same disturbance."""
    flow = Flow((Part(between, model.between, ONE),))
    system = Stacked(
        (Diffusion(x, model.drift, model.noise), Diffusion(between, model.between, noiseless, ONE))
    )
    far, near = norm(noisy) ** 2, norm(calm) ** 2
    rate, twice = proof.less(0, l, "the rate"), proof.less(0, 2 * l, "twice the rate")
    source = step_size / (b * p) * noise_bound
    growth = proof.at_most(
        system.generator(far),
        source - 2 * l * far,
        "the disturbance cancels, and the mean has 1/p of the noise",
        using={
            proof.assume("strong convexity, the mean and the flow between"): 2,
            traces(proof): step_size / (b * p**2),
        },
        certificate=0,
    )
    spread = root_mean_square(proof, far, moment_limit(proof, system, far, growth, twice, source))
    contracts = proof.at_most(
        flow.derivative(near),
        2 * norm(calm) * norm(disturbance) - 2 * l * near,
        "strong convexity against the disturbance",
        using={
            proof.assume("strong convexity, the flow between and the minimizer"): 2,
            cauchy_schwarz(proof, calm, disturbance): 2,
        },
        certificate=0,
    )
    distance = disturbed_limit(proof, flow, near, contracts, rate, norm(disturbance))
    return {
        "distance": proof.at_most(
            UpperLimit(Expectation(norm(whole))),
            bound,
            "by the triangle inequality through the flow between",
            using={triangle(proof, noisy, calm): 1, spread: 1, distance: 1, error: 1 / l},
            certificate=0,
        )
    }


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Take the distortion as the disturbance."""
    return near_minimizer(proof, model, distortion, bounded_distortion(proof, mean), BOUND)


RESULT = Result(
    name="theorem_5_1",
    number="Theorem 5.1, eq. (47)",
    source=BOFFI_SLOTINE,
    title="distance of QSGD from the minimizer",
    statements={
        "distance": Statement(
            "after transients, the expected distance of the mean from the minimizer",
            stated(BOUND),
        )
    },
    assumptions=(
        AGENTS,
        convex(
            "the mean and the flow between",
            noisy,
            lambda a: mean_gradient[a] - between_gradient[a],
        ),
        convex("the flow between and the minimizer", calm, lambda a: between_gradient[a]),
        *(
            assumption
            for assumption in theorem_3_2.RESULT.assumptions
            if assumption.name not in ("coupling exceeds curvature", "curvature bound")
        ),
        SOLVED,
    ),
    setting={"drift": drift, "between": between_drift, "noise": noise},
    system=lambda model: Stacked(
        (Diffusion(x, model.drift, model.noise), Diffusion(between, model.between, noiseless, ONE))
    ),
    prove=prove,
    planted=(
        *coupling_errors("drift", drift, k),
        pull_error("drift", drift, lambda i, a: k * x[i, a], lambda i, a: k * mean(a)),
        *noise_errors("noise", noise),
        Planted(
            "the mean has the noise of one agent",
            statements={"distance": stated(DISTORTION / l + sympy.sqrt(p * LEVEL))},
        ),
        Planted("no distortion", statements={"distance": stated(sympy.sqrt(LEVEL))}),
        Planted(
            "the gradient has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) + 2 * gradient[i, a]},
        ),
        Planted(
            "the flow between has no distortion",
            setting={"between": lambda i, a: between_drift(i, a) - distortion(a)},
        ),
        Planted(
            "each agent has its own signal",
            setting={"drift": lambda i, a: -gradient[i, a] + k * (x[1, a] - x[i, a])},
        ),
        Planted("the noise is unbounded", without=("noise bound",)),
    ),
    remarks=(
        "At p = 1 this is the bound of SGD. The gradient of the minimizer, ∇f(x*) = 0, is part of the "
        "strong convexity between the flow and the minimizer."
    ),
)
