"""Stationary second moments of discrete QSGD and EASGD on a parabola (beyond Boffi & Slotine 2020).

With q = ηh, α = ηk and noise of the variance σ² in a step of each agent (η²/b times that of a gradient),
x^i ← x^i − q x^i + α (x• − x^i) + noise has for q + α < 2 in the long run

    E x•² = σ²/(p q (2 − q)),    E Σ_i (x^i − x•)² = (p − 1) σ²/((q + α)(2 − q − α)).

With x~ for x•, x~ ← x~ + pα (x• − x~), right sides at the old time, the covariance of (x•, x~) solves
V = A V Aᵀ + N below the border of `easgd_stability`. For small η these are the moments of the flows.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.inequalities import cancelled
from theory.core.jury import conditions
from theory.core.lyapunov import FRESH_NOISE, Iteration, Step, second_moments_settle_in_steps
from theory.core.planting import coupling_errors
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import less
from theory.proofs.result import Planted, Result, Statement
from theory.results.easgd_stability import MAP
from theory.results.lemma_3_1 import mean, x
from theory.results.stationary_qsgd import CENTRE, SPREAD, settled
from theory.symbols import agents as p
from theory.symbols import moving_rate as alpha
from theory.symbols import noise_size as sigma
from theory.symbols import relative_step as q

i = sympy.Symbol("i", integer=True)
y, z = sympy.IndexedBase("y", real=True), sympy.IndexedBase("z", real=True)
"""The agents of EASGD, y[i, 1], and their quorum variable x~, z[1, 1]."""
QUORUM = z[1, 1]


def qsgd_agent(i: Any, a: Any) -> Any:
    """Return an agent of QSGD after a step, without the noise."""
    return x[i, a] - q * x[i, a] + alpha * (mean(a) - x[i, a])


def easgd_agent(i: Any, a: Any) -> Any:
    """Return an agent of EASGD after a step, without the noise."""
    return y[i, a] - q * y[i, a] + alpha * (z[1, a] - y[i, a])


def easgd_quorum(i: Any, a: Any) -> Any:
    """Return x~ after a step."""
    return z[1, a] + p * alpha * (mean(a).subs(x, y) - z[1, a])


FLIP = 2 * (2 - q) - alpha * (2 + p * (2 - q))
TURN = q + alpha + p * alpha * (1 - q)
"""Jury's conditions for `MAP`, with p α q: positive below the border."""
MEAN_MOMENT = sigma**2 / (p * q * (2 - q))
SPREAD_MOMENT = (p - 1) * sigma**2 / ((q + alpha) * (2 - q - alpha))
QUORUM_MOMENT = alpha * sigma**2 * (2 - q - alpha + p * alpha * (q - 1)) / (q * TURN * FLIP)
CENTRE_MOMENT = (
    sigma**2
    * (2 * q + 2 * p * alpha - 3 * p * alpha * q + p * alpha**2 * (p * q - p - 1))
    / (p * q * TURN * FLIP)
)


def qsgd(agent: Any) -> Iteration:
    """Return the iteration of QSGD."""
    return Iteration((Step(x, agent, noisy=True),), sigma**2)


def easgd(agent: Any, quorum: Any) -> Iteration:
    """Return the iteration of EASGD."""
    return Iteration((Step(y, agent, noisy=True), Step(z, quorum, count=sympy.S.One)), sigma**2)


