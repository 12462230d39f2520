"""Stationary second moments of QSGD on a quadratic loss (beyond Boffi & Slotine 2020).

Along an eigenvector of H with the eigenvalue h, in which the noise of each agent has the variance σ² per
unit time (η/b is in it), dx^i = (−h x^i + k (x• − x^i)) dt + σ dW^i has in the long run

    E x•² = σ²/(2 p h),    E Σ_i (x^i − x•)² = (p − 1) σ²/(2 (h + k)).

On such a loss Q = 0 and λ̄ = −h, so (22) and the square of (47) are attained.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.expectation import Expectation, UpperLimit
from theory.core.long_run import ClosedMoment, moments_settle
from theory.core.moments import REGULAR, Diffusion, Generated
from theory.core.planting import coupling_errors, noise_errors
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, equal
from theory.proofs.result import Planted, Result, Statement
from theory.results.lemma_3_1 import mean, x
from theory.symbols import agents as p
from theory.symbols import coupling as k
from theory.symbols import hessian_eigenvalue as h
from theory.symbols import noise_size as sigma

i = sympy.Symbol("i", integer=True)
"""An agent: x[i, 1] is its coordinate along the eigenvector."""


def drift(i: Any, a: Any) -> Any:
    """Return −h x + k (x• − x)."""
    return -h * x[i, a] + k * (mean(a) - x[i, a])


def noise(i: Any, a: Any, c: Any) -> Any:
    """Return σ²."""
    return sigma**2 * sympy.KroneckerDelta(a, c)


CENTRE = mean(1)
APART = x[i, 1] - CENTRE
SPREAD = sympy.Sum(APART**2, (i, 1, p))
MEAN_MOMENT = sigma**2 / (2 * p * h)
SPREAD_MOMENT = (p - 1) * sigma**2 / (2 * (h + k))
AGENT_MOMENT = MEAN_MOMENT + SPREAD_MOMENT / p


def closed(proof: Proof, system: Generated, value: Any, speed: Any, source: Any) -> ClosedMoment:
    """Show that a moment obeys a closed equation."""
    exact = proof.equal(system.generator(value), source - speed * value, "a closed equation")
    return ClosedMoment(value, exact, proof.less(0, speed, "its rate"), source)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Find the equations of the moments of the mean, of the distances from it, and of their product."""
    system = Diffusion(x, model.drift, model.noise)
    one = sympy.S.One
    centre = closed(proof, system, CENTRE**2, 2 * h, sigma**2 / p)
    spread = closed(proof, system, SPREAD, 2 * (h + k), (p - 1) * sigma**2)
    apart = closed(proof, system, APART**2, 2 * (h + k), (1 - 1 / p) * sigma**2)
    mixed = closed(proof, system, APART * CENTRE, 2 * h + k, sympy.S.Zero)
    return {
        "mean": moments_settle(proof, system, CENTRE**2, [(one, centre)]),
        "spread": moments_settle(proof, system, SPREAD, [(one, spread)]),
        "agent": moments_settle(
            proof, system, x[i, 1] ** 2, [(one, centre), (2 * one, mixed), (one, apart)]
        ),
    }


def settled(value: Any, moment: Any) -> Relation:
    """Return the limit of an expected value."""
    return equal(UpperLimit(Expectation(value)), moment)


RESULT = Result(
    name="stationary_qsgd",
    number="Stationary moments of QSGD",
    source=BOFFI_SLOTINE,
    title="stationary second moments of QSGD on a quadratic loss",
    statements={
        "mean": Statement("the mean", settled(CENTRE**2, MEAN_MOMENT)),
        "spread": Statement("the distances from the mean", settled(SPREAD, SPREAD_MOMENT)),
        "agent": Statement("each agent", settled(x[i, 1] ** 2, AGENT_MOMENT)),
    },
    assumptions=(REGULAR,),
    setting={"drift": drift, "noise": noise},
    system=Diffusion(x, drift, noise),
    prove=prove,
    planted=(
        *coupling_errors("drift", drift, k),
        *noise_errors("noise", noise),
        Planted(
            "the mean has the noise of one agent",
            statements={"mean": settled(CENTRE**2, p * MEAN_MOMENT)},
        ),
        Planted(
            "the spread does not depend on the coupling",
            statements={"spread": settled(SPREAD, SPREAD_MOMENT.subs(k, 0))},
        ),
        Planted(
            "the gradient has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) + 2 * h * x[i, a]},
        ),
        Planted(
            "the coupling has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) - 2 * k * (mean(a) - x[i, a])},
        ),
        Planted("twice the noise", setting={"noise": lambda i, a, c: 2 * noise(i, a, c)}),
    ),
    remarks=(
        "For several eigenvectors of H that are those of the noise too, the moments add up; for others, "
        "and for large systems, theory.moments solves the Lyapunov equations in floating point."
    ),
)
