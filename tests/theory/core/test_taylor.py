"""Integrals under a weight, and the Hessian between two points: what the rules refuse."""

from typing import Any

import pytest
import sympy

from theory.core.gradients import Point
from theory.core.losses import GradientArray
from theory.core.taylor import hessian_form, integrated, weighted
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal, less

s, h = sympy.symbols("s h", real=True)
c = sympy.Symbol("c", nonnegative=True)
q = sympy.Function("q", real=True)(s)
x, g = sympy.IndexedBase("x", real=True), GradientArray("g", real=True)
HERE = Point(lambda a: x[1, a], lambda a: g[1, a])
THERE = Point(lambda a: x[2, a], lambda a: g[2, a])


def test_taylors_half() -> None:
    proof = Proof([Assumption("bend", "", at_most(q, c), over=(s,))])
    fact = integrated(proof, proof.assume("bend"), 1 - s, s)
    assert proof.holds(fact, at_most(sympy.Integral((1 - s) * q, (s, 0, 1)), c / 2))
    assert fact.rests_on == {"bend"}


def test_a_weight_of_both_signs_is_refused() -> None:
    proof = Proof([Assumption("bend", "", at_most(q, c), over=(s,))])
    for weight in (s - 1, 1 - 2 * s, (c + 1) * (s - 1)):
        with pytest.raises(ProofError, match="non-negative between"):
            integrated(proof, proof.assume("bend"), weight, s)


def test_strictness_is_given_up_and_equality_kept() -> None:
    strict = Proof([Assumption("bend", "", less(q, c), over=(s,))])
    assert integrated(strict, strict.assume("bend"), s, s).relation.sign == "<="
    exact = Proof([Assumption("bend", "", equal(q, c), over=(s,))])
    assert integrated(exact, exact.assume("bend"), s, s).relation.right == c / 2


def test_constants_are_integrated() -> None:
    assert weighted(c, s**2, s) == c / 3


def test_a_place_that_is_fixed_is_refused() -> None:
    proof = Proof([Assumption("bend", "", at_most(q, c), over=(s,))], fixed=[s])
    with pytest.raises(ProofError, match="one value of it"):
        integrated(proof, proof.assume("bend"), 1 - s, s)


def granted(*relations: tuple[Any, Any]) -> tuple[Proof, list[Fact]]:
    each = [Assumption(str(i), "", at_most(*sides), each=(h,)) for i, sides in enumerate(relations)]
    proof = Proof(each)
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
