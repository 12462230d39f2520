"""Contraction rates: every principal minor counts."""

import pytest
import sympy

from theory.core.contraction import (
    ContractionRate,
    exact_rate,
    generalized_jacobian,
    minors,
    rate_at_least,
    symmetric_part,
)
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError

a = sympy.Symbol("a", positive=True)


def test_the_symmetric_part() -> None:
    assert symmetric_part(sympy.Matrix([[1, 4], [0, 1]])) == sympy.Matrix([[1, 2], [2, 1]])


def test_rates() -> None:
    matrix = sympy.Matrix([[-3, 4], [0, -3]])
    proof = Proof([])
    one = sympy.Integer(1)
    signs = [proof.at_most(0, minor, "minor") for minor in minors(matrix, one)]
    bound = rate_at_least(proof, matrix, one, signs)
    singular = proof.equal(minors(matrix, one)[-1], 0, "singular")
    assert exact_rate(proof, bound, singular).relation.left == ContractionRate(matrix)
    with pytest.raises(ProofError, match="is needed"):
        rate_at_least(proof, matrix, sympy.Integer(2), signs)
    with pytest.raises(ProofError, match="is needed"):
        exact_rate(proof, bound, signs[0])


def test_a_negative_diagonal_is_not_overlooked() -> None:
    """Both diagonal entries of −A − rI are −1: the determinant alone would pass."""
    matrix, proof = sympy.eye(2), Proof([])
    determinant = proof.at_most(0, 1, "determinant")
    with pytest.raises(ProofError, match="is needed"):
        rate_at_least(proof, matrix, sympy.S.Zero, [determinant])


def test_the_metric_changes_the_jacobian() -> None:
    u, v = sympy.symbols("u v")
    changed = generalized_jacobian([-u + a * v, -v], [u, v], sympy.diag(1, a))
    assert changed == sympy.Matrix([[-1, 1], [0, -1]])
