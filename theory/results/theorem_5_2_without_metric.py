"""Theorem 5.2 without √p: EASGD is as near to the minimizer as QSGD (beyond Boffi & Slotine 2020).

Agents dx^i = (−∇f(x^i) + k (x~ − x^i)) dt + √(η/b) B(x^i) dW^i, dx~ = kp (x• − x~) dt, k > 0, f
l-strongly convex: after transients x• and x~ both obey the bound of Theorem 5.1,

    E ‖x• − x*‖, E ‖x~ − x*‖ <= (p − 1) Q √n C η / (4 p b l (l + k)) + √( C η / (2 b p l) ),

where (51) has λ_E < l for l and a factor √p. x~ is a low-pass filter of x•, so the loop of the two
amplifies neither. Two inequalities, one for x• and one for x~, replace a metric on both.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.expectation import Expectation, UpperLimit, in_the_limit
from theory.core.filtered import filtered_flow, filtered_moments
from theory.core.flows import Flow, Part
from theory.core.inequalities import arbitrarily_small, roots, smoothed_root, without_small
from theory.core.moments import Diffusion, Stacked, noiseless
from theory.core.norms import (
    cauchy_schwarz,
    inner,
    joint_norm,
    joint_triangle,
    norm,
    root_mean_square,
    squares,
    triangle,
)
from theory.core.planting import coupling_errors, noise_errors, pull_error
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most
from theory.proofs.result import Planted, Result, Statement
from theory.results import theorem_5_1, theorem_5_2
from theory.results.lemma_3_1 import gradient, mean, noise, x
from theory.results.theorem_3_2 import distortion
from theory.results.theorem_5_1 import (
    BOUND,
    DISTORTION,
    LEVEL,
    ONE,
    between,
    bounded_distortion,
    calm,
    noisy,
    traces,
    whole,
)
from theory.results.theorem_5_2 import (
    SYSTEM,
    between_drift,
    between_filtered,
    between_quorum,
    calm_quorum,
    common,
    drift,
    filtered,
    noisy_quorum,
    quorum,
    whole_quorum,
)
from theory.symbols import agents as p
from theory.symbols import batch_size as b
from theory.symbols import coupling as k
from theory.symbols import noise_bound, step_size
from theory.symbols import strong_convexity as l

JOINT = 2 * DISTORTION / l + sympy.sqrt(2 * LEVEL)
COUPLED = next(one for one in theorem_5_2.RESULT.assumptions if one.name == "coupled")


def by_noise(proof: Proof, model: Any) -> tuple[Fact, Fact, Fact]:
    """Bound the second moments due to the noise, as for QSGD."""
    system = Stacked(
        (
            Diffusion(x, model.drift, model.noise),
            Diffusion(quorum, model.filtered, noiseless, ONE),
            Diffusion(between, model.between, noiseless, ONE),
            Diffusion(between_quorum, between_filtered, noiseless, ONE),
        )
    )
    far, behind = squares(noisy), squares(noisy_quorum)
    source = step_size / (b * p) * noise_bound
    apart = squares(lambda a: noisy(a) - noisy_quorum(a))
    mixed = proof.at_most(
        2 * inner(noisy, noisy_quorum), far + behind, "a square is not negative", certificate=apart
    )
    moves = proof.at_most(
        system.generator(far),
        source - (2 * l + k) * far + k * behind,
        "the mean has 1/p of the noise",
        using={
            proof.assume("strong convexity, the mean and the flow between"): 2,
            traces(proof): step_size / (b * p**2),
            mixed: k,
        },
        certificate=0,
    )
    follows = proof.at_most(
        system.generator(behind),
        k * p * (far - behind),
        "x~ is a filter of x•",
        using={mixed: k * p},
        certificate=0,
    )
    signs = (proof.less(0, 2 * l, "twice the rate"), moving(proof))
    return filtered_moments(proof, system, (far, behind), (moves, follows), signs, k, source)


def moving(proof: Proof) -> Fact:
    """Show that x~ moves."""
    return proof.less(0, k * p, "x~ moves", using={proof.assume("coupled"): p})


def by_distortion(proof: Proof, model: Any) -> list[Fact]:
    """Bound the distances due to the distortion, as for QSGD, in the limit δ to 0."""
    flow = Flow((Part(between, model.between, ONE), Part(between_quorum, between_filtered, ONE)))
    near, behind, disturbance = squares(calm), squares(calm_quorum), norm(distortion)
    small = arbitrarily_small()
    smooth, longer, wide = smoothed_root(proof, near, small)
    smooth_behind, longer_behind, wide_behind = smoothed_root(proof, behind, small)
    mixed = cauchy_schwarz(proof, calm, calm_quorum)
    moves = proof.at_most(
        flow.derivative(smooth),
        (l + k) * small + disturbance - (l + k) * smooth + k * smooth_behind,
        "strong convexity against x~ and the distortion",
        using={
            proof.assume("strong convexity, the flow between and the minimizer"): 1 / smooth,
            cauchy_schwarz(proof, calm, distortion): 1 / smooth,
            mixed: k / smooth,
            longer_behind: k * sympy.sqrt(near) / smooth,
            longer: (disturbance + k * smooth_behind) / smooth,
            wide: (l + k) * small / smooth,
        },
        certificate=0,
    )
    follows = proof.at_most(
        flow.derivative(smooth_behind),
        k * p * small + k * p * (smooth - smooth_behind),
        "x~ is a filter of x•",
        using={
            mixed: k * p / smooth_behind,
            longer: k * p * sympy.sqrt(behind) / smooth_behind,
            longer_behind: k * p * smooth / smooth_behind,
            wide_behind: k * p * small / smooth_behind,
        },
        certificate=0,
    )
    settled = filtered_flow(
        proof,
        flow,
        (smooth, smooth_behind),
        (moves, follows),
        (proof.less(0, l, "the rate"), moving(proof)),
        k,
        disturbance,
        offsets=((l + k) * small, k * p * small),
    )
    both = smooth + smooth_behind
    joint = proof.at_most(near + behind, both**2, "both together")
    lengths = (
        (norm(calm), smooth, longer),
        (norm(calm_quorum), smooth_behind, longer_behind),
        (sympy.sqrt(near + behind), both, roots(proof, joint, "both together")),
    )
    limits = []
    for (length, root, shorter), limit in zip(lengths, settled, strict=True):
        inside = in_the_limit(proof, length, ONE, root, shorter)
        bound = proof.chain(inside, limit, words="to within δ")
        limits.append(without_small(proof, bound, small))
    return limits


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Bound both distances of x• and of x~, and join them."""
    bounded = bounded_distortion(proof, common)
    joined = (
        (BOUND, 1, triangle(proof, noisy, calm)),
        (BOUND, 1, triangle(proof, noisy_quorum, calm_quorum)),
        (JOINT, 2, joint_triangle(proof, (noisy, noisy_quorum), (calm, calm_quorum))),
    )
    reached = []
    for (bound, times, fact), moment, limits in zip(
        joined, by_noise(proof, model), by_distortion(proof, model), strict=True
    ):
        spread = root_mean_square(proof, moment.relation.left.args[0].args[0], moment)
        using = {fact: 1, spread: 1, limits: 1, bounded: times / l}
        reached.append(
            proof.at_most(fact.relation.left, bound, "by way of the flow between", using=using)
        )
    return dict(zip(("mean", "quorum", "both"), reached, strict=True))


