"""Stability of discrete EASGD when x~ is updated with the new x• (Boffi & Slotine 2020, supplement).

With q = ηh, α = ηk and β = pα, the agents first, then x~ with their new mean,

    x^i ← x^i − q x^i + α (x~ − x^i),    x~ ← x~ + β (x•_new − x~),

on f = h x²/2. (x•, x~) moves by a matrix of determinant (1 − β)(1 − q − α), and the map is stable
exactly when the least of pqα, 4 − 2q − 2α − pα (2 − q − 2α) and 1 − (1 − pα)(1 − q − α) is
positive.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.jury import SpectralRadius, conditions, triangle
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, equal
from theory.proofs.result import Planted, Result, Statement
from theory.results.easgd_stability import MAP as OLD_MAP
from theory.results.easgd_stability import MEAN, agent, j, quorum, x, z
from theory.symbols import agents as p
from theory.symbols import moving_rate as alpha
from theory.symbols import relative_step as q

KEPT = 1 - q - alpha
MAP = sympy.Matrix([[KEPT, alpha], [p * alpha * KEPT, 1 - p * alpha + p * alpha**2]])
PARTS = (
    p * q * alpha,
    4 - 2 * q - 2 * alpha - p * alpha * (2 - q - 2 * alpha),
    1 - (1 - p * alpha) * KEPT,
)
MARGIN = sympy.Min(*map(sympy.factor, PARTS))


def stated(margin: Any) -> Relation:
    """Return that a margin has the sign of one minus the spectral radius."""
    return equal(sympy.sign(1 - SpectralRadius(MAP)), sympy.sign(margin))


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Average the agents, update x~ with their mean, and apply Jury's criterion."""
    new_mean = sympy.Sum(model.agent(j), (j, 1, p)) / p
    proof.equal(
        sympy.Matrix([new_mean, quorum(model.received(MEAN, new_mean))]),
        MAP * sympy.Matrix([MEAN, z]),
        "the mean and x~ move together",
    )
    return {"exactly": triangle(proof, MAP)}


RESULT = Result(
    name="easgd_new_mean_stability",
    number="Supplement, stability of EASGD, new mean",
    source=BOFFI_SLOTINE,
    title="stability of EASGD when the quorum variable is updated with the new mean",
    statements={
        "exactly": Statement(
            "the synchronized map is stable exactly when this number is positive",
            stated(MARGIN),
            value=MARGIN,
        )
    },
    assumptions=(),
    setting={"agent": agent, "received": lambda old, new: new},
    prove=prove,
    planted=(
        Planted("x~ is updated with the old mean", setting={"received": lambda old, new: old}),
        Planted(
            "the gradient has the wrong sign",
            setting={"agent": lambda i: agent(i) + 2 * q * x[i]},
        ),
        Planted(
            "the conditions of the old mean",
            statements={"exactly": stated(sympy.Min(*conditions(OLD_MAP)))},
        ),
        Planted(
            "no condition on the determinant",
            statements={"exactly": stated(sympy.Min(*map(sympy.factor, PARTS[:2])))},
        ),
    ),
    remarks=(
        "The region need not be an interval in α: for p = 10 and q = 1/2 the map is stable for α below "
        "1/4, not from 1/4 to 3/5, and again a little above. The agents also need |1 − q − α| < 1 "
        "to approach each other."
    ),
)
