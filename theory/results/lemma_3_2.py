"""Lemma 3.2: agents with momentum synchronize (Boffi & Slotine 2020, eqs. (33)-(37)).

ẋ^i = v^i + k (z − x^i), v̇^i = −∇f(x^i) − μ v^i + k₂ (y − v^i), with any signals z and y that are
common to all agents, ∇²f between l and L. With g = ½ max(1 − l, L − 1) the agents synchronize when k
(k₂ + μ) > g², at the rate

    ξ = (k + k₂ + μ)/2 − √( ((k − k₂ − μ)/2)² + g² ),

and noise √(η/b) B in the velocities leaves E Σ_i (‖x^i − x•‖² + ‖v^i − v•‖²) <= (p − 1) C η / (2 b ξ).
Position and velocity are two systems in a loop, with ½ (I − ∇²f) between them.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.expectation import Expectation, UpperLimit
from theory.core.flows import SOLVED, Flow, Part, decay, decays, rooted
from theory.core.gradients import Gradients, Point
from theory.core.inequalities import absolute_at_most, below_largest, largest_at_most, root_below
from theory.core.moments import REGULAR, Diffusion, Stacked, moment_limit, noiseless
from theory.core.norms import inner, norm
from theory.core.planting import coupling_errors, noise_errors
from theory.core.taylor import difference, hessian_form
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, less
from theory.proofs.result import Planted, Result, Statement
from theory.results import feedback_combination as feedback
from theory.results.lemma_3_1 import NOISE_BOUND, gradient, mean, mean_gradient, noise, signal, x
from theory.symbols import agents as p
from theory.symbols import batch_size as b
from theory.symbols import coupling as k
from theory.symbols import damping as mu
from theory.symbols import (
    feedback_gain,
    first_rate,
    noise_bound,
    second_rate,
    smoothness,
    step_size,
)
from theory.symbols import strong_convexity as l
from theory.symbols import velocity_coupling as k2

i, j, a, c = sympy.symbols("i j a c", integer=True)
h = sympy.Symbol("h", real=True)
"""An eigenvalue of ∇²f."""
v = sympy.IndexedBase("v", real=True)
"""The velocities: v[i, a]."""
velocity_signal = sympy.IndexedBase("y", real=True)
"""The signal for velocities, common to all agents: y[a]."""

LARGEST = sympy.Max(1 - l, smoothness - 1)
GAIN = LARGEST / 2
FASTER, SLOWER = (k + k2 + mu) / 2, sympy.sqrt(((k - k2 - mu) / 2) ** 2 + GAIN**2)
RATE = FASTER - SLOWER
BOUND = (p - 1) * noise_bound * step_size / (2 * b * RATE)


def velocity(i: Any, a: Any) -> Any:
    """Return the drift of a position."""
    return v[i, a] + k * (signal[a] - x[i, a])


def force(i: Any, a: Any) -> Any:
    """Return the drift of a velocity."""
    return -gradient[i, a] - mu * v[i, a] + k2 * (velocity_signal[a] - v[i, a])


def mean_velocity(a: Any) -> Any:
    """Return coordinate a of the mean of the velocities."""
    return sympy.Sum(v[j, a], (j, 1, p)) / p


def agent(i: Any) -> tuple[Point, Any]:
    """Return an agent with its velocity."""
    return Point(lambda a: x[i, a], lambda a: gradient[i, a]), lambda a: v[i, a]


MEAN = (Point(mean, lambda a: mean_gradient[a]), mean_velocity)
"""The mean of the agents, with its velocity."""


GRADIENTS = Gradients((agent(i)[0], MEAN[0]))
"""∇f at the agents, and at their mean."""


def apart(one: tuple[Point, Any], other: tuple[Point, Any]) -> Any:
    """Return the squared distance of two agents, in position and velocity."""
    return (
        norm(difference(one[0].position, other[0].position)) ** 2
        + norm(difference(one[1], other[1])) ** 2
    )


PAIR = apart(agent(i), agent(j))
SPREAD = sympy.Sum(apart(agent(i), MEAN), (i, 1, p))


def looped(proof: Proof, one: tuple[Point, Any], other: tuple[Point, Any], link: Any) -> Fact:
    """Use the feedback combination for the distance of two agents."""
    here, there = one[0], other[0]
    step, faster = difference(here.position, there.position), difference(one[1], other[1])
    change = difference(here.gradient, there.gradient)
    most, least, sign = link
    mixed = hessian_form(proof, here, there, faster, most, least, h)
    own, driven = k * norm(step) ** 2, (k2 + mu) * norm(faster) ** 2
    cross = (inner(faster, step) - inner(faster, change)) / 2
    return lemma(
        proof,
        feedback.RESULT,
        "rate",
        at={
            first_rate: k,
            second_rate: k2 + mu,
            feedback_gain: GAIN,
            feedback.u: norm(step),
            feedback.w: norm(faster),
            feedback.own_first: own,
            feedback.own_second: driven,
            feedback.cross: cross,
        },
        discharging={
            "first system": proof.equal(own, own, "positions"),
            "second system": proof.equal(driven, driven, "velocities"),
            "gain": proof.at_most(
                cross,
                GAIN * norm(step) * norm(faster),
                "half of the form",
                using={mixed: sympy.S.Half},
            ),
        },
        signs=[sign],
    )


def bounded_gain(proof: Proof) -> tuple[Fact, Fact, Fact]:
    """Bound 1 − h from both sides by 2 g, and g by 0."""
    convex, smooth = proof.assume("strong convexity"), proof.assume("smoothness")
    flat = below_largest(proof, 1 - l, LARGEST)
    steep = below_largest(proof, smoothness - 1, LARGEST)
    return (
        proof.at_most(1 - h, LARGEST, "eigenvalues from l on", using={convex: 1, flat: 1}),
        proof.at_most(-LARGEST, 1 - h, "eigenvalues up to L", using={smooth: 1, steep: 1}),
        proof.at_most(
            0,
            GAIN,
            "l is at most L",
            using={convex: sympy.Rational(1, 4), smooth: sympy.Rational(1, 4)}
            | {flat: sympy.Rational(1, 4), steep: sympy.Rational(1, 4)},
        ),
    )


def as_the_paper_writes_it(proof: Proof) -> Fact:
    """Show max(|1 − l|, |L − 1|) <= max(1 − l, L − 1)."""
    convex, smooth = proof.assume("strong convexity"), proof.assume("smoothness")
    flat = below_largest(proof, 1 - l, LARGEST)
    steep = below_largest(proof, smoothness - 1, LARGEST)
    ordered = {convex: 1, smooth: 1}
    other_flat = proof.at_most(l - 1, LARGEST, "l <= L", using={steep: 1, **ordered})
    other_steep = proof.at_most(1 - smoothness, LARGEST, "l <= L", using={flat: 1, **ordered})
    return largest_at_most(
        proof,
        [
            absolute_at_most(proof, flat, other_flat),
            absolute_at_most(proof, steep, other_steep),
        ],
    )


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Bound the derivative of the distances by the loop of position and velocity."""
    link = bounded_gain(proof)
    strong, trace = proof.assume("coupling exceeds gain"), proof.assume("noise bound")
    flow = Flow((Part(x, model.velocity), Part(v, model.force)))
    system = Stacked(
        (Diffusion(x, model.velocity, noiseless), Diffusion(v, model.force, model.noise))
    )
    closer = proof.at_most(
        flow.derivative(PAIR),
        -2 * RATE * PAIR,
        "position and velocity in a loop",
        using={looped(proof, agent(i), agent(j), link): 2},
        certificate=0,
    )
    pull = proof.sum_over(looped(proof, agent(i), MEAN, link), i, p, "over all agents")
    traces = proof.sum_over(trace, i, p, "over all agents")
    source = (p - 1) * step_size / b * noise_bound
    growth = proof.at_most(
        system.generator(SPREAD),
        source - 2 * RATE * SPREAD,
        "the loop contracts, and the differences from the mean have (p − 1)/p of the noise",
        using={pull: 2, traces: step_size / b * (1 - 1 / p)},
        certificate=0,
    )
    root = root_below(proof, SLOWER**2, FASTER, "g² < k (k₂ + μ)", given={strong: k})
    twice = proof.less(0, 2 * RATE, "twice the rate", using={root: 2})
    return {
        "rate": rooted(proof, PAIR, RATE, decays(proof, flow, PAIR, 2 * RATE, closer)),
        "positive": proof.less(0, RATE, "the rate is positive", using={root: 1}),
        "spread": moment_limit(proof, system, SPREAD, growth, twice, source),
        "gain": as_the_paper_writes_it(proof),
    }


