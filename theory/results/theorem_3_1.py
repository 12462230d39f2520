"""Theorem 3.1: agents coupled to a common signal synchronize (Boffi & Slotine 2020, eq. (19)).

ẋ^i = −∇f(x^i) + k (z − x^i) with k > λ̄, for any signal z that is the same for all agents at each time:
any two agents approach each other,

    ‖x^i − x^j‖(t) <= e^{−(k − λ̄) t} ‖x^i − x^j‖(0),

and all approach their mean. In the derivative of the squared distance z cancels, the coupling
contributes −k and the gradient at most λ̄, exactly λ̄ for f = −λ̄ ‖x‖²/2; so the rate is exact.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE, MEAN_VALUE
from theory.core.expectation import UpperLimit
from theory.core.flows import SOLVED, Flow, Part, decay, decays, rooted, settles
from theory.core.norms import norm
from theory.core.planting import coupling_errors, pull_error
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal
from theory.proofs.result import Planted, Result, Statement
from theory.results.lemma_3_1 import SPREAD, STRONG_COUPLING, drift, gradient, signal, x
from theory.symbols import agents as p
from theory.symbols import coupling as k
from theory.symbols import dimension as n
from theory.symbols import negative_curvature

i, j, a = sympy.symbols("i j a", integer=True)

DISTANCE = norm(lambda a: x[i, a] - x[j, a])
RATE = k - negative_curvature
DOWNHILL = -sympy.Sum((x[i, a] - x[j, a]) * (gradient[i, a] - gradient[j, a]), (a, 1, n))


def saddle(i: Any, a: Any) -> Any:
    """Return the drift for f = −λ̄ ‖x‖²/2."""
    return drift(i, a).subs(gradient[i, a], -negative_curvature * x[i, a])


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Bound the derivative of the squared distance of two agents, and of all from their mean."""
    flow, squared = Flow((Part(x, model.drift),)), DISTANCE**2
    downhill, stronger = proof.assume("curvature bound"), proof.assume("coupling exceeds curvature")
    twice = proof.less(0, 2 * RATE, "twice the rate", using={stronger: 2})
    pair = proof.at_most(
        flow.derivative(squared),
        -2 * RATE * squared,
        "the coupling contributes −k, the gradient at most λ̄",
        using={downhill: 2},
    )
    one_by_one = proof.sum_over(downhill, i, p, "over all agents")
    all_pairs = proof.sum_over(one_by_one, j, p, "over all pairs")
    together = proof.at_most(
        flow.derivative(SPREAD),
        -2 * RATE * SPREAD,
        "distances from the mean are distances of pairs",
        using={all_pairs: 1 / p},
    )
    steep = Flow((Part(x, saddle),))
    return {
        "pair": rooted(proof, squared, RATE, decays(proof, flow, squared, 2 * RATE, pair)),
        "all": decays(proof, flow, SPREAD, 2 * RATE, together),
        "synchronization": settles(proof, flow, SPREAD, together, twice, sympy.S.Zero),
        "exact": proof.equal(
            steep.derivative(squared), -2 * RATE * squared, "a loss of constant curvature"
        ),
    }


RESULT = Result(
    name="theorem_3_1",
    number="Theorem 3.1",
    source=BOFFI_SLOTINE,
    title="synchronization through a common signal",
    statements={
        "pair": Statement(
            "the distance of any two agents decays at least at this rate",
            decay(DISTANCE, RATE),
            value=RATE,
        ),
        "all": Statement(
            "the squared distances from the mean, summed over the agents, decay twice as fast",
            decay(SPREAD, 2 * RATE),
        ),
        "synchronization": Statement("all agents converge", at_most(UpperLimit(SPREAD), 0)),
        "exact": Statement(
            "for f = −λ̄ ‖x‖²/2 the squared distance decays exactly at twice the rate",
            equal(Flow((Part(x, saddle),)).derivative(DISTANCE**2), -2 * RATE * DISTANCE**2),
        ),
    },
    assumptions=(
        STRONG_COUPLING,
        Assumption(
            "curvature bound",
            "no eigenvalue of −∇²f exceeds λ̄, at any point",
            at_most(DOWNHILL, negative_curvature * DISTANCE**2),
            over=(i, j),
            through=(MEAN_VALUE,),
        ),
        SOLVED,
    ),
    setting={"drift": drift},
    system=lambda model: Flow((Part(x, model.drift),)),
    signals=(signal,),
    prove=prove,
    planted=(
        *coupling_errors("drift", drift, k),
        pull_error("drift", drift, lambda i, a: k * x[i, a], lambda i, a: k * x[1, a]),
        Planted("twice the rate", statements={"pair": decay(DISTANCE, 2 * RATE)}),
        Planted("the coupling is too weak", without=("coupling exceeds curvature",)),
        Planted(
            "the gradient has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) + 2 * gradient[i, a]},
        ),
        Planted(
            "each agent has its own signal",
            setting={"drift": lambda i, a: drift(i, a) + k * (x[i + 1, a] - signal[a])},
        ),
        Planted(
            "the coupling has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) - 2 * k * (signal[a] - x[i, a])},
        ),
    ),
    remarks=(
        "λ̄ is the supremum over all points. The signal may depend on the agents, as in QSGD and "
        "EASGD, but must be the same for all: delays that differ between agents are excluded."
    ),
)
