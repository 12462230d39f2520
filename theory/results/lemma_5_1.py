"""Lemma 5.1: descent with any coupling of this form converges (Boffi & Slotine 2020, eq. (45)).

ẋ^i = −∇f(x^i) + Σ_j (u(x^j) − u(x^i)). If −∇f − p u contracts with λ₁ in one metric, −∇f with λ₂ in
another, and u is Lipschitz, all agents converge exponentially to the critical point x* of f, with
any start: in the metrics

    ‖x^i − x^j‖²(t) <= e^{−2λ₁t} ‖x^i − x^j‖²(0),    ‖x^i − x*‖²(t) <= c e^{−min(λ₁, λ₂) t}.

Differences obey the first flow; each agent obeys the second but for a push that the differences
bound. So ‖x^i − x*‖² with enough of Σ_j ‖x^i − x^j‖² added decays.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE, MEAN_VALUE
from theory.core.flows import SOLVED, Along, Flow, Part, decays, on_solutions
from theory.core.inequalities import above_smallest
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most
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
critical = sympy.IndexedBase("s", real=True)
"""x*: s[a]."""
metric, other_metric = sympy.IndexedBase("Theta", real=True), sympy.IndexedBase("Phi", real=True)
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


def pulled(i: Any, j: Any) -> Any:
    """Return u(x^j) − u(x^i)."""
    return lambda c: coupling[j, c] - coupling[i, c]


def away(c: Any) -> Any:
    """Return coordinate c of x^i − x*."""
    return x[i, c] - critical[c]


def push(c: Any) -> Any:
    """Return coordinate c of the coupling that agent i feels."""
    return sympy.Sum(coupling[j, c] - coupling[i, c], (j, 1, p))


PAIR = inner(metric, apart(i, j), apart(i, j))
SPREAD = sympy.Sum(PAIR, (j, 1, p))
FAR = inner(other_metric, away, away)
WEIGHT = p * steepness**2 / (first * second)
WHOLE = FAR + WEIGHT * SPREAD
RATE = sympy.Min(first, second)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Let the pairs decay; bound the push by them; let a sum of both decay."""
    flow = Flow((Part(x, model.velocity),))
    together, descent = proof.assume("descent with coupling"), proof.assume("descent")
    pair = proof.at_most(
        flow.derivative(PAIR), -2 * first * PAIR, "the pushes cancel", using={together: 2}
    )
    pairs = proof.sum_over(together, j, p, "over all others")
    steep = proof.sum_over(proof.assume("Lipschitz"), j, p, "over all others")
    force = inner(other_metric, push, push)
    mean_square = sympy.Sum(
        sympy.Sum(
            (stretched(other_metric, pulled(i, j), a) - stretched(other_metric, push, a) / p) ** 2,
            (a, 1, n),
        ),
        (j, 1, p),
    )
    pushed = proof.at_most(
        force,
        p * steepness**2 * SPREAD,
        "the square of a sum",
        using={steep: p},
        certificate=p * mean_square,
    )
    split = proof.at_most(
        2 * inner(other_metric, away, push),
        second * FAR + force / second,
        "twice a product",
        certificate=second
        * sympy.Sum(
            (stretched(other_metric, away, a) - stretched(other_metric, push, a) / second) ** 2,
            (a, 1, n),
        ),
    )
    slower = (above_smallest(proof, first, RATE), above_smallest(proof, second, RATE))
    near, close = proof.at_most(0, FAR, "squares"), proof.at_most(0, SPREAD, "squares")
    growth = proof.at_most(
        flow.derivative(WHOLE),
        -RATE * WHOLE,
        "descent pulls, the push is made up for",
        using={
            descent: 2,
            pairs: 2 * WEIGHT,
            split: 1,
            pushed: 1 / second,
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


def decay(value: Any, rate: Any, start: Any) -> Relation:
    """Return that a function of the state decays at a rate."""
    return at_most(Along(value, time), sympy.exp(-time * rate) * Along(start, 0))


RESULT = Result(
    name="lemma_5_1",
    number="Lemma 5.1",
    source=BOFFI_SLOTINE,
    title="convergence of coupled descent",
    statements={
        "convergence": Statement(
            "the squared distance of each agent from x*, in the metric of descent, decays with at "
            "least this rate",
            decay(FAR, RATE, WHOLE),
            value=RATE,
        ),
        "pair": Statement(
            "the squared distance of two agents, in the metric of descent with coupling, decays "
            "with at least 2 λ₁",
            decay(PAIR, 2 * first, PAIR),
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
            at_most(inner(other_metric, pulled(i, j), pulled(i, j)), steepness**2 * PAIR),
            over=(i, j),
        ),
        SOLVED,
    ),
    setting={"velocity": velocity},
    prove=prove,
    planted=(
        Planted(
            "the greater of both rates",
            statements={"convergence": decay(FAR, sympy.Max(first, second), WHOLE)},
        ),
        Planted(
            "at once below its own start",
            statements={"convergence": decay(FAR, RATE, FAR)},
        ),
        Planted("twice the rate of pairs", statements={"pair": decay(PAIR, 4 * first, PAIR)}),
        Planted(
            "the agents repel each other",
            setting={
                "velocity": lambda i, a: (
                    velocity(i, a) - 2 * sympy.Sum(coupling[j, a] - coupling[i, a], (j, 1, p))
                )
            },
        ),
        Planted(
            "the gradient is climbed",
            setting={"velocity": lambda i, a: velocity(i, a) + 2 * gradient[i, a]},
        ),
        Planted("a coupling that is not Lipschitz", without=("Lipschitz",)),
        Planted("descent does not contract", without=("descent",)),
    ),
    remarks=(
        "The paper lets the agents synchronize first and then descend as one; that the push has only "
        "died out, and not gone, takes the Lipschitz constant of u, which is not in its statement. "
        "A critical point exists as soon as −∇f contracts. With u(x) = k x/p this is QSGD."
    ),
)
