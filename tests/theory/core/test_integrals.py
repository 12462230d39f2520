"""Integrals keep the order only under a weight that is not negative."""

import pytest
import sympy

from theory.core.taylor import integrated, weighted
from theory.proofs.fact import Assumption
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal, less

s, c = sympy.symbols("s c", real=True)
q = sympy.Function("q", real=True)(s)


def test_taylors_half() -> None:
    proof = Proof([Assumption("bend", "", at_most(q, c))])
    fact = integrated(proof, proof.assume("bend"), 1 - s, s)
    assert proof.holds(fact, at_most(sympy.Integral((1 - s) * q, (s, 0, 1)), c / 2))
    assert fact.rests_on == {"bend"}


def test_a_weight_of_both_signs_is_refused() -> None:
    proof = Proof([Assumption("bend", "", at_most(q, c))])
    for weight in (s - 1, 1 - 2 * s, c * s):
        with pytest.raises(ProofError, match="non-negative between"):
            integrated(proof, proof.assume("bend"), weight, s)


def test_strictness_is_given_up_and_equality_kept() -> None:
    strict = Proof([Assumption("bend", "", less(q, c))])
    assert integrated(strict, strict.assume("bend"), s, s).relation.sign == "<="
    exact = Proof([Assumption("bend", "", equal(q, c))])
    assert integrated(exact, exact.assume("bend"), s, s).relation.right == c / 2


def test_constants_are_integrated() -> None:
    assert weighted(c, s**2, s) == c / 3


def test_a_place_that_is_fixed_is_refused() -> None:
    proof = Proof([Assumption("bend", "", at_most(q, c))], fixed=[s])
    with pytest.raises(ProofError, match="one value throughout"):
        integrated(proof, proof.assume("bend"), 1 - s, s)
