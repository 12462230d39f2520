"""Theorem 5.2: EASGD near the minimizer of a strongly convex loss (Boffi & Slotine 2020, eq. (51)).

Agents dx^i = (−∇f(x^i) + k (x~ − x^i)) dt + √(η/b) B(x^i) dW^i, dx~ = kp (x• − x~) dt, f l-strongly
convex, λ_E the rate of Lemma 5.2: after transients, with z = (x•, x~) and C_M = p C,

    E ‖z − z*‖ <= √p (p − 1) Q √n C η / (4 p b λ_E (l + k)) + √( C_M η / (2 b p λ_E) ),

and for x• alone both terms are smaller by √p. The proof is that of Theorem 5.1 in the metric of
Lemma 5.2.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.contraction import minors
from theory.core.expectation import Expectation, UpperLimit, in_the_limit
from theory.core.flows import Flow, Part, disturbed_limit
from theory.core.inequalities import cancelled, root_above, roots
from theory.core.moments import Diffusion, Stacked, moment_limit, noiseless
from theory.core.norms import (
    cauchy_schwarz,
    joint_norm,
    norm,
    out_of_the_metric,
    root_mean_square,
    squares,
)
from theory.core.planting import coupling_errors, noise_errors, pull_error
from theory.proofs.fact import Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most, equal
from theory.proofs.result import Planted, Result, Statement
from theory.results import lemma_5_2, theorem_5_1
from theory.results.lemma_3_1 import gradient, mean, noise, x
from theory.results.lemma_5_2 import RADICAND, RADICAND_SIDE, RATE
from theory.results.theorem_3_2 import distortion
from theory.results.theorem_5_1 import (
    DISTORTION,
    ONE,
    between,
    between_gradient,
    bounded_distortion,
    calm,
    minimizer,
    noisy,
    traces,
    whole,
)
from theory.symbols import agents as p
from theory.symbols import batch_size as b
from theory.symbols import coupling as k
from theory.symbols import dimension as n
from theory.symbols import noise_bound, step_size
from theory.symbols import strong_convexity as l

i, a = sympy.symbols("i a", integer=True)
quorum = sympy.IndexedBase("z", real=True)
"""The quorum variable x~: z[1, a]."""
between_quorum = sympy.IndexedBase("w", real=True)
"""The quorum variable of the flow between: w[1, a]."""


def drift(i: Any, a: Any) -> Any:
    """Return −∇f + k (x~ − x^i)."""
    return -gradient[i, a] + k * (quorum[1, a] - x[i, a])


def filtered(i: Any, a: Any) -> Any:
    """Return the velocity of x~."""
    return k * p * (mean(a) - quorum[1, a])


def between_drift(i: Any, a: Any) -> Any:
    """Return the velocity of the flow between: −∇f + k (w − y) + ε."""
    pull = k * (between_quorum[1, a] - between[1, a])
    return -between_gradient[a] + pull + distortion(a)


def between_filtered(i: Any, a: Any) -> Any:
    """Return the velocity of the quorum variable of the flow between."""
    return k * p * (between[1, a] - between_quorum[1, a])


def common(a: Any) -> Any:
    """Return the signal of all agents: the quorum variable."""
    return quorum[1, a]


def noisy_quorum(a: Any) -> Any:
    """Return coordinate a of x~ − w."""
    return quorum[1, a] - between_quorum[1, a]


def calm_quorum(a: Any) -> Any:
    """Return coordinate a of w − x*."""
    return between_quorum[1, a] - minimizer[a]


def whole_quorum(a: Any) -> Any:
    """Return coordinate a of x~ − x*."""
    return quorum[1, a] - minimizer[a]


METRIC_NOISE_BOUND = p * noise_bound
"""C_M, the bound on tr(BᵀMB)."""
LEVEL = METRIC_NOISE_BOUND * step_size / (2 * b * p * RATE)
BOUND = sympy.sqrt(p) * DISTORTION / RATE + sympy.sqrt(LEVEL)
BOUND_ALONE = DISTORTION / RATE + sympy.sqrt(LEVEL / p)
ROOM = k * p - RATE


def contracts(proof: Proof, one: Any, other: Any) -> Fact:
    """Show that the coupling with l in place of the Hessian contracts with λ_E in the metric."""
    u, e = squares(one), squares(other)
    across = sympy.Sum(one(a) * other(a), (a, 1, n))
    form = p * (l + k) * u - 2 * k * p * across + k * p * e
    given = {proof.assume("coupled"): k}
    root = root_above(proof, RADICAND_SIDE, RADICAND, "root", given=given)
    room = proof.less(0, ROOM, "the quorum variable alone has a larger rate", using={root: 1})
    square = proof.at_most(
        ROOM * RATE * (p * u + e),
        ROOM * form,
        "completed square",
        certificate=sympy.Sum((k * p * one(a) - ROOM * other(a)) ** 2, (a, 1, n)),
    )
    return cancelled(proof, room, RATE * (p * u + e), form, square, "the metric of Lemma 5.2")


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Bound both distances in the metric, then in the Euclidean norm, and join them."""
    flow = Flow((Part(between, model.between, ONE), Part(between_quorum, between_filtered, ONE)))
    system = Stacked(
        (
            Diffusion(x, model.drift, model.noise),
            Diffusion(quorum, model.filtered, noiseless, ONE),
            Diffusion(between, model.between, noiseless, ONE),
            Diffusion(between_quorum, between_filtered, noiseless, ONE),
        )
    )
    rate, error = lemma(proof, lemma_5_2.RESULT, "positive"), bounded_distortion(proof, common)
    twice = proof.less(0, 2 * RATE, "twice the rate", using={rate: 2})
    far = p * squares(noisy) + squares(noisy_quorum)
    near = p * squares(calm) + squares(calm_quorum)
    source = step_size / b * noise_bound
    growth = proof.at_most(
        system.generator(far),
        source - 2 * RATE * far,
        "the distortion cancels; the metric multiplies the noise of the mean by p",
        using={
            proof.assume("strong convexity, the mean and the flow between"): 2 * p,
            contracts(proof, noisy, noisy_quorum): 2,
            traces(proof): step_size / (b * p),
        },
        certificate=0,
    )
    spread = root_mean_square(proof, far, moment_limit(proof, system, far, growth, twice, source))
    part = roots(proof, proof.at_most(p * squares(calm), near, "a part"), "the root of a part")
    disturbance = sympy.sqrt(p) * norm(distortion)
    contracting = proof.at_most(
        flow.derivative(near),
        2 * sympy.sqrt(near) * disturbance - 2 * RATE * near,
        "contraction in the metric against the distortion",
        using={
            proof.assume("strong convexity, the flow between and the minimizer"): 2 * p,
            contracts(proof, calm, calm_quorum): 2,
            cauchy_schwarz(proof, calm, distortion): 2 * p,
            part: 2 * disturbance,
        },
        certificate=0,
    )
    stretched = in_the_limit(
        proof,
        disturbance,
        sympy.sqrt(p),
        norm(distortion),
        proof.at_most(disturbance, sympy.sqrt(p) * norm(distortion), "the constant"),
    )
    distance = disturbed_limit(proof, flow, near, contracting, rate, disturbance)
    inverse = cancelled(proof, rate, 0, 1 / RATE, proof.less(0, 1, "one"), "1/λ_E")
    bounded = proof.at_most(
        stretched.relation.left,
        sympy.sqrt(p) * DISTORTION,
        "the distortion is bounded",
        using={stretched: 1, error: sympy.sqrt(p)},
    )
    limited = proof.at_most(
        distance.relation.left,
        sympy.sqrt(p) * DISTORTION / RATE,
        "the distance due to the distortion",
        using={distance: 1, proof.product(inverse, bounded, "over λ_E"): 1},
        certificate=0,
    )

    def left(factor: Any, ones: Any, others: Any, bound: Any) -> Fact:
        """Bound some of the vectors in the Euclidean norm."""
        shorter = [
            proof.at_most(
                sympy.Add(*map(squares, part)), factor**2 * value, "in the Euclidean norm"
            )
            for part, value in ((ones, far), (others, near))
        ]
        return out_of_the_metric(proof, factor, (ones, others), (spread, limited), shorter, bound)

    return {
        "distance": left(sympy.S.One, (noisy, noisy_quorum), (calm, calm_quorum), BOUND),
        "mean": left(1 / sympy.sqrt(p), (noisy,), (calm,), BOUND_ALONE),
        "Euclidean metric": proof.equal(
            EUCLIDEAN.subs(lemma_5_2.h, l),
            k / 4 * (4 * p * l - k * (p - 1) ** 2),
            "determinant without a metric",
        ),
    }


