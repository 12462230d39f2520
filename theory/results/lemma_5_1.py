"""Lemma 5.1: gradient descent with a coupling of this form converges (Boffi & Slotine 2020, eq. (45)).

ẋ^i = −∇f(x^i) + Σ_j (u(x^j) − u(x^i)). If −∇f − p u contracts with λ₁ in one metric, −∇f with λ₂ in
another, and u is Lipschitz, all agents converge exponentially to the critical point x* of f, with
any start: in the metrics

    ‖x^i − x^j‖²(t) <= e^{−2λ₁t} ‖x^i − x^j‖²(0),    ‖x^i − x*‖²(t) <= c e^{−min(λ₁, λ₂) t}.

Differences obey the first flow; each agent obeys the second with a disturbance that the differences
bound. So the sum of ‖x^i − x*‖² and a multiple of Σ_j ‖x^i − x^j‖² decays.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE, MEAN_VALUE
from theory.core.expectation import Constant
from theory.core.flows import SOLVED, Flow, Part, decay, decays, on_solutions
from theory.core.inequalities import above_smallest
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most
from theory.proofs.result import Planted, Result, Statement
from theory.results.lemma_3_1 import gradient, x
from theory.symbols import agents as p
from theory.symbols import descent_rate as second
from theory.symbols import dimension as n
from theory.symbols import synchronization_rate as first
from theory.symbols import time

i, j, a, c = sympy.symbols("i j a c", integer=True)
coupling = sympy.IndexedBase("u", real=True)
"""u at agent i: u[i, a]."""
critical = Constant("s", real=True)
"""x*: s[a]."""
metric, other_metric = Constant("Theta", real=True), Constant("Phi", real=True)
steepness = sympy.Symbol("U", nonnegative=True)
"""The Lipschitz constant of u, from the first metric to the second."""


def velocity(i: Any, a: Any) -> Any:
    """Return −∇f(x^i) + Σ_j (u(x^j) − u(x^i))."""
    return -gradient[i, a] + sympy.Sum(coupling[j, a] - coupling[i, a], (j, 1, p))


def stretched(metric: Any, vector: Any, a: Any) -> Any:
    """Return coordinate a of Θv."""
    return sympy.Sum(metric[a, c] * vector(c), (c, 1, n))


def inner(metric: Any, one: Any, other: Any) -> Any:
    """Return uᵀΘᵀΘw."""
    return sympy.Sum(stretched(metric, one, a) * stretched(metric, other, a), (a, 1, n))


def apart(i: Any, j: Any) -> Any:
    """Return x^i − x^j."""
    return lambda c: x[i, c] - x[j, c]


def uphill(i: Any, j: Any) -> Any:
    """Return the difference of ∇f + p u at two agents."""
    return lambda c: gradient[i, c] - gradient[j, c] + p * (coupling[i, c] - coupling[j, c])


def coupled(i: Any, j: Any) -> Any:
    """Return u(x^j) − u(x^i)."""
    return lambda c: coupling[j, c] - coupling[i, c]


def away(c: Any) -> Any:
    """Return coordinate c of x^i − x*."""
    return x[i, c] - critical[c]


def input_of(c: Any) -> Any:
    """Return coordinate c of Σ_j (u(x^j) − u(x^i))."""
    return sympy.Sum(coupling[j, c] - coupling[i, c], (j, 1, p))


PAIR = inner(metric, apart(i, j), apart(i, j))
SPREAD = sympy.Sum(PAIR, (j, 1, p))
FAR = inner(other_metric, away, away)
WEIGHT = p * steepness**2 / (first * second)
WHOLE = FAR + WEIGHT * SPREAD
RATE = sympy.Min(first, second)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Show that pairs decay, bound the coupling by them, and show that a weighted sum decays."""
    flow = Flow((Part(x, model.velocity),))
    together, descent = proof.assume("descent with coupling"), proof.assume("descent")
    pair = proof.at_most(
        flow.derivative(PAIR),
        -2 * first * PAIR,
        "the terms of other agents cancel",
        using={together: 2},
    )
    pairs = proof.sum_over(together, j, p, "over all other agents")
    steep = proof.sum_over(proof.assume("Lipschitz"), j, p, "over all other agents")
    force = inner(other_metric, input_of, input_of)
    mean_square = sympy.Sum(
        sympy.Sum(
            (stretched(other_metric, coupled(i, j), a) - stretched(other_metric, input_of, a) / p)
            ** 2,
            (a, 1, n),
        ),
        (j, 1, p),
    )
    bounded = proof.at_most(
        force,
        p * steepness**2 * SPREAD,
        "the square of a sum",
        using={steep: p},
        certificate=p * mean_square,
    )
    split = proof.at_most(
        2 * inner(other_metric, away, input_of),
        second * FAR + force / second,
        "twice a product",
        certificate=second
        * sympy.Sum(
            (stretched(other_metric, away, a) - stretched(other_metric, input_of, a) / second) ** 2,
            (a, 1, n),
        ),
    )
    slower = (above_smallest(proof, first, RATE), above_smallest(proof, second, RATE))
    near, close = proof.at_most(0, FAR, "squares"), proof.at_most(0, SPREAD, "squares")
    growth = proof.at_most(
        flow.derivative(WHOLE),
        -RATE * WHOLE,
        "descent and the decay of pairs against the coupling",
        using={
            descent: 2,
            pairs: 2 * WEIGHT,
            split: 1,
            bounded: 1 / second,
            proof.product(slower[0], close, "pairs"): WEIGHT,
            proof.product(slower[1], near, "descent"): 1,
        },
        certificate=0,
    )
    whole = decays(proof, flow, WHOLE, RATE, growth)
    part = proof.at_most(FAR, WHOLE, "a part of the whole", using={close: WEIGHT})
    return {
        "convergence": proof.chain(on_solutions(proof, part, time), whole),
        "pair": decays(proof, flow, PAIR, 2 * first, pair),
    }