def one_row(proof: Proof, model: Iteration, value: Any, factor: Any, source: Any) -> Fact:
    """Return the limit of a moment that a step multiplies by the square of a factor."""
    one = sympy.Matrix([[factor]])
    drift, flip = conditions(one)
    signs = (
        proof.less(0, drift, "Jury's first condition"),
        proof.less(0, flip, "Jury's second condition", using={proof.assume("QSGD is stable"): 1}),
    )
    noise = sympy.Matrix([[source]])
    moments = sympy.Matrix([[value]])
    return second_moments_settle_in_steps(proof, model, moments, one, noise, signs)[0][0]


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Show that the moments obey linear recursions, and solve for their fixed points."""
    coupled, elastic = qsgd(model.qsgd_agent), easgd(model.easgd_agent, model.easgd_quorum)
    small, below = proof.assume("small step"), proof.assume("below the border")
    slow, flip, turn = conditions(MAP)
    flips = proof.less(0, flip, "Jury's second condition", using={below: 1})
    room = proof.less(0, 2 * (2 - q), "small step", using={small: 2})
    scaled = proof.less(
        0,
        2 * (2 - q) * turn,
        "Jury's third condition, times a positive number",
        using={flips: q},
        certificate=alpha * (p * (2 - q) ** 2 + 4),
    )
    signs = (
        proof.less(0, slow, "Jury's first condition"),
        flips,
        cancelled(proof, room, 0, turn, scaled, "Jury's third condition"),
    )
    state = sympy.Matrix([CENTRE.subs(x, y), QUORUM])
    source = sympy.diag(sigma**2 / p, 0)
    facts = second_moments_settle_in_steps(proof, elastic, state * state.T, MAP, source, signs)
    return {
        "mean": one_row(proof, coupled, CENTRE**2, 1 - q, sigma**2 / p),
        "spread": one_row(proof, coupled, SPREAD, 1 - q - alpha, (p - 1) * sigma**2),
        "mean of EASGD": facts[0][0],
        "quorum of EASGD": facts[1][1],
    }


RESULT = Result(
    name="stationary_steps",
    number="Stationary moments of discrete QSGD and EASGD",
    source=BOFFI_SLOTINE,
    title="stationary second moments of QSGD and EASGD as iterations on a parabola",
    statements={
        "mean": Statement("the mean of QSGD", settled(CENTRE**2, MEAN_MOMENT)),
        "spread": Statement(
            "the distances of its agents from the mean", settled(SPREAD, SPREAD_MOMENT)
        ),
        "mean of EASGD": Statement(
            "the mean of EASGD", settled(CENTRE.subs(x, y) ** 2, CENTRE_MOMENT)
        ),
        "quorum of EASGD": Statement("its quorum variable", settled(QUORUM**2, QUORUM_MOMENT)),
    },
    assumptions=(
        Assumption("small step", "gradient descent itself is stable: ηh < 2", less(q, 2)),
        Assumption(
            "QSGD is stable", "α is below the border of QSGD: q + α < 2", less(q, 2 - alpha)
        ),
        Assumption(
            "below the border",
            "α is below the border of EASGD: α (2 + p (2 − q)) < 2 (2 − q)",
            less(alpha * (2 + p * (2 - q)), 2 * (2 - q)),
        ),
        FRESH_NOISE,
    ),
    setting={"qsgd_agent": qsgd_agent, "easgd_agent": easgd_agent, "easgd_quorum": easgd_quorum},
    system=(qsgd(qsgd_agent), easgd(easgd_agent, easgd_quorum)),
    prove=prove,
    planted=(
        *coupling_errors("qsgd_agent", qsgd_agent, alpha),
        *coupling_errors("easgd_agent", easgd_agent, alpha),
        Planted(
            "the moment of the flow",
            statements={"mean": settled(CENTRE**2, sigma**2 / (2 * p * q))},
        ),
        Planted(
            "the quorum variable has the second moment of the mean",
            statements={"quorum of EASGD": settled(QUORUM**2, CENTRE_MOMENT)},
        ),
        Planted(
            "the coupling has the wrong sign",
            setting={"qsgd_agent": lambda i, a: qsgd_agent(i, a) - 2 * alpha * (mean(a) - x[i, a])},
        ),
        Planted(
            "the quorum variable has the rate of one agent",
            setting={"easgd_quorum": lambda i, a: z[1, a] + (easgd_quorum(i, a) - z[1, a]) / p},
        ),
        Planted(
            "the gradient has the wrong sign",
            setting={"easgd_agent": lambda i, a: easgd_agent(i, a) + 2 * q * y[i, a]},
        ),
        Planted("above the border", without=("below the border",)),
    ),
    remarks=(
        "The moments of EASGD diverge at its border, about α = 2/p, those of QSGD only at α = 2 − q. "
        "The differences of the agents from their mean are the same in EASGD and QSGD."
    ),
)
