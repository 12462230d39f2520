"""Lemma 5.3: synchronized QSGD with momentum contracts (Boffi & Slotine 2020, eqs. (52)-(53)).

ẋ = v, v̇ = −∇f(x) − μ v with l <= ∇²f <= L, in the coordinates (αx, v + βx) with
α² = (l + L)/2 − β (μ − β) > 0, contracts at the rate

    λ_c = μ/2 − √( (μ/2 − β)² + (L − l)² / (16 α²) ),

exactly, attained where the Hessian has the eigenvalue l. It is positive exactly when
(√L − √l)²/4 < β (μ − β) < (√L + √l)²/4. As β (μ − β) <= μ²/4, such a β needs μ > √L − √l.
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
from theory.core.inequalities import root_at_least, roots
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most, equal, less
from theory.proofs.result import Planted, Result, Statement
from theory.symbols import damping as mu
from theory.symbols import metric_shift as beta
from theory.symbols import smoothness
from theory.symbols import strong_convexity as l

L = smoothness
x, v = sympy.symbols("x v", real=True)
f = sympy.Function("f", real=True)(x)
h = sympy.Symbol("h", real=True)
"""An eigenvalue of the Hessian of f."""

FLOW = (v, -sympy.diff(f, x) - mu * v)
INNER = beta * (mu - beta)
STRETCH = (l + L) / 2 - INNER
"""α²."""
LEAST = (sympy.sqrt(L) - sympy.sqrt(l)) ** 2 / 4
MOST = (sympy.sqrt(L) + sympy.sqrt(l)) ** 2 / 4


def metric(stretch: Any, beta: Any) -> Any:
    """Return Θ of the coordinates (αx, v + βx), given α²."""
    return sympy.Matrix([[sympy.sqrt(stretch), 0], [beta, 1]])


def jacobian(flow: Any, metric: Any) -> Any:
    """Return the generalized Jacobian along an eigenvector of the Hessian."""
    return generalized_jacobian(flow, (x, v), metric).subs(sympy.diff(f, x, 2), h)


SIDE = mu / 2 - beta
RADICAND = SIDE**2 + (L - l) ** 2 / (16 * STRETCH)
ROOT = sympy.sqrt(RADICAND)
RATE = mu / 2 - ROOT
METRIC = metric(STRETCH, beta)
ALONG = jacobian(FLOW, METRIC)

ORDER = Assumption("order", "the constants are ordered: l <= L", at_most(l, L))
CONVEX = Assumption(
    "strong convexity",
    "f is l-strongly convex: no eigenvalue of ∇²f is below l",
    at_most(l, h),
    through=(SPECTRAL,),
)
SMOOTH = Assumption(
    "smoothness",
    "f is L-smooth: no eigenvalue of ∇²f is above L",
    at_most(h, L),
    through=(SPECTRAL,),
)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Show −J − λ_c semidefinite at every eigenvalue between l and L, and singular at l."""
    real = {"given": {proof.assume("real metric"): L}}
    along = jacobian(model.flow, model.metric)
    upper = root_at_least(proof, SIDE, RADICAND, "root", **real)
    lower = root_at_least(proof, -SIDE, RADICAND, "root", **real)
    part = proof.at_most(0, RADICAND - SIDE**2, "a square over a positive number", **real)
    proof.at_most(0, sympy.expand(RADICAND), "the root is real", using={part: 1})
    first, second, whole = minors(along, RATE)
    position = proof.at_most(0, first, "position", using={upper: 1})
    velocity = proof.at_most(0, second, "velocity", using={lower: 1})
    between = proof.product(
        proof.assume("strong convexity"), proof.assume("smoothness"), "between l and L"
    )
    inside = proof.at_most(0, whole, "determinant", using={between: 1 / (4 * STRETCH)}, **real)

    least = along.subs(h, l)
    root = proof.equal(minors(least, RATE)[-1], 0, "the rate is a root of the polynomial")
    flat = proof.at_most(0, minors(least, RATE)[-1], "determinant at l", using={root: -1})
    attained = rate_at_least(proof, least, RATE, (position, velocity, flat))
    ordered = roots(proof, proof.assume("order"), "roots")
    return {
        "rate": rate_at_least(proof, along, RATE, (position, velocity, inside)),
        "exact": exact_rate(proof, attained, root),
        "sign": proof.equal(
            RATE * (mu / 2 + ROOT) * STRETCH,
            (INNER - LEAST) * (MOST - INNER),
            "difference of squares",
        ),
        "room": proof.at_most(INNER, mu**2 / 4, "two numbers of the sum μ", certificate=SIDE**2),
        "window": proof.at_most(
            MOST, L, "the window", using={ordered: (3 * sympy.sqrt(L) + sympy.sqrt(l)) / 4}
        ),
    }


def rate_stated(rate: Any) -> Relation:
    """Return that the flow contracts with at least a rate."""
    return at_most(rate, ContractionRate(ALONG))


RESULT = Result(
    name="lemma_5_3",
    number="Lemma 5.3, eq. (52)",
    source=BOFFI_SLOTINE,
    title="contraction of the synchronized flow with momentum",
    statements={
        "rate": Statement(
            "the flow contracts at least at the rate λ_c", rate_stated(RATE), value=RATE
        ),
        "exact": Statement(
            "λ_c is attained where the Hessian has the eigenvalue l",
            equal(ContractionRate(ALONG.subs(h, l)), RATE),
        ),
        "sign": Statement(
            "λ_c is positive exactly when β (μ − β) lies between (√L − √l)²/4 and (√L + √l)²/4",
            equal(RATE * (mu / 2 + ROOT) * STRETCH, (INNER - LEAST) * (MOST - INNER)),
        ),
        "room": Statement(
            "β (μ − β) is at most μ²/4, so that μ > √L − √l is needed", at_most(INNER, mu**2 / 4)
        ),
        "window": Statement("the window for β (μ − β) ends below L", at_most(MOST, L), value=MOST),
    },
    assumptions=(
        Assumption("real metric", "α is real and not zero", less(INNER, (l + L) / 2)),
        ORDER,
        CONVEX,
        SMOOTH,
    ),
    setting={"flow": FLOW, "metric": METRIC},
    prove=prove,
    planted=(
        Planted("the Euclidean metric", setting={"metric": sympy.eye(2)}),
        Planted("β of the wrong sign", setting={"metric": metric(STRETCH, -beta)}),
        Planted(
            "the damping has the wrong sign", setting={"flow": (v, -sympy.diff(f, x) + mu * v)}
        ),
        Planted(
            "the gradient has the wrong sign", setting={"flow": (v, sympy.diff(f, x) - mu * v)}
        ),
        Planted(
            "half of L − l under the root",
            statements={
                "rate": rate_stated(mu / 2 - sympy.sqrt(SIDE**2 + (L - l) ** 2 / (64 * STRETCH)))
            },
        ),
        Planted(
            "positive up to L",
            statements={
                "sign": equal(RATE * (mu / 2 + ROOT) * STRETCH, (INNER - LEAST) * (L - INNER))
            },
        ),
        Planted("the loss is not smooth", without=("smoothness",)),
        Planted("the loss is not convex", without=("strong convexity",)),
    ),
    remarks=(
        "Agents approach the synchronized flow by Lemma 3.2, so the whole converges at the smaller of "
        "both rates. A β with λ_c > 0 exists exactly when μ > √L − √l, which every constant metric "
        "needs: lemma_5_3_light_damping and lemma_5_3_heavy_damping give the best β and show that "
        "no constant metric does better. β = μ/2 is possible only for μ < √L + √l."
    ),
)
