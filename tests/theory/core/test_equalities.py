"""Equals for equals: an equation is used where it fits and nowhere else."""

import pytest
import sympy

from theory.core.equalities import combined, instance, instances, multiplied, rewritten
from theory.core.expectation import Expectation
from theory.proofs.fact import Assumption
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal
from theory.proofs.sums import own_names
from theory.symbols import agents

a, c, t = sympy.symbols("a c t", integer=True, positive=True)
n = sympy.Symbol("n", integer=True, positive=True)
x, u, v = (sympy.IndexedBase(letter, real=True) for letter in "xuv")
LINKED = Assumption("linked", "", equal(u[t, a], 2 * v[t, a]), over=(t, a))


def test_an_equation_is_used_at_every_index_under_a_sum() -> None:
    proof = Proof([LINKED])
    total = proof.equal(sympy.Sum(u[t, c], (c, 1, n)), sympy.Sum(u[t, c], (c, 1, n)), "the sum")
    fact = rewritten(proof, total, [proof.assume("linked")], "linked")
    assert proof.holds(fact, equal(*[sympy.Sum(2 * v[t, c], (c, 1, n))] * 2))
    assert fact.rests_on == {"linked"}


def test_an_equation_that_does_not_occur_is_no_premise() -> None:
    proof = Proof([LINKED])
    other = proof.equal(x[a], x[a], "the same")
    assert rewritten(proof, other, [proof.assume("linked")], "").rests_on == frozenset()


def test_a_fixed_index_takes_no_other_value() -> None:
    proof = Proof([LINKED], fixed=[t])
    later = proof.equal(u[t + 1, a] + u[t, c], u[t + 1, a] + u[t, c], "two times")
    fact = rewritten(proof, later, [proof.assume("linked")], "")
    assert fact.relation.right == u[t + 1, a] + 2 * v[t, c]


def test_nothing_put_in_is_caught_by_a_sum() -> None:
    summed = Assumption("summed", "", equal(u[a, 1], sympy.Sum(v[a, c], (c, 1, n))), over=(a,))
    proof = Proof([summed])
    known = proof.equal(u[c, 1], u[c, 1], "at c")
    fact = rewritten(proof, known, [proof.assume("summed")], "")
    assert fact.relation.right.free_symbols >= {c}
    assert proof.holds(fact, equal(*[sympy.Sum(v[c, a], (a, 1, n))] * 2))


def test_only_equations_are_rewritten_with() -> None:
    below = Assumption("below", "", at_most(u[1, 1], 2), over=())
    proof = Proof([below, LINKED])
    known = proof.equal(u[1, 1], u[1, 1], "")
    for wrong in (
        lambda fact: rewritten(proof, known, [fact], ""),
        lambda fact: combined(proof, u[1, 1], 2, {fact: 1}, ""),
        lambda fact: multiplied(proof, known, fact, ""),
    ):
        with pytest.raises(ProofError, match="an equation is needed"):
            wrong(proof.assume("below"))
    number = proof.equal(2, 2, "")
    with pytest.raises(ProofError, match="neither an array entry"):
        rewritten(proof, known, [number], "")


def test_patterns() -> None:
    names = frozenset([a, c])
    pattern = Expectation(x[a] * x[c])
    assert next(instances(pattern, Expectation(x[1] ** 2), names)) == {a: 1, c: 1}
    assert len(list(instances(pattern, Expectation(x[1] * x[t]), names))) == 2
    for other in (Expectation(x[1]), Expectation(x[1] * u[2]), Expectation(x[1] ** 3), x[1] * x[2]):
        assert not list(instances(pattern, other, names))
    assert not list(instances(u[a, a], u[1, 2], names))
    assert not list(instances(u[a, c], u[t - 1, 1], names)), "t − 1 may be out of range"
    assert not list(instances(u[a, t], u[a, c], frozenset([a])))


def test_combinations_must_add_up() -> None:
    proof = Proof([LINKED])
    known = proof.assume("linked")
    fact = combined(proof, 3 * u[t, a] + 1, 6 * v[t, a] + 1, {known: 3}, "three times")
    assert fact.rests_on == {"linked"}
    assert not combined(proof, u[t, a], u[t, a], {known: 0}, "idle").rests_on
    with pytest.raises(ProofError, match="not zero"):
        combined(proof, u[t, a], 3 * v[t, a], {known: 1}, "wrong")


def test_bound_indices_get_names_of_their_own() -> None:
    total = sympy.Sum(x[c], (c, 1, n)) + x[c]
    fresh = own_names(total)
    assert fresh != total
    assert x[c] in fresh.args


def test_instances_are_of_free_indices() -> None:
    proof = Proof([LINKED], fixed=[t])
    fact = proof.assume("linked")
    there = instance(proof, fact, {a: 1}, "at the first")
    assert proof.holds(there, equal(u[t, 1], 2 * v[t, 1]))
    assert there.rests_on == {"linked"}
    for wrong in ({t: 1}, {c: 1}):
        with pytest.raises(ProofError, match="not stated for all"):
            instance(proof, fact, wrong, "")
    for beyond in (3, 0, c - 1, c + 1, agents, agents + 1):
        with pytest.raises(ProofError, match="outside the range"):
            instance(proof, fact, {a: beyond}, "")
