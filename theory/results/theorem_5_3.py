"""Theorem 5.3: QSGD with momentum near the minimizer (Boffi & Slotine 2020, eq. (54)).

Agents dx^i = (v^i + k (x• − x^i)) dt, dv^i = (−∇f(x^i) − μ v^i) dt + √(η/b) B dW^i. Let the
synchronized flow contract with λ_c in the metric ΘᵀΘ of (αx, v + βx), with the least eigenvalue m,
κ the condition number of Θ, and let the agents synchronize at the rate ξ of Lemma 3.2. After
transients

    E ‖(x• − x*, v•)‖ <= κ (p − 1) Q √n C η / (4 p b λ_c ξ) + √( C η / (2 b p λ_c m) ),

and 1/√m may replace κ. The proof is that of Theorem 5.1 in the metric; noise and distortion enter
the velocity alone, which the metric does not change, so C_M = C and ‖Θ(0, ε)‖ = ‖ε‖.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE, MEAN_VALUE
from theory.core.expectation import Expectation, UpperLimit
from theory.core.flows import SOLVED, Flow, Part, disturbed_limit
from theory.core.gradients import Gradients, OnHessians
from theory.core.inequalities import cancelled, roots
from theory.core.moments import Diffusion, Stacked, moment_limit, noiseless
from theory.core.norms import (
    cauchy_schwarz,
    inner,
    joint_norm,
    norm,
    out_of_the_metric,
    root_mean_square,
    squares,
)
from theory.core.planting import coupling_errors, noise_errors, pull_error
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most
from theory.proofs.result import Planted, Result, Statement
from theory.results import lemma_3_2, theorem_3_2_momentum
from theory.results.lemma_3_1 import gradient, mean, mean_gradient, noise, signal, x
from theory.results.lemma_3_2 import mean_velocity, v
from theory.results.theorem_3_2 import distortion
from theory.results.theorem_3_2_momentum import BOUND as DISTORTION
from theory.results.theorem_3_2_momentum import SYNCHRONIZED
from theory.results.theorem_5_1 import (
    GRADIENTS,
    ONE,
    between,
    between_gradient,
    calm,
    noisy,
    traces,
    whole,
)
from theory.symbols import agents as p
from theory.symbols import batch_size as b
from theory.symbols import coupling as k
from theory.symbols import damping as mu
from theory.symbols import metric_condition as kappa
from theory.symbols import metric_floor as m
from theory.symbols import metric_shift as beta
from theory.symbols import noise_bound, rate, step_size

i = sympy.Symbol("i", integer=True)
stretch = sympy.Symbol("alpha2", positive=True)
"""α²."""
between_velocity = sympy.IndexedBase("w", real=True)
"""The velocity of the flow between: w[1, a]."""


def drift(i: Any, a: Any) -> Any:
    """Return v + k (x• − x)."""
    return v[i, a] + k * (mean(a) - x[i, a])


def force(i: Any, a: Any) -> Any:
    """Return −∇f − μ v."""
    return -gradient[i, a] - mu * v[i, a]


def between_motion(i: Any, a: Any) -> Any:
    """Return the velocity of the flow between."""
    return between_velocity[1, a]


def between_force(i: Any, a: Any) -> Any:
    """Return the force on the flow between: −∇f − μ w + ε."""
    return -between_gradient[a] - mu * between_velocity[1, a] + distortion(a)


def noisy_velocity(a: Any) -> Any:
    """Return coordinate a of v• − w."""
    return mean_velocity(a) - between_velocity[1, a]


NOISY = (noisy, noisy_velocity)
CALM = (calm, lambda a: between_velocity[1, a])
WHOLE = (whole, mean_velocity)


def turned(pair: Any) -> Any:
    """Return v + βx."""
    return lambda a: pair[1](a) + beta * pair[0](a)


def length(pair: Any) -> Any:
    """Return the squared norm in the metric."""
    return stretch * squares(pair[0]) + squares(turned(pair))


def flow(pair: Any, change: Any) -> Any:
    """Return half the growth of `length` by the synchronized flow, given the change of ∇f."""
    return stretch * inner(pair[0], pair[1]) + inner(
        turned(pair), lambda a: beta * pair[1](a) - change(a) - mu * pair[1](a)
    )


CHANGES = (lambda a: mean_gradient[a] - between_gradient[a], lambda a: between_gradient[a])
"""The change of ∇f from the flow between to the mean, and from the minimizer to the flow between."""
LEVEL = noise_bound * step_size / (2 * b * p * rate)
TIGHT = (DISTORTION / rate + sympy.sqrt(LEVEL)) / sympy.sqrt(m)
BOUND = kappa * DISTORTION / rate + sympy.sqrt(LEVEL / m)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Bound both distances in the metric, then in the Euclidean norm, and join them."""
    followed = Flow(
        (Part(between, between_motion, ONE), Part(between_velocity, model.between, ONE))
    )
    system = Stacked(
        (
            Diffusion(x, model.drift, noiseless),
            Diffusion(v, model.force, model.noise),
            Diffusion(between, between_motion, noiseless, ONE),
            Diffusion(between_velocity, model.between, noiseless, ONE),
        )
    )
    speed, twice = proof.less(0, rate, "the rate"), proof.less(0, 2 * rate, "twice the rate")
    far, near = length(NOISY), length(CALM)
    source = step_size / (b * p) * noise_bound
    positive = lemma(proof, theorem_3_2_momentum.RESULT, "synchronization")
    error = lemma(proof, theorem_3_2_momentum.RESULT, "distortion", signals={signal: mean})
    floors = [
        proof.at_most(
            sympy.Add(*map(squares, pair)),
            length(pair) / m,
            "in the Euclidean norm",
            using={proof.assume(f"metric bounded below, {name}"): 1 / m},
            certificate=0,
        )
        for pair, name in ((NOISY, "noise"), (CALM, "distortion"))
    ]
    growth = proof.at_most(
        system.generator(far),
        source - 2 * rate * far,
        "the distortion cancels, and the mean has 1/p of the noise",
        using={
            proof.assume("contraction, the mean and the flow between"): 2,
            traces(proof): step_size / (b * p**2),
        },
        certificate=0,
    )
    spread = root_mean_square(proof, far, moment_limit(proof, system, far, growth, twice, source))
    velocity = turned(CALM)
    part = roots(proof, proof.at_most(squares(velocity), near, "a part"), "the root of a part")
    contracting = proof.at_most(
        followed.derivative(near),
        2 * sympy.sqrt(near) * norm(distortion) - 2 * rate * near,
        "contraction in the metric against the distortion",
        using={
            proof.assume("contraction, the flow between and the minimizer"): 2,
            cauchy_schwarz(proof, velocity, distortion): 2,
            part: 2 * norm(distortion),
        },
        certificate=0,
    )
    distance_limit = disturbed_limit(proof, followed, near, contracting, speed, norm(distortion))
    limited = proof.at_most(
        distance_limit.relation.left,
        DISTORTION / rate,
        "the distance due to the distortion",
        using={distance_limit: 1, error: 1 / rate},
        certificate=0,
    )
    tight = out_of_the_metric(
        proof, 1 / sympy.sqrt(m), (NOISY, CALM), (spread, limited), floors, TIGHT
    )
    inverse = cancelled(proof, positive, 0, 1 / SYNCHRONIZED, proof.less(0, 1, "one"), "1/ξ")
    scaled = proof.at_most(
        1 / m, kappa**2, "κ² m >= 1", using={proof.assume("condition number"): 1 / m}
    )
    looser = proof.product(roots(proof, scaled, "1/√m and κ"), inverse, "over ξ")
    return {
        "distance": proof.at_most(
            tight.relation.left,
            BOUND,
            "the condition number for 1/√m",
            using={tight: 1, looser: DISTORTION * SYNCHRONIZED / rate},
            certificate=0,
        ),
        "tight": tight,
    }


