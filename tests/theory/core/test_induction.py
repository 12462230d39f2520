"""Induction proves what its step proves: it refuses missing steps, loose ends and false generality."""

import pytest
import sympy

from theory import symbols
from theory.core.equalities import combined
from theory.core.expectation import Expectation
from theory.core.induction import Recursion, by_induction, defined, mean_follows, stepped
from theory.core.random_arrays import RandomArray
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, equal
from theory.proofs.result import Result, Statement

t, a, c = sympy.symbols("t a c", integer=True, positive=True)
u, v = sympy.IndexedBase("u", real=True), sympy.IndexedBase("v", real=True)
chance = RandomArray("X", real=True)
ODD = Recursion(u, lambda t: u[t] + 2 * t + 1)
START = Assumption("start", "", equal(u[1], 1))
STEADY = Assumption("steady", "", equal(v[t], 0), over=(t,))


def odd_step(inner: Proof, known: Fact) -> Fact:
    using = {stepped(inner, ODD, t): 1, known: 1}
    return combined(inner, u[t + 1], (t + 1) ** 2, using, "one more odd number")


def test_the_sum_of_odd_numbers() -> None:
    proof = Proof([START])
    fact = by_induction(proof, equal(u[t], t**2), t, proof.assume("start"), odd_step)
    assert fact.rests_on == {"start"}
    assert not fact.cites
    assert any(one.words.startswith("induction hypothesis") for one in proof.facts)


def test_the_first_case_is_needed() -> None:
    proof = Proof([Assumption("start", "", equal(u[1], 2))])
    with pytest.raises(ProofError, match="is needed"):
        by_induction(proof, equal(u[t], t**2), t, proof.assume("start"), odd_step)


def test_the_step_must_reach_the_next_case() -> None:
    proof = Proof([START])
    start = proof.assume("start")
    with pytest.raises(ProofError, match="is needed"):
        by_induction(proof, equal(u[t], t**2), t, start, lambda inner, known: known)
    with pytest.raises(ProofError, match="not zero"):
        by_induction(
            proof,
            equal(u[t], 2 * t - 1),
            t,
            proof.assume("start"),
            lambda inner, known: combined(
                inner, u[t + 1], 2 * t + 1, {stepped(inner, ODD, t): 1, known: 1}, "too little"
            ),
        )


def test_the_hypothesis_is_not_for_all_times() -> None:
    """Summing it over t, or using it at t + 1, would prove anything."""
    proof = Proof([Assumption("start", "", equal(v[1], 0))])

    def summing(inner: Proof, known: Fact) -> Fact:
        return inner.sum_over(known, t, sympy.Symbol("n", integer=True, positive=True), "all")

    def jumping(inner: Proof, known: Fact) -> Fact:
        return inner.assume("induction hypothesis 1", at={t: t + 1})

    start = proof.assume("start")
    with pytest.raises(ProofError, match="does not run"):
        by_induction(proof, equal(v[t], 0), t, start, summing)
    with pytest.raises(ProofError, match="not stated for all"):
        by_induction(proof, equal(v[t], 0), t, start, jumping)


def test_the_hypothesis_stays_inside() -> None:
    """A fact of the step is no fact of the proof: nothing that rests on it can be stated."""
    seen: list[Fact] = []

    def prove(proof: Proof, model: object) -> dict[str, Fact]:
        def step(inner: Proof, known: Fact) -> Fact:
            seen.append(combined(inner, u[t] + 1, t**2 + 1, {known: 1}, "one more"))
            return odd_step(inner, known)

        by_induction(proof, equal(u[t], t**2), t, proof.assume("start"), step)
        return {"leak": seen[-1]}

    leak = Statement("leak", equal(u[t] + 1, t**2 + 1))
    result = Result("leak", "0", "", "", {"leak": leak}, (START,), prove)
    with pytest.raises(ProofError, match="leaves open: induction hypothesis 1"):
        result.derive()


