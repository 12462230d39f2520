"""Contraction in a constant metric: Jacobians, and rates proved by semidefinite matrices.

ẋ = F(x) contracts in the metric ΘᵀΘ with the rate r when the symmetric part of Θ (∂F/∂x) Θ⁻¹ is at
most −r I at all points (Lohmiller & Slotine 1998).
"""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import sympy

from theory.proofs.fact import Fact
from theory.proofs.failing import rule
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal


class MatrixNumber(sympy.Expr):  # type: ignore[misc]
    """A real number that belongs to a matrix; left unevaluated."""

    is_real = True
    is_commutative = True

    def __new__(cls, matrix: Any) -> Any:
        """Return the number of a real square matrix."""
        matrix = sympy.Matrix(matrix)
        if matrix.rows != matrix.cols or matrix.has(sympy.I):
            raise ProofError(f"{matrix} must be square, and its entries real.")
        return sympy.Expr.__new__(cls, sympy.ImmutableMatrix(matrix))


class ContractionRate(MatrixNumber):
    """Minus the largest eigenvalue of the symmetric part of a matrix; left unevaluated."""

    def _latex(self, printer: Any) -> str:
        matrix = printer.doprint(symmetric_part(self.args[0]))
        return rf"-\lambda_{{\max}}\left({matrix}\right)"


def symmetric_part(matrix: Any) -> Any:
    """Return ½ (A + Aᵀ)."""
    return sympy.ImmutableMatrix((matrix + matrix.T) / 2)


def generalized_jacobian(field: Sequence[Any], state: Sequence[Any], metric: Any) -> Any:
    """Return Θ (∂F/∂x) Θ⁻¹ for a constant Θ."""
    jacobian = sympy.Matrix(field).jacobian(sympy.Matrix(state))
    changed = sympy.Matrix(metric) * jacobian * sympy.Matrix(metric).inv()
    return sympy.ImmutableMatrix(changed.applyfunc(lambda entry: sympy.expand(sympy.cancel(entry))))


def minors(matrix: Any, rate: Any) -> list[Any]:
    """Return the principal minors of −(sym A) − r I, by size: the conditions of `rate_at_least`."""
    below = -symmetric_part(matrix) - rate * sympy.eye(matrix.rows)
    chosen = [
        rows
        for size in range(1, matrix.rows + 1)
        for rows in itertools.combinations(range(matrix.rows), size)
    ]
    return [sympy.expand(below.extract(list(rows), list(rows)).det()) for rows in chosen]


@rule
def rate_at_least(proof: Proof, matrix: Any, rate: Any, signs: Iterable[Fact]) -> Fact:
    """Conclude that a matrix contracts with at least a rate.

    −(sym A) − r I is positive semidefinite as all its principal minors are non-negative
    (Sylvester's criterion).
    """
    signs, bound = [*signs, *proof.real(*matrix)], at_most(rate, ContractionRate(matrix))
    for minor in minors(matrix, rate):
        proof.demand_among(signs, at_most(0, minor))
    return proof.take(bound, "Sylvester's criterion: no minor is negative", signs)


@rule
def exact_rate(proof: Proof, bound: Fact, singular: Fact) -> Fact:
    """Conclude that a rate is attained."""
    rate, attained = bound.relation.left, bound.relation.right
    if not isinstance(attained, ContractionRate):
        raise ProofError(f"{attained} is not the rate of a matrix.")
    proof.demand(bound, at_most(rate, attained))
    proof.demand(singular, equal(minors(attained.args[0], rate)[-1], 0))
    words = "a semidefinite matrix without inverse has the eigenvalue 0"
    return proof.take(equal(attained, rate), words, (bound, singular))
