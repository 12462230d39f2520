"""Hierarchical combination: one contracting system is the input of another (Lohmiller & Slotine 1998).

ẋ = F(x, t) contracts with the rate a, ẏ = H(x, y, t) contracts in y with the rate d, ‖∂H/∂x‖ <= g. In
the metric of Θ = diag(I, θ I) the two together contract at least with the rate

    (a + d)/2 − √( ((a − d)/2)² + (θ g/2)² ) >= min(a, d) − θ g/2,

so with every rate below min(a, d), however large g is. Without feedback, the scale of y can be chosen to
make the link arbitrarily weak; then the feedback combination applies.
"""

from typing import Any

import sympy

from theory.core.cited import OPERATOR_NORM, SLOTINE
from theory.core.contraction import generalized_jacobian, symmetric_part
from theory.core.inequalities import root_at_most
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most
from theory.proofs.result import Planted, Result, Statement
from theory.results import feedback_combination as feedback
from theory.results.feedback_combination import u, w
from theory.symbols import feedback_gain as g
from theory.symbols import first_rate as a
from theory.symbols import metric_scale as theta
from theory.symbols import second_rate as d

x, y = sympy.symbols("x y", real=True)
first, second, link = sympy.symbols("A D G", real=True)
"""The blocks of the Jacobian along the parts of a vector: uᵀAu = A ‖u‖², wᵀGu = G ‖u‖ ‖w‖."""

FIELDS = (-first * x, link * x - second * y)
HALF, TILT = (a + d) / 2, (a - d) / 2
RATE = HALF - sympy.sqrt(TILT**2 + (theta * g / 2) ** 2)
LIMIT = HALF - sympy.Abs(TILT) - theta * g / 2
"""min(a, d) − θ g/2."""


def form(fields: Any) -> Any:
    """Return minus the quadratic form of the generalized Jacobian."""
    lengths = sympy.Matrix([u, w])
    jacobian = symmetric_part(generalized_jacobian(fields, (x, y), sympy.diag(1, theta)))
    return sympy.expand(-(lengths.T * jacobian * lengths)[0])


def stated(speed: Any) -> Relation:
    """Return that the form is at least a rate times the squared length of the vector."""
    return at_most(speed * (u**2 + w**2), form(FIELDS))


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Use the feedback combination, with the gain in the scaled coordinates."""
    cross = theta / 2 * link * u * w
    looped = lemma(
        proof,
        feedback.RESULT,
        "rate",
        at={
            g: theta * g / 2,
            feedback.own_first: first * u**2,
            feedback.own_second: second * w**2,
            feedback.cross: cross,
        },
        discharging={
            "first system": proof.at_most(
                a * u**2, first * u**2, "A", using={proof.assume("first block"): u**2}
            ),
            "second system": proof.at_most(
                d * w**2, second * w**2, "D", using={proof.assume("second block"): w**2}
            ),
            "gain": proof.at_most(
                cross, theta * g / 2 * u * w, "G", using={proof.assume("link"): theta / 2 * u * w}
            ),
        },
    )
    identified = proof.equal(
        looped.relation.right, form(model.fields), "the form of the generalized Jacobian"
    )
    root = root_at_most(
        proof,
        TILT**2 + (theta * g / 2) ** 2,
        sympy.Abs(TILT) + theta * g / 2,
        "the root is at most the sum",
    )
    return {
        "rate": proof.chain(looped, identified),
        "limit": proof.at_most(LIMIT, RATE, "the root of a sum of squares", using={root: 1}),
    }


RESULT = Result(
    name="hierarchical_combination",
    number="Hierarchical combination",
    source=SLOTINE,
    title="contraction of a system with another one as input",
    statements={
        "rate": Statement(
            "the two contract at least at this rate in the metric of diag(I, θ I)",
            stated(RATE),
            value=RATE,
        ),
        "limit": Statement(
            "the rate is at least min(a, d) − θ g/2, written with |a − d|, so it tends to min(a, d)",
            at_most(LIMIT, RATE),
        ),
    },
    assumptions=(
        Assumption("first block", "A >= a I", at_most(a, first)),
        Assumption("second block", "D >= d I", at_most(d, second)),
        Assumption("link", "‖∂H/∂x‖ <= g", at_most(link, g), through=(OPERATOR_NORM,)),
    ),
    setting={"fields": FIELDS},
    prove=prove,
    planted=(
        Planted(
            "the limit of the rate at every θ", statements={"rate": stated(HALF - sympy.Abs(TILT))}
        ),
        Planted(
            "more than the limit",
            statements={"limit": at_most(LIMIT + theta * g / 4, RATE)},
        ),
        Planted("the link is unbounded", without=("link",)),
        Planted(
            "the second system expands", setting={"fields": (-first * x, link * x + second * y)}
        ),
        Planted(
            "there is feedback from the second system",
            setting={"fields": (-first * x + link * y, link * x - second * y)},
        ),
    ),
    remarks=(
        "The metric has the condition number max(θ, 1/θ), which enters the bounds on "
        "distances: they may grow before they decay."
    ),
)
