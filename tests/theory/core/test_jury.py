"""Jury's conditions against eigenvalues, and the rules refusing premises that do not fit."""

import numpy as np
import pytest
import sympy

from theory.core.jury import SpectralRadius, conditions, stable, triangle, unstable
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError

a = sympy.Symbol("a", positive=True)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_the_conditions_are_positive_exactly_when_all_eigenvalues_are_inside(size: int) -> None:
    last = sympy.symbols(f"m:{size}", real=True)
    companion = sympy.Matrix(size, size, lambda row, column: int(column == row + 1))
    companion[size - 1, :] = sympy.Matrix([last])
    numbers = sympy.lambdify(last, conditions(companion))
    rng = np.random.default_rng(3)
    seen = set()
    for _ in range(400):
        coefficients = rng.normal(size=size)
        roots = np.roots([1.0, *-coefficients[::-1]])
        inside = bool(abs(roots).max() < 1.0)
        assert (min(numbers(*coefficients)) > 0.0) == inside
        seen.add(inside)
    assert seen == {True, False}


def test_stability_needs_every_condition() -> None:
    proof, matrix = Proof([]), sympy.Matrix([[0, 1], [-a / (1 + a), 0]])
    signs = [proof.less(0, condition, "") for condition in conditions(matrix)]
    assert stable(proof, matrix, signs).relation.left == SpectralRadius(matrix)
    with pytest.raises(ProofError, match="is needed"):
        stable(proof, matrix, signs[:2])


def test_an_edge_is_not_stable() -> None:
    proof, rotation = Proof([]), sympy.Matrix([[0, 1], [-1, 0]])
    edge = proof.at_most(conditions(rotation)[2], 0, "on the edge")
    assert unstable(proof, rotation, edge, {2: sympy.S.One}).relation.right == SpectralRadius(
        rotation
    )
    with pytest.raises(ProofError, match="is needed"):
        unstable(proof, rotation, edge, {1: sympy.S.One})


def test_the_weights_of_conditions_are_not_negative_and_not_all_zero() -> None:
    proof, calm = Proof([]), sympy.Matrix([[0, 1], [0, 0]])
    negative = proof.less(-sum(conditions(calm)), 0, "minus what is positive")
    nothing = proof.at_most(0, 0, "nothing")
    with pytest.raises(ProofError, match="must be non-negative"):
        unstable(proof, calm, negative, dict.fromkeys(range(3), sympy.S.NegativeOne))
    with pytest.raises(ProofError, match="must be non-negative"):
        unstable(proof, calm, nothing, {0: sympy.S.Zero})


def test_the_triangle_is_for_two_rows() -> None:
    with pytest.raises(ProofError, match="two rows"):
        triangle(Proof([]), sympy.eye(3))
