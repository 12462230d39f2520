"""Stationary second moments of EASGD on a quadratic loss (beyond Boffi & Slotine 2020).

Along an eigenvector of H with the eigenvalue h, in which the noise of each agent has the variance σ² per
unit time (η/b is in it), dx^i = (−h x^i + k (x~ − x^i)) dt + σ dW^i, dx~ = kp (x• − x~) dt with k > 0
has in the long run, with s = σ²/(2 p h) that of QSGD,

    E x•² = s (h + kp)/(h + k + kp),    E x~² = E x• x~ = s kp/(h + k + kp),

and the differences of the agents are as in QSGD. The covariance of (x•, x~) solves a Lyapunov equation;
both moments are below s, so x~ is not the reason for the factor √p of Theorem 5.2.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.long_run import moments_settle
from theory.core.lyapunov import second_moments_settle
from theory.core.moments import REGULAR, Diffusion, Stacked, noiseless
from theory.core.planting import coupling_errors, noise_errors, pull_error
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, less
from theory.proofs.result import Planted, Result, Statement
from theory.results.lemma_3_1 import mean, x
from theory.results.stationary_qsgd import (
    CENTRE,
    MEAN_MOMENT,
    SPREAD,
    SPREAD_MOMENT,
    closed,
    noise,
    settled,
)
from theory.symbols import agents as p
from theory.symbols import coupling as k
from theory.symbols import hessian_eigenvalue as h
from theory.symbols import noise_size as sigma

i = sympy.Symbol("i", integer=True)
z = sympy.IndexedBase("z", real=True)
"""The quorum variable x~: z[1, 1]."""
QUORUM = z[1, 1]


def drift(i: Any, a: Any) -> Any:
    """Return −h x + k (x~ − x)."""
    return -h * x[i, a] + k * (z[1, a] - x[i, a])


def filtered(i: Any, a: Any) -> Any:
    """Return the velocity of x~."""
    return k * p * (mean(a) - z[1, a])


PULL = sympy.Matrix([[-h - k, k], [k * p, -k * p]])
SOURCE = sympy.diag(sigma**2 / p, 0)
CENTRE_MOMENT = MEAN_MOMENT * (h + k * p) / (h + k + k * p)
QUORUM_MOMENT = MEAN_MOMENT * k * p / (h + k + k * p)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Solve the Lyapunov equation of mean and quorum variable, and the equation of the spread."""
    system = Stacked(
        (
            Diffusion(x, model.drift, model.noise),
            Diffusion(z, model.filtered, noiseless, sympy.S.One),
        )
    )
    coupled = proof.assume("coupled")
    state = sympy.Matrix([CENTRE, QUORUM])
    signs = (
        proof.less(0, h + k + k * p, "minus the trace"),
        proof.less(0, h * k * p, "the determinant", using={coupled: h * p}),
    )
    facts = second_moments_settle(proof, system, state * state.T, PULL, SOURCE, signs)
    spread = closed(proof, system, SPREAD, 2 * (h + k), (p - 1) * sigma**2)
    return {
        "mean": facts[0][0],
        "quorum": facts[1][1],
        "mixed": facts[0][1],
        "spread": moments_settle(proof, system, SPREAD, [(sympy.S.One, spread)]),
        "below": proof.at_most(
            CENTRE_MOMENT, MEAN_MOMENT, "the coupling to x~ reduces the second moment of the mean"
        ),
    }


RESULT = Result(
    name="stationary_easgd",
    number="Stationary moments of EASGD",
    source=BOFFI_SLOTINE,
    title="stationary second moments of EASGD on a quadratic loss",
    statements={
        "mean": Statement("the mean", settled(CENTRE**2, CENTRE_MOMENT)),
        "quorum": Statement("the quorum variable", settled(QUORUM**2, QUORUM_MOMENT)),
        "mixed": Statement("their product", settled(CENTRE * QUORUM, QUORUM_MOMENT)),
        "spread": Statement(
            "the distances from the mean, as in QSGD", settled(SPREAD, SPREAD_MOMENT)
        ),
        "below": Statement(
            "the second moment of the mean is at most that of QSGD",
            at_most(CENTRE_MOMENT, MEAN_MOMENT),
        ),
    },
    assumptions=(Assumption("coupled", "the agents are coupled: k > 0", less(0, k)), REGULAR),
    setting={"drift": drift, "filtered": filtered, "noise": noise},
    system=Stacked((Diffusion(x, drift, noise), Diffusion(z, filtered, noiseless, sympy.S.One))),
    prove=prove,
    planted=(
        *coupling_errors("drift", drift, k),
        pull_error("drift", drift, lambda i, a: k * x[i, a], lambda i, a: k * mean(a)),
        *noise_errors("noise", noise),
        Planted(
            "the quorum variable has the second moment of the mean",
            statements={"quorum": settled(QUORUM**2, CENTRE_MOMENT)},
        ),
        Planted(
            "the quorum variable has the rate of one agent",
            setting={"filtered": lambda i, a: filtered(i, a) / p},
        ),
        Planted(
            "the coupling has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) - 2 * k * (z[1, a] - x[i, a])},
        ),
        Planted(
            "the gradient has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) + 2 * h * x[i, a]},
        ),
        Planted("no coupling", without=("coupled",)),
        Planted(
            "half the second moment of QSGD",
            statements={"below": at_most(CENTRE_MOMENT, MEAN_MOMENT / 2)},
        ),
    ),
    remarks=(
        "At k = 0 x~ does not move and keeps its start. The square of the second term of Theorem 5.2 is "
        "above E x•² + E x~² by a factor that grows as p; see theorem_5_2_without_metric."
    ),
)
