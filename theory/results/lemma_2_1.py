"""Lemma 2.1: robustness of contracting flows to disturbances (Boffi & Slotine 2020, eqs. (11)-(12)).

ẋ = F(x, t) contracts at the rate λ in the metric ΘᵀΘ, ẋ_p = F(x_p, t) + ε, ε random or not. After
transients, with κ the condition number of Θ,

    ‖x − x_p‖ <= κ sup ‖ε‖ / λ on each path,    E‖x − x_p‖ <= κ sup E‖ε‖ / λ.

‖Θ (x − x_p)‖ decays at the rate λ and grows by at most ‖Θε‖; κ comes from the change of the metric.
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
epsilon = sympy.IndexedBase("epsilon", real=True)
"""The disturbance of the first solution: ε[a]."""


def velocity(i: Any, a: Any) -> Any:
    """Return F at solution i, plus the disturbance for the first one."""
    return field[i, a] + sympy.KroneckerDelta(i, 1) * epsilon[a]


def apart(a: Any) -> Any:
    """Return coordinate a of Θ (x_p − x)."""
    return sympy.Sum(metric[a, c] * (x[1, c] - x[2, c]), (c, 1, n))


def stretched_epsilon(a: Any) -> Any:
    """Return coordinate a of Θε."""
    return sympy.Sum(metric[a, c] * epsilon[c], (c, 1, n))


METRIC = ("contraction", "metric bounded below")
BOUND = metric_condition * disturbance / rate
LENGTH, SIZE = sympy.sqrt(DISTANCE), norm(lambda a: epsilon[a])


def stated(average: Average, factor: Any) -> Relation:
    """Return a bound on the distance after transients, on each path or in expectation."""
    return at_most(UpperLimit(average(LENGTH)), factor * UpperLimit(average(SIZE)))


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Bound the distance in the metric, and compare it with the Euclidean one."""
    flow = Flow((Part(x, model.velocity, sympy.Integer(2)),))
    driven = norm(stretched_epsilon)
    growth = proof.at_most(
        flow.derivative(METRIC_DISTANCE),
        2 * norm(apart) * driven - 2 * rate * METRIC_DISTANCE,
        "contraction against a disturbance that adds at most its length",
        using={
            proof.assume("contraction"): 2,
            cauchy_schwarz(proof, apart, stretched_epsilon): 2,
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
        into = in_the_limit(proof, driven, metric_condition * least, SIZE, longer, average=average)
        relation = stated(average, metric_condition / rate)
        reached[name] = proof.at_most(
            relation.left,
            relation.right,
            "in the Euclidean norm",
            using={out: 1, bound: 1 / least, into: 1 / (least * rate)},
        )
    limited = proof.assume("bounded disturbance")
    reached["bound"] = proof.at_most(
        reached["expected"].relation.left,
        BOUND,
        "the disturbance is bounded",
        using={reached["expected"]: 1, limited: metric_condition / rate},
    )
    return reached


CONDITION = Assumption(
    "condition number of at least 1",
    "κ is the quotient of the largest and the least singular value of Θ: κ >= 1",
    at_most(1, metric_condition),
)
RESULT = Result(
    name="lemma_2_1",
    number="Lemma 2.1, eqs. (11)-(12)",
    source=BOFFI_SLOTINE,
    title="robustness of contracting flows",
    statements={
        "bound": Statement(
            "after transients, the expected distance of the disturbed solution from the undisturbed one",
            at_most(UpperLimit(Expectation(LENGTH)), BOUND),
        ),
        "expected": Statement(
            "the expected distance is at most κ/λ times the expected length of the disturbance",
            stated(Expectation, metric_condition / rate),
        ),
        "pathwise": Statement("the same on each path", stated(each_path, metric_condition / rate)),
    },
    assumptions=(
        *(assumption for assumption in CONTRACTION if assumption.name in METRIC),
        Assumption(
            "condition number",
            "the greatest eigenvalue of ΘᵀΘ is κ² times the least one, m",
            at_most(norm(stretched_epsilon) ** 2, metric_condition**2 * metric_floor * SIZE**2),
        ),
        Assumption(
            "bounded disturbance",
            "after transients the expected length of the disturbance is at most D",
            at_most(UpperLimit(Expectation(SIZE)), disturbance),
        ),
        SOLVED,
    ),
    setting={"velocity": velocity},
    domain=(CONDITION,),
    system=Flow((Part(x, velocity, sympy.Integer(2)),)),
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
            "twice the disturbance",
            setting={"velocity": lambda i, a: 2 * velocity(i, a) - field[i, a]},
        ),
        Planted("the metric has no lower bound", without=("metric bounded below",)),
        Planted("the metric has no condition number", without=("condition number",)),
    ),
    remarks=(
        "Only the disturbance after transients enters, so a disturbance bounded after transients, "
        "such as the distortion of Theorem 3.2, can be used. Its expectation must be bounded on "
        "bounded times."
    ),
)
