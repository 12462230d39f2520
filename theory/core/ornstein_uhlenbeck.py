"""Averages over time of linear equations with constant noise (Ornstein and Uhlenbeck).

For dx = −A x dt + σ dW, with any number of agents and coordinates, the average of U comes from a
linear function of the state whose drift is −U.
"""

from typing import Any

import sympy

from theory.core.cited import LEVY, SLUTSKY
from theory.core.equalities import demand_equation
from theory.core.expectation import OfSolutions, demand_always
from theory.core.moments import DriftOf, VarianceOf
from theory.proofs.fact import Assumption, Fact
from theory.proofs.failing import rule
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, equal
from theory.symbols import time

CONSTANT_NOISE = Assumption(
    "constant noise", "the covariance of the noise is the same at all states and times"
)
SETTLED = Assumption(
    "bounded second moments",
    "the equation has a solution for all times, whose second moments stay bounded; for linear "
    "drifts: all eigenvalues of the drift have negative real parts",
)


class LongRunVariance(OfSolutions):
    """The variance of the limit law of √t times the average over times up to t; unevaluated."""

    nargs = 1

    def _latex(self, printer: Any) -> str:
        inside = printer.doprint(self.args[0])
        return (
            rf"\lim_{{t \to \infty}} \mathrm{{Var}} \frac{{1}}{{\sqrt{{t}}}} \int_0^t {inside}\,ds"
        )


def is_linear(expression: Any, *states: Any) -> bool:
    """Return whether an expression is of first degree in the vectors state[i, a], taken together."""
    place = sympy.Dummy("i", integer=True), sympy.Dummy("a", integer=True)
    slopes = [sympy.diff(expression, state[place]) for state in states]
    return bool(expression.has(*states)) and not any(slope.has(*states) for slope in slopes)


@rule
def long_run_variance(
    proof: Proof, state: Any, value: Any, solution: Any, drift: Fact, noise: Fact
) -> Fact:
    """Conclude that the time average of U is asymptotically normal, from a W whose drift is −U.

    W(t) − W(0) + ∫ U is a martingale with the variance s t, hence a Wiener process of that variance;
    over √t, W(t) and W(0) vanish.
    """
    variance = noise.relation.right
    proof.demand(drift, equal(DriftOf(solution), -value))
    proof.demand(noise, equal(VarianceOf(solution), variance))
    demand_always(proof, drift, noise)
    states = {state, *drift.dynamics}
    if not is_linear(solution, *states) or variance.has(*states, time):
        raise ProofError(f"{solution} must be linear in {state}, and {variance} free of it.")
    return proof.take(
        equal(LongRunVariance(value), variance),
        "a martingale with variance s t is a Wiener process; the rest vanishes over √t",
        (drift, noise),
        cited=(LEVY, SLUTSKY),
        required=(CONSTANT_NOISE, SETTLED),
    )


@rule
def under_sum(proof: Proof, fact: Fact, factor: Any, index: Any, upper: Any) -> Fact:
    """Multiply an equation by a factor and add it up over an index."""
    demand_equation(fact)
    relation = equal(factor * fact.relation.left, factor * fact.relation.right)
    scaled = proof.take(relation, "multiplied", (fact, *proof.defined(factor)))
    return proof.sum_over(scaled, index, upper, "added up")