def test_no_hypothesis_is_borrowed_from_another_induction() -> None:
    proof = Proof([START])
    by_induction(proof, equal(u[t], t**2), t, proof.assume("start"), odd_step)
    leaked = next(one for one in proof.facts if one.words.startswith("induction hypothesis"))

    def step(inner: Proof, known: Fact) -> Fact:
        return odd_step(inner, leaked)

    with pytest.raises(ProofError, match="leaves open: induction hypothesis 1"):
        by_induction(proof, equal(u[t], t**2), t, proof.assume("start"), step)


def test_what_the_step_rests_on_is_not_forgotten() -> None:
    proof = Proof([START, STEADY])
    shifted = Recursion(u, lambda t: u[t] + 2 * t + 1 + v[t])

    def step(inner: Proof, known: Fact) -> Fact:
        using = {stepped(inner, shifted, t): 1, known: 1, inner.assume("steady"): 1}
        return combined(inner, u[t + 1], (t + 1) ** 2, using, "with nothing added")

    fact = by_induction(proof, equal(u[t], t**2), t, proof.assume("start"), step)
    assert fact.rests_on == {"start", "steady"}


def test_a_fixed_time_is_no_time_to_induct_over() -> None:
    proof = Proof([START], fixed=[t])
    with pytest.raises(ProofError, match="no free integer"):
        by_induction(proof, equal(u[t], t**2), t, proof.assume("start"), odd_step)


def test_a_recursion_uses_the_step_before() -> None:
    for wrong in (lambda t: u[t + 1] + 1, lambda t: u[t - 1], lambda t: u[2]):
        with pytest.raises(ProofError, match="alone"):
            stepped(Proof([]), Recursion(u, wrong), t)
    with pytest.raises(ProofError, match="but its value is random"):
        stepped(Proof([]), Recursion(u, lambda t: chance[t]), t)
    with pytest.raises(ProofError, match="no function of the indices"):
        stepped(Proof([]), Recursion(u, lambda t: v[a]), t)


def test_a_sequence_has_one_recursion() -> None:
    proof = Proof([])
    stepped(proof, ODD, t)
    stepped(proof, ODD, a)
    with pytest.raises(ProofError, match="two laws"):
        stepped(proof, Recursion(u, lambda t: 2 * u[t]), t)


def test_definitions_say_nothing_new() -> None:
    proof = Proof([])
    assert defined(proof, chance[a], v[a] + 1).relation.right == v[a] + 1
    for entry, value in ((chance[a], v[a]), (v[a], 1 + v[a]), (u[a, a], 1), (v[a], 2)):
        with pytest.raises(ProofError, match="in use already"):
            defined(proof, entry, value)
    moving = (u[a], sympy.exp(-symbols.time)), (u[a], 1 / symbols.rounds)
    for entry, value in ((u[a], t), (u[1], v[1]), *moving):
        with pytest.raises(ProofError, match="no function of the indices"):
            defined(proof, entry, value)
    with pytest.raises(ProofError, match="is random"):
        defined(proof, u[a], RandomArray("Y")[a])


def test_means_follow_through_affine_steps_only() -> None:
    noise = RandomArray("psi", real=True)
    assumptions = [
        Assumption("same start", "", equal(chance[1], v[1])),
        Assumption("centred", "", equal(Expectation(noise[t]), 0), over=(t,)),
    ]
    proof = Proof(assumptions)
    start, centred = proof.assume("same start"), proof.assume("centred")
    halved = Recursion(v, lambda t: v[t] / 2)
    noisy = Recursion(chance, lambda t: (chance[t] + noise[t]) / 2)
    fact = mean_follows(proof, noisy, halved, t, start=start, moments=[centred])
    assert proof.holds(fact, equal(Expectation(chance[t]), v[t]))
    other = Proof(assumptions)
    start = other.assume("same start")
    squared, fixed = Recursion(chance, lambda t: chance[t] ** 2), Recursion(v, lambda t: v[t] ** 2)
    with pytest.raises(ProofError, match="not zero"):
        mean_follows(other, squared, fixed, t, start=start, moments=[])