def stated(distance: Any, bound: Any) -> Relation:
    """Return a bound on an expected distance, after transients."""
    return at_most(UpperLimit(Expectation(distance)), bound)


EUCLIDEAN = minors(lemma_5_2.jacobian(lemma_5_2.FLOW, sympy.eye(2)), sympy.S.Zero)[-1]
"""The determinant of minus the symmetric part of the Jacobian, without a metric."""

SYSTEM = Stacked(
    (
        Diffusion(x, drift, noise),
        Diffusion(quorum, filtered, noiseless, ONE),
        Diffusion(between, between_drift, noiseless, ONE),
        Diffusion(between_quorum, between_filtered, noiseless, ONE),
    )
)
RESULT = Result(
    name="theorem_5_2",
    number="Theorem 5.2, eq. (51)",
    source=BOFFI_SLOTINE,
    title="distance of EASGD from the minimizer",
    statements={
        "distance": Statement(
            "after transients, the expected distance of mean and quorum variable, together, from "
            "the minimizer",
            stated(joint_norm((whole, whole_quorum)), BOUND),
        ),
        "mean": Statement(
            "for the mean alone both terms are smaller by √p", stated(norm(whole), BOUND_ALONE)
        ),
        "Euclidean metric": Statement(
            "without a metric the determinant at the eigenvalue l is positive, as contraction "
            "needs, only for k < 4 p l / (p − 1)²",
            equal(EUCLIDEAN.subs(lemma_5_2.h, l), k / 4 * (4 * p * l - k * (p - 1) ** 2)),
        ),
    },
    assumptions=(
        *(one for one in lemma_5_2.RESULT.assumptions if one.name == "coupled"),
        *theorem_5_1.RESULT.assumptions,
    ),
    setting={"drift": drift, "filtered": filtered, "between": between_drift, "noise": noise},
    system=SYSTEM,
    prove=prove,
    planted=(
        *coupling_errors("drift", drift, k),
        pull_error("drift", drift, lambda i, a: k * x[i, a], lambda i, a: k * mean(a)),
        *noise_errors("noise", noise),
        Planted(
            "C_M = C: the metric does not multiply the noise",
            statements={
                "distance": stated(
                    joint_norm((whole, whole_quorum)), BOUND - sympy.sqrt(LEVEL) * (1 - 1 / p)
                )
            },
        ),
        Planted(
            "the condition number of the metric is 1",
            statements={"distance": stated(joint_norm((whole, whole_quorum)), BOUND_ALONE)},
        ),
        Planted("no coupling", without=("coupled",)),
        Planted(
            "the coupling has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) - 2 * k * (quorum[1, a] - x[i, a])},
        ),
        Planted(
            "the quorum variable has the rate of one agent",
            setting={"filtered": lambda i, a: filtered(i, a) / p},
        ),
        Planted(
            "the gradient has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) + 2 * gradient[i, a]},
        ),
    ),
    remarks=(
        "The paper writes one constant C in both terms, which seems to be the bound on tr(BᵀMB), p C "
        "here; with it the first term grows as p^(3/2). The distortion has to do with tr(BᵀB) alone, "
        "so that the first term grows as √p; and that growth is one of the quorum variable's."
    ),
)
