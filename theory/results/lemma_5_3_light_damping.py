"""Best constant metric for Lemma 5.3 with light damping, μ² <= L + 3l (beyond Boffi & Slotine 2020).

For ẋ = v, v̇ = −∇f(x) − μ v with l <= ∇²f <= L and l < L, no constant metric contracts faster than

    λ* = μ/2 − (L − l) / ( 2 √(2 (l + L) − μ²) ),

and the metric of Lemma 5.3 with β = μ/2 contracts at the rate λ*. It is positive exactly when μ > √L −
√l: below that, no constant metric shows contraction. The proof takes two directions that the
shifted flows at l and at L map to each other, u to √l' w and w to −√L' u: in any metric one of the
two then decays at most at the rate λ*.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.contraction import ContractionRate, minors, rate_at_least
from theory.core.inequalities import cancelled, root_above
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal, less
from theory.proofs.result import Planted, Result, Statement
from theory.results.lemma_5_3 import CONVEX, FLOW, SMOOTH, L, f, jacobian, metric, v, x
from theory.symbols import damping as mu
from theory.symbols import strong_convexity as l

r, y = sympy.symbols("r y", real=True)
"""The rate of another metric, and a direction (1, y)."""
first, cross, last = sympy.symbols("m_11 m_12 m_22", real=True)
"""The entries of another metric."""

SQUARE = 2 * (l + L) - mu**2
"""ρ²."""
RHO = sympy.sqrt(SQUARE)
LOSS = (L - l) / (2 * RHO)
RATE = mu / 2 - LOSS
ABOVE, BELOW = 3 * L + l - mu**2, L + 3 * l - mu**2
"""2ρ times the roots of the shifted constants L' = L − λ* (μ − λ*) and l'."""
METRIC = metric(SQUARE / 4, mu / 2)
ALONG = jacobian(FLOW, METRIC)

PRODUCT = 4 * SQUARE * RATE * (mu / 2 + LOSS)
"""A number of the sign of λ*."""


def difference(factor: Any) -> Any:
    """Return (μ² − factor · (√L − √l)²) ((√L + √l)² − μ²)."""
    narrow, wide = (sympy.sqrt(L) - sympy.sqrt(l)) ** 2, (sympy.sqrt(L) + sympy.sqrt(l)) ** 2
    return (mu**2 - factor * narrow) * (wide - mu**2)


def length(y: Any) -> Any:
    """Return the square of (1, y) in the other metric."""
    return first + 2 * cross * y + last * y**2


def growth(flow: Any, y: Any, h: Any) -> Any:
    """Return half the growth of `length` along (1, y), where the Hessian has the eigenvalue h."""
    along = sympy.Matrix(flow).jacobian([x, v]).subs(sympy.diff(f, x, 2), h)
    direction = sympy.Matrix([1, y])
    return (direction.T * sympy.Matrix([[first, cross], [cross, last]]) * along * direction)[0]


def contracts(h: Any, words: str) -> Assumption:
    """Return that the other metric contracts with the rate r at an eigenvalue."""
    return Assumption(
        f"another metric at {words}",
        f"another metric contracts with the rate r where the Hessian has the eigenvalue {words}",
        at_most(growth(FLOW, y, h), -r * length(y)),
        over=(y,),
    )


DEFINITE = Assumption(
    "positive definite",
    "the other metric is positive definite",
    less(0, length(y)),
    over=(y,),
)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Show the rate for β = μ/2, and that no other metric has a larger one."""
    light, ordered = proof.assume("light damping"), proof.assume("order")
    square = proof.less(0, SQUARE, "ρ²", using={light: 1, ordered: 1})
    rho = root_above(proof, sympy.S.Zero, SQUARE, "ρ", using={light: 1, ordered: 1})
    one = proof.less(0, 1, "one")
    inverse = cancelled(proof, rho, 0, 1 / RHO, one, "1/ρ")
    inverse_square = cancelled(proof, square, 0, 1 / SQUARE, one, "1/ρ²")

    along = jacobian(model.flow, METRIC)
    position, velocity, whole = minors(along, RATE)
    loss = proof.product(ordered, inverse, "the effect of L − l")
    signs = [
        proof.at_most(0, position, "position", using={loss: sympy.S.Half}),
        proof.at_most(0, velocity, "velocity", using={loss: sympy.S.Half}),
    ]
    between = proof.product(
        proof.assume("strong convexity"), proof.assume("smoothness"), "between l and L"
    )
    scaled = proof.product(between, inverse_square, "between l and L, over ρ²")
    signs.append(proof.at_most(0, whole, "determinant", using={scaled: 1}))

    one_way, other_way = BELOW / (2 * RHO) - RATE, -ABOVE / (2 * RHO) - RATE
    above = proof.less(0, ABOVE, "L' is positive", using={light: 1, ordered: 2})
    below = proof.at_most(0, BELOW, "l' is not negative", using={light: 1})
    weight = ABOVE * length(one_way) + BELOW * length(other_way)
    positive = proof.less(
        0,
        weight,
        "both lengths",
        using={
            proof.product(above, proof.assume("positive definite", at={y: one_way}), "one"): 1,
            proof.product(below, proof.assume("positive definite", at={y: other_way}), "other"): 1,
        },
        certificate=0,
    )
    at_l = proof.assume("another metric at l", at={y: one_way})
    at_L = proof.assume("another metric at L", at={y: other_way})
    turned = proof.at_most(
        weight * r,
        weight * RATE,
        "the flows map each direction to the other",
        using={proof.product(above, at_l, "at l"): 1, proof.product(below, at_L, "at L"): 1},
        certificate=0,
    )
    return {
        "best": cancelled(proof, positive, r, RATE, turned, "no metric is faster"),
        "attained": rate_at_least(proof, along, RATE, signs),
        "sign": proof.equal(PRODUCT, difference(1), "difference of squares"),
    }


