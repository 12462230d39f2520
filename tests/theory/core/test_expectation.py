"""Expectations and limits: linear, and order is kept under non-negative factors alone."""

from typing import Any

import pytest
import sympy

from theory.core.expectation import (
    Expectation,
    UpperLimit,
    each_path,
    expected,
    in_the_limit,
    positive_rate,
)
from theory.proofs.fact import Assumption
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, less

a = sympy.Symbol("a", positive=True)
i = sympy.Symbol("i", integer=True)
x, y = sympy.IndexedBase("x", real=True), sympy.IndexedBase("y", real=True)


def test_expectations_are_linear_and_no_more() -> None:
    proof = Proof([])
    fact = proof.at_most(0, (x[i] + a) ** 2, "a square")
    assert proof.holds(
        expected(proof, fact, 0, ""),
        at_most(0, Expectation((x[i] + a) ** 2, 0)),
    ) or proof.holds(
        expected(proof, fact, 0, ""),
        at_most(0, Expectation(x[i] ** 2, 0) + 2 * a * Expectation(x[i], 0) + a**2),
    )


@pytest.mark.parametrize("average", [Expectation, each_path])
def test_limits_keep_the_order_under_positive_factors_only(average: Any) -> None:
    below = Assumption("below", "", at_most(x[i], a * y[i]))
    turned = Assumption("turned", "", at_most(x[i], -a * y[i]))
    proof = Proof([below, turned])
    limit = in_the_limit(proof, x[i], a, y[i], proof.assume("below"), average=average)
    assert limit.relation == at_most(UpperLimit(average(x[i])), a * UpperLimit(average(y[i])))
    with pytest.raises(ProofError, match="non-negative constant"):
        in_the_limit(proof, x[i], -a, y[i], proof.assume("turned"), average=average)
    with pytest.raises(ProofError, match="is needed"):
        in_the_limit(proof, x[i], a, y[i], proof.assume("turned"), average=average)


def test_a_rate_is_a_positive_constant() -> None:
    proof = Proof([Assumption("random", "", less(0, x[i]))])
    assert positive_rate(proof, proof.less(0, a, "positive")) == a
    with pytest.raises(ProofError, match="is needed"):
        positive_rate(proof, proof.at_most(0, a, "weak"))
    with pytest.raises(ProofError, match="same at all states"):
        positive_rate(proof, proof.assume("random"))
