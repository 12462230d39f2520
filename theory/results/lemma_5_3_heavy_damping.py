"""Best constant metric for Lemma 5.3 with heavy damping, μ² >= L + 3l (beyond Boffi & Slotine 2020).

For ẋ = v, v̇ = −∇f(x) − μ v with l <= ∇²f <= L and l < L, no constant metric contracts faster than

    λ* = μ/2 − √(μ²/4 − l),

at which the flow with the constant Hessian l decays, and the metric of Lemma 5.3 with β (μ − β) =
(L + 3l)/4 contracts at the rate λ*. It is positive, however large L is.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.contraction import ContractionRate, minors, rate_at_least
from theory.core.inequalities import cancelled, root_above, root_at_least
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, less
from theory.proofs.result import Planted, Result, Statement
from theory.results.lemma_5_3 import CONVEX, FLOW, SMOOTH, L, f, jacobian, metric, v, x
from theory.results.lemma_5_3_light_damping import DEFINITE, contracts, length, r, y
from theory.symbols import damping as mu
from theory.symbols import strong_convexity as l

RADICAND = mu**2 / 4 - l
ROOT = sympy.sqrt(RADICAND)
RATE = mu / 2 - ROOT
INNER = (mu**2 - L - 3 * l) / 4
"""(μ/2 − β)²."""
METRIC = metric((L - l) / 4, mu / 2 - sympy.sqrt(INNER))
ALONG = jacobian(FLOW, METRIC)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Show the rate of the metric, and that the slowest direction at l bounds that of any other."""
    heavy, ordered = proof.assume("heavy damping"), proof.assume("order")
    enough = {"using": {heavy: sympy.Rational(1, 4), ordered: sympy.Rational(1, 4)}}
    outer = root_above(proof, sympy.S.Zero, RADICAND, "√(μ²/4 − l)", **enough)
    inner = root_at_least(
        proof, sympy.S.Zero, INNER, "μ/2 − β", using={heavy: sympy.Rational(1, 4)}
    )
    total = sympy.sqrt(INNER) + ROOT
    both = proof.less(0, total, "their sum", using={outer: 1, inner: 1})
    squares = proof.less(
        0,
        total * (ROOT - sympy.sqrt(INNER)),
        "their squares",
        using={ordered: sympy.Rational(1, 4)},
    )
    apart = cancelled(proof, both, 0, ROOT - sympy.sqrt(INNER), squares, "their difference")

    along = jacobian(model.flow, METRIC)
    position, velocity, whole = minors(along, RATE)
    between = proof.product(
        proof.assume("strong convexity"), proof.assume("smoothness"), "between l and L"
    )
    gap = proof.less(0, L - l, "L − l", using={ordered: 1})
    scaled = proof.at_most(0, (L - l) * whole, "determinant, times L − l", using={between: 1})
    signs = (
        proof.at_most(0, position, "position", using={apart: 1}),
        proof.at_most(0, velocity, "velocity", using={both: 1}),
        cancelled(proof, gap, 0, whole, scaled, "determinant"),
    )

    slow = length(-RATE)
    longer = proof.at_most(
        slow * r,
        slow * RATE,
        "the slowest direction at l",
        using={proof.assume("another metric at l", at={y: -RATE}): 1},
    )
    definite = proof.assume("positive definite", at={y: -RATE})
    below = proof.less(0, RATE * (mu / 2 + ROOT), "difference of squares")
    half = proof.less(0, mu / 2 + ROOT, "sum", using={outer: 1})
    return {
        "best": cancelled(proof, definite, r, RATE, longer, "no metric is faster"),
        "attained": rate_at_least(proof, along, RATE, signs),
        "positive": cancelled(proof, half, 0, RATE, below, "λ* is positive"),
    }


RESULT = Result(
    name="lemma_5_3_heavy_damping",
    number="Lemma 5.3, best metric, heavy damping",
    source=BOFFI_SLOTINE,
    title="the largest contraction rate with momentum in a constant metric, μ² >= L + 3l",
    statements={
        "best": Statement("no constant metric contracts faster than λ*", at_most(r, RATE)),
        "attained": Statement(
            "the metric of Lemma 5.3 with β (μ − β) = (L + 3l)/4 contracts at least at the rate λ*",
            at_most(RATE, ContractionRate(ALONG)),
            value=RATE,
            stable=l / (mu / 2 + ROOT),
        ),
        "positive": Statement("λ* is positive", less(0, RATE), value=RATE),
    },
    assumptions=(
        Assumption("heavy damping", "μ² >= L + 3l", at_most(L + 3 * l, mu**2)),
        Assumption("order", "the constants differ: l < L", less(l, L)),
        CONVEX,
        SMOOTH,
        contracts(l, "l"),
        DEFINITE,
    ),
    setting={"flow": FLOW},
    prove=prove,
    planted=(
        Planted("half λ*", statements={"best": at_most(r, RATE / 2)}),
        Planted(
            "twice λ*",
            statements={"attained": at_most(2 * RATE, ContractionRate(ALONG))},
        ),
        Planted(
            "the gradient has the wrong sign", setting={"flow": (v, sympy.diff(f, x) - mu * v)}
        ),
        Planted("the damping is not heavy", without=("heavy damping",)),
        Planted("another metric that need not contract", without=("another metric at l",)),
    ),
    remarks=(
        "The paper gives a condition for its metric; the best rate of all constant metrics is ours. "
        "With lemma_5_3_light_damping: a constant metric exists exactly when μ > √L − √l."
    ),
)