def stated(distance: Any, bound: Any) -> Relation:
    """Return a bound on an expected distance, after transients."""
    return at_most(UpperLimit(Expectation(distance)), bound)


RESULT = Result(
    name="theorem_5_2_without_metric",
    number="Theorem 5.2, without a metric",
    source=BOFFI_SLOTINE,
    title="the distance of EASGD from the minimizer has the bound of QSGD",
    statements={
        "mean": Statement(
            "after transients, the expected distance of the mean from the minimizer",
            stated(norm(whole), BOUND),
        ),
        "quorum": Statement(
            "the quorum variable has the same bound", stated(norm(whole_quorum), BOUND)
        ),
        "both": Statement("both together", stated(joint_norm((whole, whole_quorum)), JOINT)),
    },
    assumptions=(COUPLED, *theorem_5_1.RESULT.assumptions),
    setting={"drift": drift, "filtered": filtered, "between": between_drift, "noise": noise},
    system=SYSTEM,
    prove=prove,
    planted=(
        *coupling_errors("drift", drift, k),
        pull_error("drift", drift, lambda i, a: k * x[i, a], lambda i, a: k * mean(a)),
        *noise_errors("noise", noise),
        Planted(
            "the noise of all agents is averaged twice",
            statements={"mean": stated(norm(whole), BOUND - sympy.sqrt(LEVEL) * (1 - 1 / p))},
        ),
        Planted(
            "the distance of x~ has no term of the distortion",
            statements={"quorum": stated(norm(whole_quorum), sympy.sqrt(LEVEL))},
        ),
        Planted("no coupling", without=("coupled",)),
        Planted(
            "the coupling has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) - 2 * k * (quorum[1, a] - x[i, a])},
        ),
        Planted(
            "x~ is not a low-pass filter",
            setting={"filtered": lambda i, a: filtered(i, a) + k * p * quorum[1, a]},
        ),
        Planted(
            "the gradient has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) + 2 * gradient[i, a]},
        ),
    ),
    remarks=(
        "The paper finds Theorem 5.2 strictly weaker than Theorem 5.1, as its bound grows with p; that "
        "is due to the metric, not to EASGD. The rate of the transients is not stated here; Lemma "
        "5.2 has one."
    ),
)
