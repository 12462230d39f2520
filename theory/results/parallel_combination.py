"""Parallel combination: sums of contracting fields contract (Slotine 2003; Lohmiller & Slotine 1998).

ẋ = Σ_m α_m F_m(x, t) with weights α_m >= 0, each F_m contracting at its own rate λ_m in the same
metric, contracts in it at the rate Σ_m α_m λ_m. The quadratic forms of the fields add up.
"""

from typing import Any

import sympy

from theory.core.cited import MEAN_VALUE, SLOTINE
from theory.core.flows import SOLVED, Flow, Part, decay, decays, rooted
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most
from theory.proofs.result import Planted, Result, Statement
from theory.results.theorem_2_1 import METRIC_DISTANCE, METRIC_LENGTH, metric, x
from theory.symbols import dimension as n
from theory.symbols import rate

m, a, c = sympy.symbols("m a c", integer=True)
count = sympy.Symbol("N", integer=True, positive=True)
"""The number of fields."""
weight = sympy.IndexedBase("alpha", nonnegative=True)
"""The weights: α[m]."""
speed = sympy.IndexedBase("lambda", real=True)
"""The rates: λ[m]."""
fields = sympy.IndexedBase("F", real=True)
"""The fields at the solutions: F[m, i, a]."""


def velocity(i: Any, a: Any) -> Any:
    """Return Σ_m α_m F_m at solution i."""
    return sympy.Sum(weight[m] * fields[m, i, a], (m, 1, count))


def stretched(vector: Any, a: Any) -> Any:
    """Return coordinate a of Θv."""
    return sympy.Sum(metric[a, c] * vector(c), (c, 1, n))


APART = sympy.Sum(
    stretched(lambda c: x[1, c] - x[2, c], a)
    * stretched(lambda c: fields[m, 1, c] - fields[m, 2, c], a),
    (a, 1, n),
)
"""The distance in the metric times the difference of field m."""
FASTER = sympy.Sum(weight[m] * speed[m], (m, 1, count))


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Sum the weighted quadratic forms of the fields."""
    flow = Flow((Part(x, model.velocity, sympy.Integer(2)),))
    weighed = proof.at_most(
        weight[m] * APART,
        -weight[m] * speed[m] * METRIC_DISTANCE,
        "one field",
        using={proof.assume("contraction of each field"): weight[m]},
    )
    added = proof.sum_over(weighed, m, count, "all fields")
    form = proof.at_most(
        flow.derivative(METRIC_DISTANCE),
        -2 * FASTER * METRIC_DISTANCE,
        "the forms add up",
        using={added: 2},
    )
    growth = proof.at_most(
        flow.derivative(METRIC_DISTANCE),
        -2 * rate * METRIC_DISTANCE,
        "the rates, with their weights, add up to λ at least",
        using={form: 1, proof.assume("sum of rates"): 2 * METRIC_DISTANCE},
    )
    squared = decays(proof, flow, METRIC_DISTANCE, 2 * rate, growth)
    return {"rate": rooted(proof, METRIC_DISTANCE, rate, squared)}


RESULT = Result(
    name="parallel_combination",
    number="Parallel combination",
    source=SLOTINE,
    title="contraction of a sum of fields",
    statements={
        "rate": Statement(
            "two solutions approach each other at least at the rate λ = Σ_m α_m λ_m",
            decay(METRIC_LENGTH, rate),
            value=rate,
        ),
    },
    assumptions=(
        Assumption(
            "contraction of each field",
            "F_m contracts at the rate λ_m in the metric ΘᵀΘ, at all points",
            at_most(APART, -speed[m] * METRIC_DISTANCE),
            over=(m,),
            through=(MEAN_VALUE,),
        ),
        Assumption("sum of rates", "Σ_m α_m λ_m is at least λ", at_most(rate, FASTER)),
        SOLVED,
    ),
    setting={"velocity": velocity},
    system=Flow((Part(x, velocity, sympy.Integer(2)),)),
    prove=prove,
    planted=(
        Planted("twice the rate", statements={"rate": decay(METRIC_LENGTH, 2 * rate)}),
        Planted(
            "one field has the wrong sign",
            setting={"velocity": lambda i, a: velocity(i, a) - 2 * weight[1] * fields[1, i, a]},
        ),
        Planted("one field expands too fast", without=("sum of rates",)),
    ),
    remarks=(
        "Some λ_m may be negative. The metric must be the same for all fields, the weights must not "
        "depend on the state; they may depend on time if Σ_m α_m λ_m stays at λ or above."
    ),
)
