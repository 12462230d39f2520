"""Gradients between two points, largest values, stacked equations: what the rules refuse."""

from typing import Any

import pytest
import sympy

from theory.core.inequalities import (
    above_smallest,
    absolute_at_most,
    below_largest,
    decayed,
    exponentials,
    largest_at_most,
    ordered_squares,
    root_at_least,
)
from theory.core.taylor import Point, hessian_form
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most

h, y, z = sympy.symbols("h y z", real=True)
c = sympy.Symbol("c", nonnegative=True)
x, g = sympy.IndexedBase("x", real=True), sympy.IndexedBase("g", real=True)
HERE = Point(lambda a: x[1, a], lambda a: g[1, a])
THERE = Point(lambda a: x[2, a], lambda a: g[2, a])


def granted(*relations: tuple[Any, Any]) -> tuple[Proof, list[Fact]]:
    proof = Proof([Assumption(str(i), "", at_most(*sides)) for i, sides in enumerate(relations)])
    return proof, [proof.assume(str(i)) for i in range(len(relations))]


def test_the_form_of_the_mean_hessian() -> None:
    proof, (most, least) = granted((1 - 2 * h, c), (-c, 1 - 2 * h))
    fact = hessian_form(proof, HERE, THERE, lambda a: x[3, a], most, least, h)
    a, n = (
        sympy.Symbol("a", integer=True),
        sympy.Symbol("n", integer=True, positive=True, real=True),
    )
    step, change = x[1, a] - x[2, a], g[1, a] - g[2, a]
    total = sympy.Sum(x[3, a] * (step - 2 * change), (a, 1, n))
    lengths = [sympy.sqrt(sympy.Sum(v**2, (a, 1, n))) for v in (step, x[3, a])]
    assert proof.holds(fact, at_most(total, c * lengths[0] * lengths[1]))
    assert {one.name for one in fact.cites} >= {"mean Hessian along a segment", "operator norm"}


def test_both_sides_and_a_linear_function_are_needed() -> None:
    proof, (most, square, below) = granted((h, c), (h**2, c), (-c, h**2))
    with pytest.raises(ProofError, match="is needed"):
        hessian_form(proof, HERE, THERE, lambda a: x[3, a], most, most, h)
    with pytest.raises(ProofError, match="linear function"):
        hessian_form(proof, HERE, THERE, lambda a: x[3, a], square, below, h)


def test_largest_values() -> None:
    proof, (one, other, negative) = granted((y, c), (z, c), (-y, c))
    assert largest_at_most(proof, [one, other]).relation == at_most(sympy.Max(y, z), c)
    assert absolute_at_most(proof, one, negative).relation == at_most(sympy.Abs(y), c)
    with pytest.raises(ProofError, match="is needed"):
        absolute_at_most(proof, one, other)
    with pytest.raises(ProofError, match="is needed"):
        largest_at_most(proof, [one, proof.at_most(z, z + 1, "another bound")])
    with pytest.raises(ProofError, match="none of the values"):
        below_largest(proof, h, sympy.Max(y, z))


def test_squares_forget_the_sign() -> None:
    proof, (squares, sign) = granted((y**2, z**2), (0, z))
    assert ordered_squares(proof, y, z, squares, sign, "").relation == at_most(y, z)
    with pytest.raises(ProofError, match="is needed"):
        ordered_squares(proof, y, -z, squares, sign, "z may be positive")
    root_at_least(proof, y, y**2 + c, "of any sign")
    with pytest.raises(ProofError, match="is open"):
        root_at_least(proof, y, y**2 - c, "too small")


def test_smallest_values() -> None:
    proof = Proof([])
    assert above_smallest(proof, y, sympy.Min(y, z)).relation == at_most(sympy.Min(y, z), y)
    with pytest.raises(ProofError, match="none of the values"):
        above_smallest(proof, h, sympy.Min(y, z))


def test_exponentials_keep_the_order() -> None:
    proof, (below,) = granted((y, z))
    assert exponentials(proof, below).relation == at_most(sympy.exp(y), sympy.exp(z))
    assert decayed(proof, 2 * c).relation == at_most(sympy.exp(-2 * c), 1)
    with pytest.raises(ProofError, match="is open"):
        decayed(proof, y)