SYSTEM = Stacked((Diffusion(x, velocity, noiseless), Diffusion(v, force, noise)))
ORDERED = Assumption(
    "order",
    "the constants are ordered, as some eigenvalue lies between them: l <= L",
    at_most(l, smoothness),
)
RESULT = Result(
    name="lemma_3_2",
    number="Lemma 3.2, eq. (35)",
    source=BOFFI_SLOTINE,
    title="synchronization of agents with momentum",
    statements={
        "rate": Statement(
            "the distance of two agents, in position and velocity, decays at least at this rate",
            decay(sympy.sqrt(PAIR), RATE),
            value=RATE,
            stable=(k * (k2 + mu) - GAIN**2) / (FASTER + SLOWER),
            system=(Flow((Part(x, velocity), Part(v, force))), GRADIENTS),
        ),
        "spread": Statement(
            "after transients, the expected squared distances of the agents from their mean, in "
            "position and velocity",
            at_most(UpperLimit(Expectation(SPREAD)), BOUND),
        ),
        "positive": Statement("the agents synchronize", less(0, RATE)),
        "gain": Statement(
            "2 g is at least max(|1 − l|, |L − 1|), as in the paper",
            at_most(sympy.Max(sympy.Abs(1 - l), sympy.Abs(smoothness - 1)), LARGEST),
        ),
    },
    assumptions=(
        Assumption(
            "coupling exceeds gain",
            "the coupling and damping of positions and velocities exceed their coupling by the "
            "gradient: k (k₂ + μ) > g²",
            less(GAIN**2, k * (k2 + mu)),
        ),
        Assumption(
            "strong convexity", "no eigenvalue h of ∇²f is below l", at_most(l, h), each=(h,)
        ),
        Assumption(
            "smoothness", "no eigenvalue h of ∇²f exceeds L", at_most(h, smoothness), each=(h,)
        ),
        NOISE_BOUND,
        SOLVED,
        REGULAR,
    ),
    setting={"velocity": velocity, "force": force, "noise": noise},
    system=(SYSTEM, GRADIENTS),
    domain=(ORDERED,),
    signals=(signal, velocity_signal),
    prove=prove,
    planted=(
        *coupling_errors("velocity", velocity, k),
        *coupling_errors("force", force, k2),
        *noise_errors("noise", noise),
        Planted(
            "half the gain",
            statements={
                "rate": decay(sympy.sqrt(PAIR), FASTER - sympy.sqrt(SLOWER**2 - GAIN**2 * 3 / 4))
            },
        ),
        Planted("the coupling is too weak", without=("coupling exceeds gain",)),
        Planted("the loss is not smooth", without=("smoothness",)),
        Planted(
            "the damping has the wrong sign",
            setting={"force": lambda i, a: force(i, a) + 2 * mu * v[i, a]},
        ),
        Planted(
            "the coupling of the positions has the wrong sign",
            setting={"velocity": lambda i, a: velocity(i, a) - 2 * k * (signal[a] - x[i, a])},
        ),
        Planted(
            "each agent has its own signal",
            setting={"velocity": lambda i, a: v[i, a] + k * (x[i + 1, a] - x[i, a])},
        ),
    ),
    remarks=(
        "k₂ = 0 is allowed; for k = 0, without coupling of the positions, nothing is shown. For l "
        "<= L the paper's max(|1 − l|, |L − 1|) is max(1 − l, L − 1). The bound with noise, which "
        "is not in the paper, is the analogue of (22); for the discrete iteration see section_3_5."
    ),
)