RESULT = Result(
    name="lemma_5_1",
    number="Lemma 5.1",
    source=BOFFI_SLOTINE,
    title="convergence of coupled gradient descent",
    statements={
        "convergence": Statement(
            "the squared distance of each agent from x*, in the metric of descent, decays at "
            "least at this rate",
            decay(FAR, RATE, WHOLE),
            value=RATE,
        ),
        "pair": Statement(
            "the squared distance of two agents, in the metric of descent with coupling, decays "
            "at least at the rate 2 λ₁",
            decay(PAIR, 2 * first),
        ),
    },
    assumptions=(
        Assumption(
            "descent with coupling",
            "−∇f − p u contracts with the rate λ₁ in the metric ΘᵀΘ",
            at_most(-inner(metric, apart(i, j), uphill(i, j)), -first * PAIR),
            over=(i, j),
            through=(MEAN_VALUE,),
        ),
        Assumption(
            "descent",
            "−∇f contracts with the rate λ₂ in the metric ΦᵀΦ, and ∇f(x*) = 0",
            at_most(-inner(other_metric, away, lambda c: gradient[i, c]), -second * FAR),
            over=(i,),
            through=(MEAN_VALUE,),
        ),
        Assumption(
            "Lipschitz",
            "u is Lipschitz: ‖Φ (u(x) − u(y))‖ <= U ‖Θ (x − y)‖",
            at_most(inner(other_metric, coupled(i, j), coupled(i, j)), steepness**2 * PAIR),
            over=(i, j),
        ),
        SOLVED,
    ),
    setting={"velocity": velocity},
    system=Flow((Part(x, velocity),)),
    prove=prove,
    planted=(
        Planted(
            "the larger of both rates",
            statements={"convergence": decay(FAR, sympy.Max(first, second), WHOLE)},
        ),
        Planted(
            "bounded by its own initial value",
            statements={"convergence": decay(FAR, RATE)},
        ),
        Planted("twice the rate of pairs", statements={"pair": decay(PAIR, 4 * first)}),
        Planted(
            "the coupling has the wrong sign",
            setting={
                "velocity": lambda i, a: (
                    velocity(i, a) - 2 * sympy.Sum(coupling[j, a] - coupling[i, a], (j, 1, p))
                )
            },
        ),
        Planted(
            "the gradient has the wrong sign",
            setting={"velocity": lambda i, a: velocity(i, a) + 2 * gradient[i, a]},
        ),
        Planted("a coupling that is not Lipschitz", without=("Lipschitz",)),
        Planted("descent does not contract", without=("descent",)),
    ),
    remarks=(
        "The paper lets the agents synchronize first and then descend together. The coupling "
        "decays but does not vanish, so the proof needs the Lipschitz constant of u, which the "
        "paper does not state. A critical point exists as soon as −∇f contracts. With u(x) = k x/p "
        "this is QSGD."
    ),
)
