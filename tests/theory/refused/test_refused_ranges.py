"""Bound symbols that are declared for other values than they take, and integrals taken for nonzero."""

from collections.abc import Callable
from typing import Any

import pytest
import sympy

from theory.core.equalities import combined
from theory.proofs.fact import Assumption
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, equal, less
from theory.proofs.signs import is_nonnegative, is_positive
from theory.symbols import agents, coupling

i, j = sympy.symbols("i j", integer=True, positive=True)
plain = sympy.Symbol("i", integer=True)
negative = sympy.Symbol("i", integer=True, negative=True)
even = sympy.Symbol("i", integer=True, even=True)
before = sympy.Symbol("m", integer=True, nonpositive=True)
zero = sympy.Symbol("z", integer=True, zero=True)
r = sympy.Symbol("r", real=True)
s = sympy.Symbol("s", positive=True)
x = sympy.IndexedBase("x", real=True)
f = sympy.Function("f", real=True)
delta = sympy.KroneckerDelta

BOTH_WAYS = sympy.Integral(sympy.Piecewise((1, r > 0), (-1, True)), (r, -1, 1))
"""It is 0, and what is under it has no zero."""
ROOT, SIDE = (
    sympy.Integral(value, (s, -1, 0))
    for value in (sympy.sqrt(s**2 * coupling), s * sympy.sqrt(coupling))
)

FALSE: dict[str, Callable[[Proof], Any]] = {
    "a sum over what is declared negative": lambda proof: proof.less(
        0, sympy.Sum(-negative, (negative, 1, agents)), ""
    ),
    "the same under a sum": lambda proof: proof.less(
        0, sympy.Sum(sympy.Sum(-negative * j, (negative, 1, agents)), (j, 1, agents)), ""
    ),
    "the same as a divisor": lambda proof: proof.equal(
        x[1] / sympy.Sum(2 - negative, (negative, 1, agents)),
        x[1] / sympy.Sum(2 - negative, (negative, 1, agents)),
        "",
    ),
    "a sum over what is declared zero": lambda proof: proof.equal(
        sympy.Sum(zero * x[zero], (zero, 1, agents)), 0, ""
    ),
    "a sum over what is declared even": lambda proof: proof.at_most(
        0, sympy.Sum((-1) ** even, (even, 1, agents)), ""
    ),
    "an index before the first": lambda proof: proof.equal(
        sympy.Sum(delta(plain, before), (plain, 1, agents)), 1, ""
    ),
    "an even index": lambda proof: proof.equal(
        sympy.Sum(delta(plain, even) * x[plain], (plain, 1, agents)), x[even], ""
    ),
    "a sum that may be empty": lambda proof: proof.less(0, sympy.Sum(i, (i, 1, agents - 5)), ""),
    "a sum up to another one": lambda proof: proof.less(
        0, sympy.Sum(i, (i, 1, sympy.Sum(-negative, (negative, 1, agents)))), ""
    ),
    "the size of an integral that is zero": lambda proof: proof.less(0, sympy.Abs(BOTH_WAYS), ""),
    "a division by an integral that is zero": lambda proof: proof.equal(
        coupling / BOTH_WAYS, coupling / BOTH_WAYS, ""
    ),
    "an integral over negative places": lambda proof: proof.equal(ROOT, SIDE, ""),
    "the same from two hypotheses": lambda proof: combined(
        proof, 0, 2, {proof.assume("root"): 1, proof.assume("side"): -1}, ""
    ),
    "an integral without ends": lambda proof: proof.equal(
        sympy.Integral(f(r), r), sympy.Integral(f(r), r), ""
    ),
    "an integral over integers": lambda proof: proof.equal(
        sympy.Integral(f(i), (i, 0, 1)), sympy.Integral(f(i), (i, 0, 1)), ""
    ),
    "a function of what is declared negative": lambda proof: proof.equal(
        f(sympy.Lambda(negative, x[negative])), f(sympy.Lambda(negative, x[negative])), ""
    ),
}  # fmt: skip


@pytest.mark.parametrize("false", FALSE.values(), ids=FALSE)
def test_a_bound_symbol_is_declared_for_all_its_values(false: Callable[[Proof], Any]) -> None:
    given = [Assumption("root", "", equal(ROOT, 1)), Assumption("side", "", equal(SIDE, -1))]
    with pytest.raises(ProofError) as noticed:
        false(Proof(given))
    assert "as sympy fails" not in str(noticed.value)


def test_a_hypothesis_is_no_exception() -> None:
    total = sympy.Sum(negative + 5, (negative, 1, agents))
    with pytest.raises(ProofError, match="not declared"):
        Proof([Assumption("total", "", less(total, 1))]).assume("total")


def test_the_sign_of_a_sum_is_that_of_its_terms_from_one_on() -> None:
    for index in (i, plain):
        assert is_positive(sympy.Sum(index, (index, 1, agents)))
        assert is_nonnegative(sympy.Sum(index - 1, (index, 1, agents)))
        assert not is_nonnegative(sympy.Sum(-index, (index, 1, agents)))
        nested = sympy.Sum(sympy.Sum(index * j, (index, 1, agents)), (j, 1, agents))
        assert is_positive(nested)
    assert not is_positive(sympy.Abs(BOTH_WAYS))
