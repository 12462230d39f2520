"""Expectations are linear, and factorise for what is assumed independent, and do no more."""

from typing import Any

import pytest
import sympy

from theory.core.expectation import Expectation
from theory.core.induction import defined
from theory.core.random_arrays import (
    Independence,
    RandomArray,
    averaged,
    covariance,
    covaried,
    factorised,
    mean_of,
)
from theory.proofs.fact import Assumption
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal
from theory.proofs.sums import normal_sums

a, c, t, s = sympy.symbols("a c t s", integer=True, positive=True)
n = sympy.Symbol("n", integer=True, positive=True)
f, psi, chi = (RandomArray(name, real=True) for name in ("f", "psi", "chi"))
x = sympy.IndexedBase("x", real=True)
FRESH = Independence("fresh", "", families=((f[t, a], chi[t, a]), (psi[t, a],)), shared=(t,))


def total(value: Any, index: Any) -> sympy.Sum:
    return sympy.Sum(value, (index, 1, n))


def test_the_mean_passes_through_sums_and_constants() -> None:
    mean = mean_of(3 + total(x[a] * f[t, a], a))
    assert mean == 3 + normal_sums(total(x[a] * Expectation(f[t, a]), a))
    assert mean_of(x[a]) == x[a]
    assert mean_of(Expectation(f[t, a])) == Expectation(f[t, a]), "an expectation is no variable"


def test_products_of_sums_keep_their_own_indices() -> None:
    square = mean_of(total(x[a] * f[t, a], a) ** 2)
    double = sympy.Sum(x[a] * x[c] * Expectation(f[t, a] * f[t, c]), (a, 1, n), (c, 1, n))
    assert normal_sums(square - double) == 0
    assert normal_sums(square - total(x[a] * Expectation(f[t, a]), a) ** 2) != 0


def test_written_out_it_is_the_mean_of_the_polynomial() -> None:
    value = (total(f[t, a], a) - x[1]) ** 2 * psi[t, 1]
    mean = mean_of(value).subs(n, 2).doit()
    one, two, noise = f[t, 1], f[t, 2], psi[t, 1]
    expected = (
        Expectation(one**2 * noise)
        + 2 * Expectation(one * two * noise)
        + Expectation(two**2 * noise)
        - 2 * x[1] * (Expectation(one * noise) + Expectation(two * noise))
        + x[1] ** 2 * Expectation(noise)
    )
    assert sympy.expand(mean - expected) == 0


def test_relations_are_averaged_side_by_side() -> None:
    proof = Proof([Assumption("same", "", equal(f[t, a], x[a] * psi[t, a]), over=(t, a))])
    fact = averaged(proof, proof.assume("same"), "mean")
    assert proof.holds(fact, equal(Expectation(f[t, a]), x[a] * Expectation(psi[t, a])))
    assert fact.rests_on == {"same"}


def product(one: Any, other: Any) -> tuple[Proof, object]:
    proof = Proof([FRESH])
    value = Expectation(one * other)
    return proof, factorised(proof, proof.equal(value, value, ""), "fresh", "").relation.right


def test_independent_factors_split() -> None:
    proof, value = product(f[t, a] * chi[t, c], psi[t, a] ** 2)
    assert value == Expectation(f[t, a] * chi[t, c]) * Expectation(psi[t, a] ** 2)
    assert proof.facts[-1].rests_on == {"fresh"}
    assert [cited.name for cited in proof.facts[-1].cites] == ["product of independent variables"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f[t, a], chi[t, c]),
        (f[t + 1, a], psi[t, a]),
        (f[t, a], psi[s, a]),
        (psi[t, a], psi[t, c]),
        (f[t, a], RandomArray("stranger", real=True)[t, a]),
    ],
)
def test_others_do_not(one: Any, other: Any) -> None:
    proof, value = product(one, other)
    assert value == Expectation(one * other)
    assert not proof.facts[-1].rests_on


def test_independence_must_be_assumed() -> None:
    calm = Assumption("calm", "", None)
    proof = Proof([calm])
    value = Expectation(f[t, a] * psi[t, a])
    fact = proof.equal(value, value, "")
    with pytest.raises(ProofError, match="needs the assumption"):
        factorised(proof, fact, "fresh", "")
    with pytest.raises(ProofError, match="not one of independence"):
        factorised(proof, fact, "calm", "")


def test_covariance() -> None:
    assert covariance(f[1, 1], f[1, 1]) == Expectation(f[1, 1] ** 2) - Expectation(f[1, 1]) ** 2


def test_covariances_need_equations() -> None:
    proof = Proof([])
    fact = defined(proof, RandomArray("u", real=True)[t, a], psi[t, a] + 1)
    known = covaried(proof, fact, fact)
    variance = Expectation(psi[t, a] ** 2) - Expectation(psi[t, a]) ** 2
    assert sympy.expand(known.relation.right - variance) == 0
    order = proof.at_most(0, psi[t, a] ** 2, "a square")
    assert order.relation == at_most(0, psi[t, a] ** 2)
    with pytest.raises(ProofError, match="an equation is needed"):
        covaried(proof, fact, order)