RESULT = Result(
    name="lemma_5_3_light_damping",
    number="Lemma 5.3, best metric, light damping",
    source=BOFFI_SLOTINE,
    title="the largest contraction rate with momentum in a constant metric, μ² <= L + 3l",
    statements={
        "best": Statement("no constant metric contracts faster than λ*", at_most(r, RATE)),
        "attained": Statement(
            "the metric of Lemma 5.3 with β = μ/2 contracts at least at the rate λ*",
            at_most(RATE, ContractionRate(ALONG)),
            value=RATE,
        ),
        "sign": Statement("λ* is positive exactly when μ > √L − √l", equal(PRODUCT, difference(1))),
    },
    assumptions=(
        Assumption("light damping", "μ² <= L + 3l", at_most(mu**2, L + 3 * l)),
        Assumption("order", "the constants differ: l < L", less(l, L)),
        CONVEX,
        SMOOTH,
        contracts(l, "l"),
        contracts(L, "L"),
        DEFINITE,
    ),
    setting={"flow": FLOW},
    prove=prove,
    planted=(
        Planted(
            "a smaller bound on the rate",
            statements={"best": at_most(r, mu / 2 - 2 * LOSS)},
        ),
        Planted(
            "a larger rate than the metric attains",
            statements={"attained": at_most(mu / 2 - LOSS / 2, ContractionRate(ALONG))},
        ),
        Planted(
            "positive from half of √L − √l on",
            statements={"sign": equal(PRODUCT, difference(sympy.Rational(1, 4)))},
        ),
        Planted(
            "the gradient has the wrong sign", setting={"flow": (v, sympy.diff(f, x) - mu * v)}
        ),
        Planted("the damping is not light", without=("light damping",)),
        Planted("another metric contracts at l alone", without=("another metric at L",)),
    ),
    remarks=(
        "The paper gives a condition for its metric; the best rate of all constant metrics is ours. "
        "It solves μ − 2λ = √(L − λ(μ − λ)) − √(l − λ(μ − λ)). It bounds every constant metric for n "
        "coordinates too, when the Hessian takes both l and L along one direction: restricted to "
        "position and velocity along it, the metric is one of those here."
    ),
)
