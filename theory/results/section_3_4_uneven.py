"""Section 3.4, scaled drifts: the factor by which (22) fails (Boffi & Slotine 2020).

f = 0, noise of covariance (C/n) I, and steps scale drift and coupling: one agent has the learning rate
η (1 + (p − 1) θ), the p − 1 others have η (1 − θ), so that η is the mean. Then exactly

    lim E Σ_i ‖x^i − x•‖² = (p − 1) C η / (2 b k) · (1 + θ²/(1 + (p − 2) θ)).

The first factor is (22); the second is above 1 for every θ > 0 and tends to p/(p − 1) as θ tends to 1.
The distance of the first agent from the mean and the spread of the others obey closed equations.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.expectation import Expectation, UpperLimit
from theory.core.inequalities import cancelled
from theory.core.long_run import ClosedMoment, moments_settle
from theory.core.moments import REGULAR, Diffusion
from theory.core.planting import coupling_errors, noise_errors
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import equal, less
from theory.proofs.result import Planted, Result, Statement
from theory.results.lemma_3_1 import SPREAD, mean, squares, x
from theory.symbols import agents as p
from theory.symbols import batch_size as b
from theory.symbols import coupling as k
from theory.symbols import dimension as n
from theory.symbols import noise_bound, step_size
from theory.symbols import unevenness as theta

FIRST = squares(1)
"""‖x^1 − x•‖²."""
OTHERS = SPREAD - p / (p - 1) * FIRST
"""The squared distances of the other agents from their own mean."""
FACTOR = 1 + theta**2 / (1 + (p - 2) * theta)
LIMIT = (p - 1) * noise_bound * step_size / (2 * b * k) * FACTOR


def step(i: Any) -> Any:
    """Return η_i/η."""
    return 1 - theta + p * theta * sympy.KroneckerDelta(i, 1)


def drift(i: Any, a: Any) -> Any:
    """Return (η_i/η) k (x• − x^i)."""
    return step(i) * k * (mean(a) - x[i, a])


def noise(i: Any, a: Any, c: Any) -> Any:
    """Return (η_i²/(η b)) (C/n) I."""
    strength = step(i) ** 2 * step_size / b
    return strength * noise_bound / n * sympy.KroneckerDelta(a, c)


def closed(proof: Proof, system: Diffusion, value: Any, share: Fact, source: Any) -> ClosedMoment:
    """Show LV = s − r V with r = 2 k (share)."""
    rate = 2 * k * share.relation.right
    faster = proof.product(proof.assume("coupled"), share, "a share of the coupling")
    exact = proof.equal(system.generator(value), source - rate * value, "a closed equation")
    return ClosedMoment(value, exact, proof.less(0, rate, "its rate", using={faster: 2}), source)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Solve for the first agent and for the others; compare with (22)."""
    system = Diffusion(x, model.drift, model.noise)
    several, moving = proof.assume("several agents"), proof.assume("all agents move")
    unit = noise_bound * step_size / b
    slow, fast, both = 1 - theta, 1 + (p - 1) * theta, 1 + (p - 2) * theta
    slower = proof.less(0, slow, "the others move", using={moving: 1})
    faster = proof.less(0, fast, "the first moves")
    between = proof.less(0, both, "both move", using={moving: 1, several: theta})
    source = unit * (((p - 1) * fast) ** 2 + (p - 1) * slow**2) / p**2
    first = closed(proof, system, FIRST, between, source)
    others = closed(proof, system, OTHERS, slower, unit * (p - 2) * slow**2)
    limit = moments_settle(proof, system, SPREAD, [(p / (p - 1), first), (1, others)])
    same = proof.equal(limit.relation.right, LIMIT, "collected")
    square = proof.less(
        both, both * FACTOR, "θ² is positive", given={proof.assume("unequal"): theta}
    )
    whole = proof.product(several, between, "both factors are positive")
    least = proof.product(moving, faster, "both factors are positive")
    scale = (p - 1) * both
    scaled = proof.less(scale * FACTOR, scale * p / (p - 1), "up to θ = 1", using={least: 1})
    return {
        "spread": proof.chain(limit, same),
        "more": cancelled(proof, between, sympy.S.One, FACTOR, square, "divided"),
        "less": cancelled(proof, whole, FACTOR, p / (p - 1), scaled, "divided"),
    }


RESULT = Result(
    name="section_3_4_uneven",
    number="Section 3.4, two learning rates",
    source=BOFFI_SLOTINE,
    title="the factor by which (22) fails with scaled drifts",
    statements={
        "spread": Statement(
            "the limit of the expected squared distances of the agents from their mean",
            equal(UpperLimit(Expectation(SPREAD)), LIMIT),
        ),
        "more": Statement("the factor against (22) is above 1", less(1, FACTOR)),
        "less": Statement("it is below p/(p − 1), its limit for θ = 1", less(FACTOR, p / (p - 1))),
    },
    assumptions=(
        Assumption("coupled", "the agents are coupled: k > 0", less(0, k)),
        Assumption("several agents", "there are at least two agents", less(1, p)),
        Assumption("unequal", "the learning rates differ: θ > 0", less(0, theta)),
        Assumption("all agents move", "no learning rate is 0: θ < 1", less(theta, 1)),
        REGULAR,
    ),
    setting={"drift": drift, "noise": noise},
    system=Diffusion(x, drift, noise),
    prove=prove,
    planted=(
        *coupling_errors("drift", drift, k),
        *noise_errors("noise", noise),
        Planted(
            "(22) with the mean step",
            statements={"spread": equal(UpperLimit(Expectation(SPREAD)), LIMIT / FACTOR)},
        ),
        Planted(
            "the drifts are equal",
            setting={"drift": lambda i, a: k * (mean(a) - x[i, a])},
        ),
        Planted(
            "the noise is proportional to the root of the learning rate",
            setting={"noise": lambda i, a, c: noise(i, a, c) / step(i)},
        ),
        Planted("one agent does not move", without=("all agents move",)),
        Planted("a limit of 1 + 1/p", statements={"less": less(FACTOR, 1 + 1 / p)}),
    ),
    remarks="(22) is meant here with λ̄ = 0, as f = 0, and with the mean of the learning rates.",
)
