"""Theorem 5.3 in the metric of Lemma 5.3, with all constants (Boffi & Slotine 2020, eqs. (52)-(54)).

For l <= ∇²f <= L, β (μ − β) between (√L − √l)²/4 and (√L + √l)²/4, α² = (l + L)/2 − β (μ − β),

    E ‖(x• − x*, v•)‖ <= ( (p − 1) Q √n C η / (4 p b λ_c ξ) + √( C η / (2 b p λ_c) ) ) / √m,

λ_c the rate of Lemma 5.3, ξ that of Lemma 3.2 with k₂ = 0, and m the least eigenvalue of ΘᵀΘ,

    m = (α² + β² + 1)/2 − √( ((α² + β² − 1)/2)² + β² ).

The mean Hessian between two points lies between l and L; in the metric, the remaining form is a perfect
square.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.expectation import Expectation, UpperLimit
from theory.core.gradients import Minimizer, Point
from theory.core.inequalities import cancelled, root_above, root_at_least, root_below, twice_product
from theory.core.norms import inner, joint_norm, norm, squares
from theory.core.taylor import hessian_form
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most, equal, less
from theory.proofs.result import Planted, Result, Statement
from theory.results import theorem_3_2_momentum, theorem_5_3
from theory.results.lemma_3_2 import h
from theory.results.lemma_5_3 import INNER, LEAST, MOST, RADICAND, RATE, ROOT, SIDE, STRETCH, L
from theory.results.theorem_5_1 import GRADIENTS, minimizer
from theory.results.theorem_5_3 import (
    CALM,
    CHANGES,
    NOISY,
    TIGHT,
    WHOLE,
    flow,
    length,
    stretch,
    turned,
)
from theory.symbols import damping as mu
from theory.symbols import metric_floor, rate
from theory.symbols import metric_shift as beta
from theory.symbols import strong_convexity as l

FLOOR_RADICAND = ((STRETCH + beta**2 - 1) / 2) ** 2 + beta**2
FLOOR = (STRETCH + beta**2 + 1) / 2 - sympy.sqrt(FLOOR_RADICAND)
"""m, the least eigenvalue of ΘᵀΘ."""
ROOM = beta - RATE
VALUES = {stretch: STRETCH, rate: RATE, metric_floor: FLOOR}
BOUND = TIGHT.subs(VALUES, simultaneous=True)
MEAN, BETWEEN, MINIMIZER = GRADIENTS.points
AT_REST = Minimizer("minimizer", "x* is the minimizer: ∇f(x*) = 0", array=minimizer)


class Signs:
    """The signs that the metric and the rate have, as facts of one proof."""

    def __init__(self, proof: Proof) -> None:
        one, most = proof.less(0, 1, "one"), proof.assume("β not too large")
        real = proof.less(INNER, (l + L) / 2, "α is real", using={most: 1}, certificate=LEAST)
        ordered = proof.assume("order")
        self.stretch = proof.less(0, STRETCH, "α²", using={real: 1})
        inverse = cancelled(proof, self.stretch, 0, 1 / STRETCH, one, "1/α²")
        apart = proof.product(proof.product(ordered, ordered, "(L − l)²"), inverse, "over α²")
        part = {"using": {apart: sympy.Rational(1, 16)}}
        above = root_above(proof, SIDE, RADICAND, "root", **part)
        positive = root_at_least(proof, sympy.S.Zero, RADICAND, "root", **part)
        self.room = proof.less(0, ROOM, "the position alone has a larger rate", using={above: 1})
        half = proof.less(0, mu / 2 + ROOT, "sum", using={positive: 1})
        window = proof.product(proof.assume("β not too small"), most, "window")
        scale = proof.product(half, self.stretch, "times α²")
        signed = proof.less(
            0, scale.slack * RATE, "difference of squares", using={window: 1}, certificate=0
        )
        self.rate = cancelled(proof, scale, 0, RATE, signed, "λ_c is positive")
        floor = root_below(proof, FLOOR_RADICAND, (STRETCH + beta**2 + 1) / 2, "m", given={real: L})
        self.floor = proof.less(0, FLOOR, "m is positive", using={floor: 1})
        least = root_above(proof, (STRETCH + beta**2 - 1) / 2, FLOOR_RADICAND, "m against 1")
        self.below_one = proof.less(0, 1 - FLOOR, "m is below 1", using={least: 1})


def contracts(proof: Proof, here: Point, there: Point, pair: Any, change: Any) -> Fact:
    """Show that the synchronized flow contracts with λ between two points."""
    convex, smooth = proof.assume("strong convexity"), proof.assume("smoothness")
    gain, centre = (L - l) / 2, (L + l) / 2
    most = proof.at_most(centre - h, gain, "eigenvalues from l on", using={convex: 1})
    least = proof.at_most(-gain, centre - h, "eigenvalues up to L", using={smooth: 1})
    other = turned(pair)
    mixed = hessian_form(proof, here, there, other, most, least, h)
    scale = proof.product(proof.less(0, stretch, "α²"), proof.assume("room"), "α² (β − λ)")
    grown, settled = flow(pair, change), -rate * length(pair)
    scaled = proof.at_most(
        scale.slack * grown,
        scale.slack * settled,
        "completed square",
        using={
            proof.product(scale, mixed, "the mean Hessian"): 1,
            twice_product(proof, scale, norm(pair[0]), gain / 2 * norm(other)): 1,
            proof.assume("metric"): scale.slack * inner(pair[0], other),
            proof.assume("characteristic equation"): -squares(other) / 16,
        },
        certificate=0,
    )
    return cancelled(proof, scale, grown, settled, scaled, "contraction")


def bounded_below(proof: Proof, pair: Any) -> Fact:
    """Show that m bounds the metric from below."""
    plain = metric_floor * (squares(pair[0]) + squares(pair[1]))
    rest = 1 - metric_floor
    square = squares(lambda a: beta * pair[0](a) + rest * pair[1](a))
    scaled = proof.at_most(
        rest * plain,
        rest * length(pair),
        "completed square",
        using={
            proof.at_most(0, square, "squares"): 1,
            proof.assume("eigenvalue"): -squares(pair[0]),
        },
        certificate=0,
    )
    room = proof.less(0, rest, "m is below 1", using={proof.assume("below one"): 1})
    return cancelled(proof, room, plain, length(pair), scaled, "least eigenvalue")


def prove_in_symbols(proof: Proof, model: Any) -> dict[str, Fact]:
    """Show all that Theorem 5.3 assumes of the metric."""
    first, second = CHANGES
    return {
        "contraction, the mean and the flow between": contracts(proof, MEAN, BETWEEN, NOISY, first),
        "contraction, the flow between and the minimizer": contracts(
            proof, BETWEEN, MINIMIZER, CALM, second
        ),
        "metric bounded below, noise": bounded_below(proof, NOISY),
        "metric bounded below, distortion": bounded_below(proof, CALM),
    }


OF_THE_METRIC = {
    one.name: one
    for one in theorem_5_3.RESULT.assumptions
    if one.name.startswith(("contraction", "metric"))
}
IN_SYMBOLS = Result(
    name="theorem_5_3_explicit",
    number="Lemma 5.3 between two points",
    source=BOFFI_SLOTINE,
    title="contraction and least eigenvalue, from the equations that λ, α² and m solve",
    statements={
        name: Statement(one.words, one.relation)
        for name, one in OF_THE_METRIC.items()
        if one.relation is not None
    },
    assumptions=(
        Assumption("metric", "the choice of α²", equal(stretch + INNER, (l + L) / 2)),
        Assumption(
            "characteristic equation",
            "λ is the rate",
            equal(16 * stretch * (beta - rate) * (mu - beta - rate), (L - l) ** 2),
        ),
        Assumption("room", "the smaller root", less(rate, beta)),
        Assumption(
            "eigenvalue",
            "m is an eigenvalue of ΘᵀΘ",
            equal((stretch + beta**2 - metric_floor) * (1 - metric_floor), beta**2),
        ),
        Assumption("below one", "the smaller one", less(metric_floor, 1)),
        *(
            one
            for one in theorem_5_3.RESULT.assumptions
            if one.name in ("strong convexity", "smoothness")
        ),
        AT_REST,
    ),
    system=GRADIENTS,
    prove=prove_in_symbols,
)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Solve the equations of the metric, and discharge the assumptions of Theorem 5.3 on it."""
    signs = Signs(proof)
    lemma(proof, theorem_3_2_momentum.RESULT, "synchronization")
    values = model.values
    solved = {
        "metric": proof.equal(values[stretch] + INNER, (l + L) / 2, "α²"),
        "characteristic equation": proof.equal(
            16 * values[stretch] * (beta - values[rate]) * (mu - beta - values[rate]),
            (L - l) ** 2,
            "λ_c",
        ),
        "room": proof.less(values[rate], beta, "the smaller root", using={signs.room: 1}),
        "eigenvalue": proof.equal(
            (values[stretch] + beta**2 - values[metric_floor]) * (1 - values[metric_floor]),
            beta**2,
            "m",
        ),
        "below one": proof.less(
            values[metric_floor], 1, "the smaller one", using={signs.below_one: 1}
        ),
    }
    positive = (signs.stretch, signs.rate, signs.floor)
    known = {
        name: lemma(proof, IN_SYMBOLS, name, at=values, discharging=solved, signs=positive)
        for name in OF_THE_METRIC
    }
    return {
        "distance": lemma(
            proof,
            theorem_5_3.RESULT,
            "tight",
            at=values,
            discharging=known,
            signs=positive,
        ),
        "least eigenvalue": proof.equal(
            values[metric_floor] * (1 + STRETCH + beta**2 - values[metric_floor]),
            STRETCH,
            "the product of both eigenvalues is the determinant of ΘᵀΘ",
        ),
    }


