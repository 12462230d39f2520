"""Stability of discrete EASGD on f = h x²/2 (Boffi & Slotine 2020, supplement).

With q = ηh, α = ηk and β = pα, all right sides at time t,

    x^i ← x^i − q x^i + α (x~ − x^i),    x~ ← x~ + β (x• − x~),

moves (x•, x~) by the matrix [[1 − q − α, α], [β, 1 − β]] and x^i − x• by 1 − q − α. For q < 2 this
is stable exactly for α below 2 (2 − q)/(2 + p (2 − q)), about 2/p; for q >= 2 it is stable for no α.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.inequalities import cancelled
from theory.core.jury import SpectralRadius, conditions, stable, unstable
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal, less
from theory.proofs.result import Planted, Result, Statement
from theory.symbols import agents as p
from theory.symbols import moving_rate as alpha
from theory.symbols import relative_step as q

i, j = sympy.symbols("i j", integer=True)
x = sympy.IndexedBase("x", real=True)
z = sympy.Symbol("z", real=True)
u = sympy.Symbol("u", positive=True)
"""The distance below the border: α = border / (1 + u)."""
w = sympy.Symbol("w", nonnegative=True)
"""The distance above it: α = border (1 + w), or q = 2 + w."""
MEAN = sympy.Sum(x[j], (j, 1, p)) / p


def agent(i: Any) -> Any:
    """Return the new x^i."""
    return x[i] - q * x[i] + alpha * (z - x[i])


def quorum(mean: Any) -> Any:
    """Return the new x~."""
    return z + p * alpha * (mean - z)


MAP = sympy.Matrix([[1 - q - alpha, alpha], [p * alpha, 1 - p * alpha]])
BORDER = 2 * (2 - q) / (2 + p * (2 - q))


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Average the agents, then read off Jury's conditions on both sides of the border."""
    new_mean = sympy.Sum(model.agent(j), (j, 1, p)) / p
    state = sympy.Matrix([MEAN, z])
    proof.equal(
        sympy.Matrix([new_mean, model.quorum(MEAN)]), MAP * state, "the mean and x~ move together"
    )
    apart = proof.equal(
        model.agent(i) - new_mean, (1 - q - alpha) * (x[i] - MEAN), "each agent against the mean"
    )
    small = proof.assume("small step")

    proof.less(0, 2 + p * (2 - q), "the divisor of the border", given={small: q})
    below = MAP.subs(alpha, BORDER / (1 + u))
    slow, flip, turn = conditions(below)
    given = {small: q}
    flips = proof.less(0, flip, "Jury's second condition below the border", given=given)
    room = proof.less(0, 2 * (2 - q), "small step", given=given)
    level = proof.less(0, BORDER, "the border is positive", given=given)
    scaled = proof.less(
        0,
        2 * (2 - q) * turn,
        "Jury's third condition, times a positive number",
        using={flips: q, level: (p * (2 - q) ** 2 + 4) / (1 + u)},
    )
    signs = (
        proof.less(0, slow, "Jury's first condition", using={level: p * q / (1 + u)}),
        flips,
        cancelled(proof, room, 0, turn, scaled, "Jury's third condition"),
    )

    above = MAP.subs(alpha, BORDER * (1 + w))
    beyond = proof.at_most(
        conditions(above)[1], 0, "Jury's second condition fails from the border on", given=given
    )

    wide = MAP.subs(q, 2 + w)
    _, flip, turn = conditions(wide)
    both = proof.less(
        (2 + w) * flip + 2 * w * turn, 0, "Jury's second and third condition exclude each other"
    )
    return {
        "below": stable(proof, below, signs),
        "above": unstable(proof, above, beyond, {1: sympy.S.One}),
        "large step": unstable(proof, wide, both, {1: 2 + w, 2: 2 * w}),
        "apart": apart,
        "apart below": proof.less(
            q + BORDER / (1 + u), 2, "the differences are stable where the mean is", given=given
        ),
        "shrinks": proof.less(BORDER, 2 / p, "the border against 2/p", given=given),
    }


def radius(share: Any) -> Any:
    """Return the spectral radius at α = share · border."""
    return SpectralRadius(MAP.subs(alpha, share * BORDER))


RESULT = Result(
    name="easgd_stability",
    number="Supplement, stability of EASGD",
    source=BOFFI_SLOTINE,
    title="stability of discrete EASGD on a parabola",
    statements={
        "below": Statement(
            "the synchronized map is stable at every positive α below the border",
            less(radius(1 / (1 + u)), 1),
            value=BORDER,
        ),
        "above": Statement(
            "it is unstable at the border and above", at_most(1, radius(1 + w)), value=BORDER
        ),
        "large step": Statement(
            "for q = 2 + w, w >= 0, it is stable for no α",
            at_most(1, SpectralRadius(MAP.subs(q, 2 + w))),
        ),
        "apart": Statement(
            "the distance of an agent from the mean is multiplied by 1 − q − α",
            equal(agent(i) - sympy.Sum(agent(j), (j, 1, p)) / p, (1 - q - alpha) * (x[i] - MEAN)),
        ),
        "apart below": Statement(
            "below the border q + α < 2, so the differences of the agents are stable too",
            less(q + BORDER / (1 + u), 2),
            value=BORDER,
        ),
        "shrinks": Statement("the border lies below 2/p", less(BORDER, 2 / p), value=BORDER),
    },
    assumptions=(
        Assumption("small step", "gradient descent itself is stable: ηh < 2", less(q, 2)),
    ),
    setting={"agent": agent, "quorum": quorum},
    prove=prove,
    planted=(
        Planted(
            "the quorum variable has the rate of one agent",
            setting={"quorum": lambda mean: z + alpha * (mean - z)},
        ),
        Planted(
            "the coupling has the wrong sign",
            setting={"agent": lambda i: x[i] - q * x[i] - alpha * (z - x[i])},
        ),
        Planted(
            "the border of QSGD, 2 − q",
            statements={"below": less(SpectralRadius(MAP.subs(alpha, (2 - q) / (1 + u))), 1)},
        ),
        Planted("stable at the border too", statements={"below": less(radius(1), 1)}),
        Planted("a border below 1/p", statements={"shrinks": less(BORDER, 1 / p)}),
        Planted("gradient descent is not stable", without=("small step",)),
    ),
    remarks=(
        "The paper's supplement is not in our text; the map is that of Sec. 2.4. When x~ is updated "
        "with the new x•, the border moves: see easgd_new_mean_stability."
    ),
)
