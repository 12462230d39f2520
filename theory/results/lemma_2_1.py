"""Lemma 2.1: a contracting flow forgets pushes (Boffi & Slotine 2020, eqs. (11)-(12)).

ẋ = F(x, t) contracts at the rate λ in the metric ΘᵀΘ, ẋ_p = F(x_p, t) + ε, ε random or not. After
transients, with κ the condition number of Θ,

    ‖x − x_p‖ <= κ sup ‖ε‖ / λ on each path,    E‖x − x_p‖ <= κ sup E‖ε‖ / λ.

‖Θ (x − x_p)‖ shrinks with λ and grows by ‖Θε‖ at most; κ is the price of the way back from the metric.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.expectation import Average, Expectation, UpperLimit, each_path, in_the_limit
from theory.core.flows import SOLVED, Flow, Part, disturbed_limit
from theory.core.inequalities import roots
from theory.core.norms import cauchy_schwarz, norm
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most
from theory.proofs.result import Planted, Result, Statement
from theory.results.theorem_2_1 import ASSUMPTIONS as CONTRACTION
from theory.results.theorem_2_1 import DISTANCE, METRIC_DISTANCE, field, metric, x
from theory.symbols import dimension as n
from theory.symbols import disturbance, metric_condition, metric_floor, rate

a, c = sympy.symbols("a c", integer=True)
push = sympy.IndexedBase("epsilon", real=True)
"""What pushes the first solution: ε[a]."""


def velocity(i: Any, a: Any) -> Any:
    """Return F at solution i, and the push at the first one."""
    return field[i, a] + sympy.KroneckerDelta(i, 1) * push[a]


def apart(a: Any) -> Any:
    """Return coordinate a of Θ (x_p − x)."""
    return sympy.Sum(metric[a, c] * (x[1, c] - x[2, c]), (c, 1, n))


def stretched_push(a: Any) -> Any:
    """Return coordinate a of Θε."""
    return sympy.Sum(metric[a, c] * push[c], (c, 1, n))


METRIC = ("contraction", "metric bounded below")
BOUND = metric_condition * disturbance / rate
LENGTH, PUSH = sympy.sqrt(DISTANCE), norm(lambda a: push[a])


def stated(average: Average, factor: Any) -> Relation:
    """Return a bound on the distance after transients, on each path or in expectation."""
    return at_most(UpperLimit(average(LENGTH)), factor * UpperLimit(average(PUSH)))


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Bound the distance in the metric; leave the metric at both ends."""
    flow = Flow((Part(x, model.velocity, sympy.Integer(2)),))
    driven = norm(stretched_push)
    growth = proof.at_most(
        flow.derivative(METRIC_DISTANCE),
        2 * norm(apart) * driven - 2 * rate * METRIC_DISTANCE,
        "contraction pulls with λ, the push adds its length at most",
        using={
            proof.assume("contraction"): 2,
            cauchy_schwarz(proof, apart, stretched_push): 2,
        },
        certificate=0,
    )
    speed = proof.less(0, rate, "the rate")
    floor, least = proof.assume("metric bounded below"), sympy.sqrt(metric_floor)
    near = proof.at_most(
        DISTANCE, METRIC_DISTANCE / metric_floor, "floor", using={floor: 1 / metric_floor}
    )
    shorter = roots(proof, near, "out of the metric")
    longer = roots(proof, proof.assume("condition number"), "into the metric")
    reached = {}
    for name, average in (("pathwise", each_path), ("expected", Expectation)):
        bound = disturbed_limit(
            proof, flow, METRIC_DISTANCE, growth, speed, driven, average=average
        )
        out = in_the_limit(proof, LENGTH, 1 / least, norm(apart), shorter, average=average)
        into = in_the_limit(proof, driven, metric_condition * least, PUSH, longer, average=average)
        relation = stated(average, metric_condition / rate)
        reached[name] = proof.at_most(
            relation.left,
            relation.right,
            "through the metric and back",
            using={out: 1, bound: 1 / least, into: 1 / (least * rate)},
        )
    limited = proof.assume("bounded push")
    reached["bound"] = proof.at_most(
        reached["expected"].relation.left,
        BOUND,
        "the push is bounded",
        using={reached["expected"]: 1, limited: metric_condition / rate},
    )
    return reached


RESULT = Result(
    name="lemma_2_1",
    number="Lemma 2.1, eqs. (11)-(12)",
    source=BOFFI_SLOTINE,
    title="robustness of contracting flows",
    statements={
        "bound": Statement(
            "after transients, the expected distance of the pushed solution from the other",
            at_most(UpperLimit(Expectation(LENGTH)), BOUND),
        ),
        "expected": Statement(
            "the expected distance is at most κ/λ times the expected push",
            stated(Expectation, metric_condition / rate),
        ),
        "pathwise": Statement("the same on each path", stated(each_path, metric_condition / rate)),
    },
    assumptions=(
        *(assumption for assumption in CONTRACTION if assumption.name in METRIC),
        Assumption(
            "condition number",
            "the greatest eigenvalue of ΘᵀΘ is κ² times the least one, m",
            at_most(norm(stretched_push) ** 2, metric_condition**2 * metric_floor * PUSH**2),
        ),
        Assumption(
            "bounded push",
            "after transients the expected length of the push is at most D",
            at_most(UpperLimit(Expectation(PUSH)), disturbance),
        ),
        SOLVED,
    ),
    setting={"velocity": velocity},
    prove=prove,
    planted=(
        Planted(
            "no condition number",
            statements={"bound": at_most(UpperLimit(Expectation(LENGTH)), disturbance / rate)},
        ),
        Planted(
            "the flow expands",
            setting={"velocity": lambda i, a: velocity(i, a) - 2 * field[i, a]},
        ),
        Planted(
            "twice the push", setting={"velocity": lambda i, a: 2 * velocity(i, a) - field[i, a]}
        ),
        Planted("the metric may vanish", without=("metric bounded below",)),
        Planted("the metric may grow without bound", without=("condition number",)),
    ),
    remarks=(
        "What counts is the push after transients, so a push that itself settles, like the "
        "distortion of Theorem 3.2, can be put in. The expected push must be bounded on bounded times."
    ),
)
