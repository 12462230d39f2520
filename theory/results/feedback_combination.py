"""Feedback combination: two contracting systems in a loop (Slotine 2003, example 3.8).

A generalized Jacobian with the symmetric part [[−A, G], [Gᵀ, −D]], A >= a I, D >= d I and ‖G‖ <= g,
contracts at least at the rate

    (a + d)/2 − √( ((a − d)/2)² + g² ),

which has the sign of a d − g² when a + d > 0. The quadratic form of the blocks is bounded by a form in
the lengths of the two parts of a vector, in which the mixed term is at most the geometric mean of two
squares.
"""

from typing import Any

import sympy

from theory.core.cited import OPERATOR_NORM, SLOTINE
from theory.core.inequalities import ordered_squares, root_at_least
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most, equal
from theory.proofs.result import Planted, Result, Statement
from theory.symbols import feedback_gain as g
from theory.symbols import first_rate as a
from theory.symbols import second_rate as d

u, w = sympy.symbols("u w", nonnegative=True)
"""The lengths of the two parts of a vector."""
own_first, own_second, cross = sympy.symbols("alpha delta gamma", real=True)
"""uᵀAu, wᵀDw and uᵀGw."""

FORM = own_first + own_second - 2 * cross
"""Minus the quadratic form of the symmetric part."""
HALF = (a + d) / 2
TILT = (a - d) / 2
RADICAND = TILT**2 + g**2
RATE = HALF - sympy.sqrt(RADICAND)


def stated(rate: Any) -> Relation:
    """Return that the form is at least a rate times the squared length of the vector."""
    return at_most(rate * (u**2 + w**2), FORM)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Bound the form by one in two numbers, and complete the square."""
    least = a * u**2 + d * w**2 - 2 * g * u * w
    blocks = proof.at_most(
        least,
        model.form,
        "block by block",
        using={
            proof.assume("first system"): 1,
            proof.assume("second system"): 1,
            proof.assume("gain"): 2,
        },
    )
    root, length = sympy.sqrt(RADICAND), u**2 + w**2
    first = root_at_least(proof, -TILT, RADICAND, "the rate of the first system alone")
    second = root_at_least(proof, TILT, RADICAND, "the rate of the second system alone")
    own = (root + TILT) * u**2 + (root - TILT) * w**2
    positive = proof.at_most(
        0, own, "the systems without the feedback", using={first: u**2, second: w**2}
    )
    squares = proof.at_most(
        (2 * g * u * w) ** 2,
        own**2,
        "(root + tilt) (root − tilt) = g²",
        certificate=((root + TILT) * u**2 - (root - TILT) * w**2) ** 2,
    )
    mixed = ordered_squares(proof, 2 * g * u * w, own, squares, positive, "the mixed term")
    reduced = proof.at_most(RATE * length, least, "the form in two numbers", using={mixed: 1})
    return {
        "rate": proof.chain(reduced, blocks),
        "sign": proof.equal(
            RATE * (HALF + sympy.sqrt(RADICAND)), a * d - g**2, "difference of squares"
        ),
    }


RESULT = Result(
    name="feedback_combination",
    number="Feedback combination",
    source=SLOTINE,
    title="contraction of two systems in a loop",
    statements={
        "rate": Statement(
            "the loop contracts at least at this rate",
            stated(RATE),
            value=RATE,
        ),
        "sign": Statement(
            "for a + d > 0 the rate is positive exactly when a d > g²",
            equal(RATE * (HALF + sympy.sqrt(RADICAND)), a * d - g**2),
        ),
    },
    assumptions=(
        Assumption("first system", "A >= a I", at_most(a * u**2, own_first)),
        Assumption("second system", "D >= d I", at_most(d * w**2, own_second)),
        Assumption("gain", "‖G‖ <= g", at_most(cross, g * u * w), through=(OPERATOR_NORM,)),
    ),
    setting={"form": FORM},
    prove=prove,
    planted=(
        Planted(
            "half the gain under the root",
            statements={"rate": stated(HALF - sympy.sqrt(TILT**2 + g**2 / 4))},
        ),
        Planted("the second system expands", setting={"form": own_first - own_second - 2 * cross}),
        Planted("no bound on the gain", without=("gain",)),
    ),
    remarks="A negative value shows no contraction.",
)