def stated(bound: Any) -> Relation:
    """Return a bound on the expected distance, after transients."""
    return at_most(UpperLimit(Expectation(joint_norm(WHOLE))), bound)


def contracts(name: str, pair: Any, change: Any) -> Assumption:
    """Return that the synchronized flow contracts, between two points."""
    return OnHessians(
        f"contraction, {name}",
        f"the synchronized flow contracts at the rate λ_c in the metric, between {name}",
        at_most(flow(pair, change), -rate * length(pair)),
        through=(MEAN_VALUE,),
        points=GRADIENTS.points,
    )


def floor(name: str, pair: Any) -> Assumption:
    """Return that the metric is bounded below, for two points."""
    return Assumption(
        f"metric bounded below, {name}",
        "m is the least eigenvalue of ΘᵀΘ",
        at_most(m * (squares(pair[0]) + squares(pair[1])), length(pair)),
    )


MOTION = Stacked(
    (
        Diffusion(x, drift, noiseless),
        Diffusion(v, force, noise),
        Diffusion(between, between_motion, noiseless, ONE),
        Diffusion(between_velocity, between_force, noiseless, ONE),
    )
)
SYSTEM = (MOTION, Gradients((lemma_3_2.agent(i)[0], *GRADIENTS.points)))
RESULT = Result(
    name="theorem_5_3",
    number="Theorem 5.3, eq. (54)",
    source=BOFFI_SLOTINE,
    title="distance of QSGD with momentum from the minimizer",
    statements={
        "distance": Statement(
            "after transients, the expected distance of mean position and velocity from the "
            "minimizer at rest",
            stated(BOUND),
        ),
        "tight": Statement("the same with 1/√m for the condition number of Θ", stated(TIGHT)),
    },
    assumptions=(
        contracts("the mean and the flow between", NOISY, CHANGES[0]),
        contracts("the flow between and the minimizer", CALM, CHANGES[1]),
        floor("noise", NOISY),
        floor("distortion", CALM),
        Assumption(
            "condition number",
            "κ² m is the largest eigenvalue of ΘᵀΘ, which is at least its last entry, 1",
            at_most(1, kappa**2 * m),
        ),
        *theorem_3_2_momentum.RESULT.assumptions,
        SOLVED,
    ),
    setting={"drift": drift, "force": force, "between": between_force, "noise": noise},
    system=SYSTEM,
    domain=(
        lemma_3_2.ORDERED,
        Assumption(
            "metric floor",
            "m is the least eigenvalue of ΘᵀΘ, which is at most its last entry, 1",
            at_most(m, 1),
        ),
        Assumption(
            "rate of the flow",
            "the symmetric part of the generalized Jacobian has the trace −μ in each coordinate, and "
            "is at most −λ_c: 2 λ_c <= μ",
            at_most(2 * rate, mu),
        ),
    ),
    prove=prove,
    planted=(
        *coupling_errors("drift", drift, k),
        pull_error("drift", drift, lambda i, a: k * x[i, a], lambda i, a: k * mean(a)),
        *noise_errors("noise", noise),
        Planted("no condition number", statements={"distance": stated(TIGHT * sympy.sqrt(m))}),
        Planted(
            "the mean has the noise of one agent",
            statements={
                "tight": stated((DISTORTION / rate + sympy.sqrt(p * LEVEL)) / sympy.sqrt(m))
            },
        ),
        Planted("the coupling is too weak", without=("coupling exceeds gain",)),
        Planted(
            "the damping has the wrong sign",
            setting={"force": lambda i, a: force(i, a) + 2 * mu * v[i, a]},
        ),
        Planted(
            "the gradient has the wrong sign",
            setting={"force": lambda i, a: force(i, a) + 2 * gradient[i, a]},
        ),
        Planted(
            "the flow between has no distortion",
            setting={"between": lambda i, a: between_force(i, a) - distortion(a)},
        ),
    ),
    remarks=(
        "λ_c, m and κ are those of any metric of this form; theorem_5_3_explicit has them for that of "
        "Lemma 5.3. ∇f(x*) = 0 is part of the contraction towards the minimizer."
    ),
)
