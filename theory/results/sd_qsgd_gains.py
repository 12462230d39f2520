"""SD-QSGD: the gains of an epoch (Boffi & Slotine 2020, eqs. (60)-(61)).

At the start of an epoch the agent i* with the least validation loss has the gain A p k, the others 0;
all gains relax to k,

    k_{i*}(t) = k + (A p k − k) e^{−t/τ},    k_j(t) = k (1 − e^{−t/τ}) for the others.

Their mean is k (1 + (A − 1) e^{−t/τ}), their standard deviation √(p − 1) A k e^{−t/τ}. So Lemma 5.4
gives the rate min(A, 1) k − λ̄ for the whole epoch, and a term in the drift of the mean that decays
with the gain of i*.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.inequalities import above_smallest, decayed, roots
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal
from theory.proofs.result import Planted, Result, Statement
from theory.symbols import agents as p
from theory.symbols import coupling as k
from theory.symbols import magnification, relaxation, time

i, j = sympy.symbols("i j", integer=True)
best = sympy.Symbol("i^*", integer=True, positive=True)
"""The agent i*, one of 1, …, p."""

FADED = sympy.exp(-time / relaxation)
LEAST = sympy.Min(1, magnification)
MEAN = k * (1 + (magnification - 1) * FADED)
DEVIATION = sympy.sqrt(p - 1) * magnification * k * FADED


def gain(j: Any) -> Any:
    """Return k_j."""
    return k * (1 - FADED) + magnification * p * k * FADED * sympy.KroneckerDelta(j, best)


def average(gain: Any) -> Any:
    """Return the mean over the agents."""
    return sympy.Sum(gain(j), (j, 1, p)) / p


def variance(gain: Any) -> Any:
    """Return the variance over the agents."""
    return sympy.Sum((gain(i) - average(gain)) ** 2, (i, 1, p)) / p


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Average the gains and their squares."""
    mean = proof.equal(average(model.gain), MEAN, "one agent has the large gain")
    squares = proof.equal(
        variance(model.gain),
        DEVIATION**2,
        "one agent deviates p − 1 times as much as the others",
    )
    one = above_smallest(proof, sympy.S.One, LEAST)
    spike = above_smallest(proof, magnification, LEAST)
    faded = decayed(proof, time / relaxation)
    rest = proof.product(one, faded, "between the initial and the final gain")
    return {
        "mean": mean,
        "least": proof.at_most(
            LEAST * k, MEAN, "between A and 1", using={rest: k, spike: k * FADED}
        ),
        "deviation": roots(proof, squares, "the standard deviation"),
    }


RESULT = Result(
    name="sd_qsgd_gains",
    number="Eqs. (60)-(61)",
    source=BOFFI_SLOTINE,
    title="the gains of SD-QSGD within an epoch",
    statements={
        "mean": Statement("the mean gain", equal(average(gain), MEAN)),
        "deviation": Statement(
            "the standard deviation of the gains over the agents",
            equal(sympy.sqrt(variance(gain)), DEVIATION),
        ),
        "least": Statement(
            "the mean gain is at least min(A, 1) k", at_most(LEAST * k, MEAN), value=LEAST * k
        ),
    },
    assumptions=(),
    setting={"gain": gain},
    prove=prove,
    planted=(
        Planted(
            "an initial gain of A k, not A p k",
            setting={
                "gain": lambda j: (
                    k * (1 - FADED) + magnification * k * FADED * sympy.KroneckerDelta(j, best)
                )
            },
        ),
        Planted(
            "the others keep their gain",
            setting={"gain": lambda j: gain(j) + k * FADED * (1 - sympy.KroneckerDelta(j, best))},
        ),
        Planted(
            "the deviation of independent gains",
            statements={
                "deviation": equal(
                    sympy.sqrt(variance(gain)), DEVIATION / sympy.sqrt(p - 1) * sympy.sqrt(p)
                )
            },
        ),
    ),
    remarks=(
        "A and τ are free here. At the end of an epoch the paper sets all gains to k: a jump of "
        "(A p − 1) k e^{−T/τ} for i* and k e^{−T/τ} for the others, T the length of the epoch."
    ),
)
