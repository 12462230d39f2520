"""Lemma 5.2: the synchronized EASGD flow contracts (Boffi & Slotine 2020, eq. (50)).

ẋ = −∇f(x) + k (z − x), ż = k p (x − z) with f l-strongly convex contracts in the metric of
Θ = diag(√p I, I), at the rate

    λ_E = (l + k + kp)/2 − √( ((l + k − kp)/2)² + k² p ).

The metric makes the coupling symmetric. The rate is exact for it, where the Hessian has the eigenvalue
l; it is positive for every l > 0 and below l p / (p + 1), its limit for large k.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE, SPECTRAL
from theory.core.contraction import (
    ContractionRate,
    exact_rate,
    generalized_jacobian,
    minors,
    rate_at_least,
)
from theory.core.inequalities import root_above, root_below
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal, less
from theory.proofs.result import Planted, Result, Statement
from theory.symbols import agents as p
from theory.symbols import coupling as k
from theory.symbols import strong_convexity as l

x, z = sympy.symbols("x z", real=True)
f = sympy.Function("f", real=True)(x)
h = sympy.Symbol("h", real=True)
"""An eigenvalue of the Hessian of f."""

FLOW = (-sympy.diff(f, x) + k * (z - x), k * p * (x - z))
METRIC = sympy.diag(sympy.sqrt(p), 1)


def jacobian(flow: Any, metric: Any) -> Any:
    """Return the generalized Jacobian along an eigenvector of the Hessian."""
    return generalized_jacobian(flow, (x, z), metric).subs(sympy.diff(f, x, 2), h)


HALF = (l + k + k * p) / 2
RADICAND_SIDE = (l + k - k * p) / 2
RADICAND = RADICAND_SIDE**2 + k**2 * p
RATE = HALF - sympy.sqrt(RADICAND)
LIMIT = l * p / (p + 1)
ALONG = jacobian(FLOW, METRIC)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Show −J − λ_E semidefinite at h = l, then at every h above."""
    convex, coupled = proof.assume("strong convexity"), proof.assume("coupled")
    linked = {"given": {coupled: k}}
    along = jacobian(model.flow, model.metric)
    least = along.subs(h, l)
    proof.at_most(0, sympy.expand(RADICAND), "the root is real", certificate=RADICAND)

    upper = root_above(proof, RADICAND_SIDE, RADICAND, "root", **linked)
    lower = root_above(proof, -RADICAND_SIDE, RADICAND, "root", **linked)
    first, second, whole = minors(least, RATE)
    agent = proof.at_most(0, first, "agents at the least eigenvalue", using={lower: 1})
    quorum = proof.at_most(0, second, "quorum variable", using={upper: 1})
    root = proof.equal(whole, 0, "the rate is a root of the characteristic polynomial")
    flat = proof.at_most(0, whole, "determinant at the least eigenvalue", using={root: -1})
    attained = rate_at_least(proof, least, RATE, (agent, quorum, flat))

    first, _, whole = minors(along, RATE)
    steeper = proof.product(convex, quorum, "more convexity, more determinant")
    signs = (
        proof.at_most(0, first, "agents", using={agent: 1, convex: 1}),
        quorum,
        proof.at_most(0, whole, "determinant", using={flat: 1, steeper: 1}),
    )

    below_half = root_below(proof, RADICAND, HALF, "root against half the trace", **linked)
    near = root_above(proof, HALF - LIMIT, RADICAND, "root against the limit", **linked)
    return {
        "rate": rate_at_least(proof, along, RATE, signs),
        "exact": exact_rate(proof, attained, root),
        "positive": proof.less(0, RATE, "the rate is positive", using={below_half: 1}),
        "limit": proof.less(RATE, LIMIT, "the rate is below its limit", using={near: 1}),
    }


RESULT = Result(
    name="lemma_5_2",
    number="Lemma 5.2, eq. (50)",
    source=BOFFI_SLOTINE,
    title="contraction of the synchronized EASGD flow",
    statements={
        "rate": Statement(
            "the flow contracts at least at the rate λ_E",
            at_most(RATE, ContractionRate(ALONG)),
            value=RATE,
            stable=l * k * p / (HALF + sympy.sqrt(RADICAND)),
        ),
        "exact": Statement(
            "λ_E is attained where the Hessian has the eigenvalue l",
            equal(ContractionRate(ALONG.subs(h, l)), RATE),
        ),
        "positive": Statement("λ_E is positive for every l > 0", less(0, RATE)),
        "limit": Statement("λ_E is below l p / (p + 1)", less(RATE, LIMIT)),
    },
    assumptions=(
        Assumption("coupled", "the agents are coupled: k > 0", less(0, k)),
        Assumption(
            "strong convexity",
            "f is l-strongly convex: no eigenvalue h of ∇²f is below l",
            at_most(l, h),
            through=(SPECTRAL,),
        ),
    ),
    setting={"flow": FLOW, "metric": METRIC},
    prove=prove,
    planted=(
        Planted("the Euclidean metric", setting={"metric": sympy.eye(2)}),
        Planted("the loss is not convex", without=("strong convexity",)),
        Planted("no coupling", without=("coupled",)),
        Planted(
            "the coupling has the wrong sign",
            setting={"flow": (-sympy.diff(f, x) - k * (z - x), k * p * (x - z))},
        ),
        Planted(
            "the quorum variable has the rate of one agent",
            setting={"flow": (-sympy.diff(f, x) + k * (z - x), k * (x - z))},
        ),
        Planted(
            "twice the coupling under the root",
            statements={
                "rate": at_most(HALF - sympy.sqrt(RADICAND + k**2 * p), ContractionRate(ALONG))
            },
        ),
        Planted("a limit of l / 2", statements={"limit": less(RATE, l / 2)}),
    ),
    remarks="The paper states the lower bound; that it is exact and its limit l p / (p + 1) are ours.",
)