def stated(bound: Any) -> Relation:
    """Return a bound on the expected distance, after transients."""
    return at_most(UpperLimit(Expectation(joint_norm(WHOLE))), bound)


RESULT = Result(
    name="theorem_5_3_explicit",
    number="Theorem 5.3, constants worked out",
    source=BOFFI_SLOTINE,
    title="distance of QSGD with momentum from the minimizer, in the metric of Lemma 5.3",
    statements={
        "distance": Statement(
            "after transients, the expected distance of mean position and velocity from the "
            "minimizer at rest",
            stated(BOUND),
        ),
        "least eigenvalue": Statement(
            "m and the other eigenvalue of ΘᵀΘ have the product α²",
            equal(FLOOR * (1 + STRETCH + beta**2 - FLOOR), STRETCH),
        ),
    },
    assumptions=(
        Assumption("order", "the constants differ: l < L", less(l, L)),
        Assumption("β not too small", "β (μ − β) > (√L − √l)²/4", less(LEAST, INNER)),
        Assumption("β not too large", "β (μ − β) < (√L + √l)²/4", less(INNER, MOST)),
        *(
            one
            for one in theorem_5_3.RESULT.assumptions
            if one.name not in (*OF_THE_METRIC, "condition number")
        ),
        AT_REST,
    ),
    setting={"values": VALUES},
    system=theorem_5_3.SYSTEM,
    prove=prove,
    planted=(
        Planted("twice the rate", setting={"values": {**VALUES, rate: 2 * RATE}}),
        Planted(
            "the least eigenvalue 1", setting={"values": {**VALUES, metric_floor: sympy.S.One}}
        ),
        Planted("α² + 1", setting={"values": {**VALUES, stretch: STRETCH + 1}}),
        Planted(
            "no factor for the change of the metric",
            statements={"distance": stated(BOUND * sympy.sqrt(FLOOR))},
        ),
        Planted("β too small, as for μ <= √L − √l", without=("β not too small",)),
        Planted("the coupling is too weak", without=("coupling exceeds gain",)),
    ),
    remarks=(
        "The constants before the root and the distortion are those of the paper with 1/√m for its "
        "κ(Θ), which is larger. β = μ/2 is the best for μ² <= L + 3l, and β (μ − β) = (L + 3l)/4 beyond."
    ),
)
