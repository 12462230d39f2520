"""Theorem 2.2: partial contraction (Boffi & Slotine 2020, eq. (15); Wang & Slotine 2005).

ẋ = F(x, t) need not contract. Let the virtual system ẏ = G(y, x(t), t) contract in y at the rate λ, with
G(x, x, t) = F(x, t), and let y* solve it for this x(t). Then

    ‖Θ (x − y*)‖(t) <= e^{−λt} ‖Θ (x − y*)‖(0),

as x solves the virtual system too. All solutions of ẋ = F approach one another if y* is a solution of
the virtual system for each of them. Without this clause they need not: G = −y + 2x contracts in y, and
F = G(x, x) = x diverges.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.contraction import ContractionRate, exact_rate, minors, rate_at_least
from theory.core.expectation import UpperLimit, each_path, in_the_limit
from theory.core.flows import SOLVED, Flow, Part, decay, decays, rooted, settles
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal
from theory.proofs.result import Planted, Result, Statement
from theory.results.theorem_2_1 import ASSUMPTIONS as CONTRACTION
from theory.results.theorem_2_1 import DISTANCE, METRIC_DISTANCE, METRIC_LENGTH, field, metric, x
from theory.symbols import dimension as n
from theory.symbols import metric_floor, rate, time

a, c, d = sympy.symbols("a c d", integer=True)
own = sympy.IndexedBase("f", real=True)
"""F(x, t): f[a]. The virtual system is field[1, a] at y = x and field[2, a] at y = y*."""
known = sympy.IndexedBase("w", real=True)
"""The velocity of y*: w[a]."""
y, u, start = sympy.symbols("y u u_0", real=True)
VIRTUAL = -y + 2 * u
"""The counterexample: G(y, u)."""
DIVERGING = start * sympy.exp(time)
"""A solution of u̇ = G(u, u); another one is 0."""


def velocity(i: Any, a: Any) -> Any:
    """Return F at the solution, and the velocity of y*."""
    return sympy.KroneckerDelta(i, 1) * own[a] + sympy.KroneckerDelta(i, 2) * known[a]


def in_the_virtual_system(proof: Proof, name: str, sign: int) -> Fact:
    """Multiply an equality of velocities by the gradient of the distance, coordinate by coordinate."""
    fact = proof.assume(name)
    apart = sympy.Sum(metric[c, d] * (x[1, d] - x[2, d]), (d, 1, n))
    slope = sign * sympy.Sum(metric[c, a] * apart, (c, 1, n))
    left, right = slope * fact.relation.left, slope * fact.relation.right
    along = proof.at_most(left, right, f"{name}, along the distance", using={fact: slope})
    return proof.sum_over(along, a, n, "over all coordinates")


def counterexample(proof: Proof, virtual: Any) -> tuple[Fact, Fact]:
    """Show that the virtual system contracts, while the system itself diverges."""
    jacobian = sympy.Matrix([[sympy.diff(virtual, y)]])
    (determinant,) = minors(jacobian, sympy.S.One)
    singular = proof.equal(determinant, 0, "∂G/∂y = −1")
    sign = proof.at_most(0, determinant, "∂G/∂y = −1", using={singular: -1})
    bound = rate_at_least(proof, jacobian, sympy.S.One, [sign])
    on_itself = virtual.subs({y: DIVERGING, u: DIVERGING}, simultaneous=True)
    return (
        exact_rate(proof, bound, singular),
        proof.equal(sympy.diff(DIVERGING, time), on_itself, "e^t is its own derivative"),
    )


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Substitute both velocities into the virtual system, which contracts."""
    flow = Flow((Part(x, model.velocity, sympy.Integer(2)),))
    growth = proof.at_most(
        flow.derivative(METRIC_DISTANCE),
        -2 * rate * METRIC_DISTANCE,
        "two solutions of one contracting system",
        using={
            proof.assume("contraction"): 2,
            in_the_virtual_system(proof, "embedding", 1): 2,
            in_the_virtual_system(proof, "known solution", -1): 2,
        },
    )
    squared = decays(proof, flow, METRIC_DISTANCE, 2 * rate, growth)
    twice = proof.less(0, 2 * rate, "twice the rate")
    ends = settles(proof, flow, METRIC_DISTANCE, growth, twice, sympy.S.Zero)
    near = proof.at_most(
        DISTANCE,
        METRIC_DISTANCE / metric_floor,
        "in the Euclidean norm",
        using={proof.assume("metric bounded below"): 1 / metric_floor},
    )
    out = in_the_limit(proof, DISTANCE, 1 / metric_floor, METRIC_DISTANCE, near, average=each_path)
    contracts, diverges = counterexample(proof, model.virtual)
    return {
        "rate": rooted(proof, METRIC_DISTANCE, rate, squared),
        "convergence": proof.at_most(
            UpperLimit(DISTANCE), 0, "x tends to y*", using={out: 1, ends: 1 / metric_floor}
        ),
        "counterexample contracts": contracts,
        "counterexample diverges": diverges,
    }


RESULT = Result(
    name="theorem_2_2",
    number="Theorem 2.2",
    source=BOFFI_SLOTINE,
    title="partial contraction",
    statements={
        "rate": Statement(
            "a solution approaches the known solution of its virtual system at least at the rate λ",
            decay(METRIC_LENGTH, rate),
            value=rate,
        ),
        "convergence": Statement("the solution tends to y*", at_most(UpperLimit(DISTANCE), 0)),
        "counterexample contracts": Statement(
            "G = −y + 2x contracts in y at the rate 1",
            equal(ContractionRate(sympy.Matrix([[sympy.diff(VIRTUAL, y)]])), 1),
        ),
        "counterexample diverges": Statement(
            "but x_0 e^t solves ẋ = G(x, x), and diverges from the solution 0",
            equal(sympy.diff(DIVERGING, time), VIRTUAL.subs({y: DIVERGING, u: DIVERGING})),
        ),
    },
    assumptions=(
        *(one for one in CONTRACTION if one.name in ("contraction", "metric bounded below")),
        Assumption("embedding", "F(x, t) = G(x, x, t)", equal(own[a], field[1, a]), over=(a,)),
        Assumption(
            "known solution",
            "y* solves the virtual system for this x(t)",
            equal(known[a], field[2, a]),
            over=(a,),
        ),
        SOLVED,
    ),
    setting={"velocity": velocity, "virtual": VIRTUAL},
    system=Flow((Part(x, velocity, sympy.Integer(2)),)),
    prove=prove,
    planted=(
        Planted("twice the rate", statements={"rate": decay(METRIC_LENGTH, 2 * rate)}),
        Planted("y* need not solve the virtual system", without=("known solution",)),
        Planted("the virtual system is not restricted to F", without=("embedding",)),
        Planted(
            "the velocities have the wrong sign", setting={"velocity": lambda i, a: -velocity(i, a)}
        ),
        Planted("a counterexample that does not diverge", setting={"virtual": -y + u / 2}),
        Planted("a virtual system that expands", setting={"virtual": y}),
    ),
    remarks=(
        "The paper says that all solutions converge to one known solution of the virtual system. The "
        "virtual system depends on x(t), so this needs that y* solves it for each x(t) considered; "
        "in the counterexample y* = 0 does so for x = 0 alone."
    ),
)
