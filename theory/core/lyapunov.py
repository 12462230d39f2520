"""Second moments that obey a Lyapunov equation: what they tend to."""

from collections.abc import Iterable
from typing import Any

import sympy

from theory.core.cited import DYNKIN, ROUTH_HURWITZ
from theory.core.expectation import Expectation, UpperLimit, is_random
from theory.core.moments import REGULAR, Generated
from theory.core.ornstein_uhlenbeck import stationary_covariance
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, equal, less


def hurwitz_conditions(matrix: Any) -> list[Any]:
    """Return the expressions that are all positive exactly when ẋ = A x is stable."""
    coefficients = sympy.Matrix(matrix).charpoly(sympy.Dummy("z")).all_coeffs()[1:]
    if len(coefficients) > 3:
        raise ProofError(
            f"the conditions are known here up to three rows, not {len(coefficients)}."
        )
    if len(coefficients) == 3:
        first, second, third = coefficients
        coefficients = [first, first * second - third, third]
    return [sympy.expand(one) for one in coefficients]


def second_moments_settle(
    proof: Proof, model: Generated, moments: Any, pull: Any, noise: Any, signs: Iterable[Fact]
) -> list[list[Fact]]:
    """Conclude lim E P = V, with A V + V Aᵀ + N = 0, from LP = A P + P Aᵀ + N and A stable.

    E P(t) = V + e^{At} (E P(0) − V) e^{Aᵀt} solves the linear equation that Dynkin's formula makes of
    the premise, and e^{At} vanishes.
    """
    signs, moments = list(signs), sympy.Matrix(moments)
    pull, noise = sympy.Matrix(pull), sympy.Matrix(noise)
    if is_random(pull) or is_random(noise):
        raise ProofError(f"{pull} and {noise} must be the same at all states.")
    for condition in hurwitz_conditions(pull):
        if not any(proof.holds(fact, less(0, condition)) for fact in signs):
            raise ProofError(f"0 < {condition} is needed and is not among the facts.")
    closed = proof.equal(
        moments.applyfunc(model.generator),
        pull * moments + moments * pull.T + noise,
        "the moments obey an equation of their own",
    )
    settled = stationary_covariance(-pull, noise)
    solved = proof.equal(
        pull * settled + settled * pull.T + noise,
        sympy.zeros(*noise.shape),
        "solution of the Lyapunov equation",
    )
    return [
        [
            proof.take(
                equal(UpperLimit(Expectation(moments[row, column])), settled[row, column]),
                "the moments tend to the solution of the Lyapunov equation",
                (closed, solved, *signs),
                cited=(DYNKIN, ROUTH_HURWITZ),
                required=(REGULAR,),
            )
            for column in range(moments.cols)
        ]
        for row in range(moments.rows)
    ]
