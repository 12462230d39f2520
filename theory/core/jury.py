"""Stability of linear maps x ← A x: Jury's conditions on the characteristic polynomial.

All eigenvalues lie inside the unit circle exactly when certain expressions in the coefficients are
all positive.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import sympy

from theory.core.cited import JURY
from theory.core.contraction import MatrixNumber
from theory.proofs.fact import Fact
from theory.proofs.failing import rule
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal, less
from theory.proofs.signs import is_nonnegative, is_positive


class SpectralRadius(MatrixNumber):
    """The largest modulus of the eigenvalues of a matrix; left unevaluated."""

    def _latex(self, printer: Any) -> str:
        return rf"\rho\left({printer.doprint(self.args[0])}\right)"


def conditions(matrix: Any) -> list[Any]:
    """Return the expressions that are all positive exactly when the map x ← A x is stable."""
    variable = sympy.Dummy("z")
    row = sympy.Matrix(matrix).charpoly(variable).all_coeffs()
    needed = []
    while len(row) > 3:
        lead, last = row[0], row[-1]
        needed.append(lead**2 - last**2)
        mirrored = row[::-1]
        row = [lead * one - last * other for one, other in zip(row, mirrored, strict=True)][:-1]
    at_one = sum(row)
    at_minus_one = sum(term * (-1) ** power for power, term in enumerate(row[::-1]))
    needed += [at_one, at_minus_one * (-1) ** (len(row) - 1)]
    if len(row) == 3:
        needed.append(row[0] - row[-1])
    return [sympy.factor(sympy.together(condition)) for condition in needed]


@rule
def stable(proof: Proof, matrix: Any, signs: Iterable[Fact]) -> Fact:
    """Conclude that a map is stable."""
    signs, bound = [*signs, *proof.real(*matrix)], less(SpectralRadius(matrix), 1)
    for condition in conditions(matrix):
        proof.demand_among(signs, less(0, condition))
    return proof.take(bound, "all conditions of Jury hold", signs, cited=(JURY,))


@rule
def unstable(proof: Proof, matrix: Any, fact: Fact, weights: Mapping[int, Any]) -> Fact:
    """Conclude that a map is not stable, as its conditions cannot all be positive."""
    if not all(map(is_nonnegative, weights.values())) or not any(
        map(is_positive, weights.values())
    ):
        raise ProofError(f"the weights {weights} must be non-negative, and one of them positive.")
    bound, needed = at_most(1, SpectralRadius(matrix)), conditions(matrix)
    if not {*weights} <= {*range(len(needed))}:
        raise ProofError(f"the weights {weights} are of conditions 0 to {len(needed) - 1}.")
    total = sum(weight * needed[place] for place, weight in weights.items())
    if not proof.holds(fact, less(total, 0)):
        proof.demand(fact, at_most(total, 0))
    words = "the conditions of Jury do not all hold"
    return proof.take(bound, words, (fact, *proof.real(*matrix)), cited=(JURY,))


@rule
def triangle(proof: Proof, matrix: Any) -> Fact:
    """Return sign(1 − SpectralRadius(A)) = sign(the least of the conditions), for two rows."""
    if sympy.Matrix(matrix).shape != (2, 2):
        raise ProofError("the triangle of stable maps is for matrices of two rows.")
    inside = sympy.sign(1 - SpectralRadius(matrix))
    least = sympy.Min(*conditions(matrix))
    return proof.take(
        equal(inside, sympy.sign(least)),
        "the triangle of stable maps",
        proof.real(*matrix),
        cited=(JURY,),
    )
