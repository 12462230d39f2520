"""A result used in another proof brings its assumptions along."""

import pytest
import sympy

from theory.proofs.fact import Assumption
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, less
from theory.results.lemma_5_2 import RESULT
from theory.results.theorem_2_1 import RESULT as WORDY
from theory.symbols import coupling, rate, strong_convexity

d = sympy.Symbol("d", positive=True)
y = sympy.Symbol("y", real=True)


def test_its_assumptions_are_made_or_discharged() -> None:
    with pytest.raises(ProofError, match="coupled"):
        lemma(Proof([]), RESULT, "positive")
    proof = Proof([])
    strong = proof.less(0, 2 * d, "positive")
    fact = lemma(proof, RESULT, "positive", at={coupling: 2 * d}, discharging={"coupled": strong})
    assert not fact.rests_on
    assert not fact.relation.right.has(coupling)
    made = Proof(RESULT.assumptions)
    assert lemma(made, RESULT, "positive").rests_on == {"coupled"}


def test_what_is_discharged_must_be_the_assumption() -> None:
    proof = Proof([])
    weaker = proof.at_most(0, 2 * d, "not negative")
    with pytest.raises(ProofError, match="is needed"):
        lemma(proof, RESULT, "positive", at={coupling: 2 * d}, discharging={"coupled": weaker})
    renamed = Proof([Assumption("coupled", "something else", less(-1, coupling))])
    with pytest.raises(ProofError, match="is needed"):
        lemma(renamed, RESULT, "positive")


def test_values_keep_the_signs_of_symbols() -> None:
    proof = Proof([*RESULT.assumptions, Assumption("sign", "0 < y", less(0, y))])
    with pytest.raises(ProofError, match="among the signs"):
        lemma(proof, RESULT, "positive", at={strong_convexity: y})
    known = proof.assume("sign")
    fact = lemma(proof, RESULT, "positive", at={strong_convexity: y}, signs=[known])
    assert fact.rests_on == {"coupled", "sign"}


def test_assumptions_of_words_are_required_too() -> None:
    few = Proof([a for a in WORDY.assumptions if a.relation is not None])
    with pytest.raises(ProofError, match="regular solutions"):
        lemma(few, WORDY, "limit")
    fact = lemma(Proof(WORDY.assumptions), WORDY, "limit")
    assert fact.relation.right.has(rate)
    assert {cited.name for cited in fact.cites} >= {"Dynkin's formula"}


def test_words_must_be_the_same_words() -> None:
    """Two hypotheses of one name may say different things."""
    other = [
        a if a.relation is not None else Assumption(a.name, "something else")
        for a in WORDY.assumptions
    ]
    with pytest.raises(ProofError, match="not the same assumption"):
        lemma(Proof(other), WORDY, "limit")


def test_a_value_with_a_sign_is_real() -> None:
    """sympy does not know that √y is real; that it is positive says so."""
    root = sympy.sqrt(y)
    assert root.is_real is None
    proof = Proof([*RESULT.assumptions, Assumption("sign", "0 < √y", less(0, root))])
    known = proof.assume("sign")
    fact = lemma(proof, RESULT, "positive", at={strong_convexity: root}, signs=[known])
    assert fact.rests_on == {"coupled", "sign"}
    with pytest.raises(ProofError, match="among the signs"):
        lemma(proof, RESULT, "positive", at={strong_convexity: root})
