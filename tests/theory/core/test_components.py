"""The length of a vector from its components: both signs, and one bound for all, are needed."""

import pytest
import sympy

from theory.core.inequalities import length_at_most
from theory.core.norms import norm
from theory.proofs.fact import Assumption
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most
from theory.symbols import dimension as n

a, i = sympy.symbols("a i", integer=True)
c = sympy.Symbol("c", real=True)
u, w = sympy.IndexedBase("u", real=True), sympy.IndexedBase("w", real=True)
PROOF = Proof(
    [
        Assumption("most", "", at_most(u[a], c)),
        Assumption("least", "", at_most(-c, u[a])),
        Assumption("each most", "", at_most(u[a], w[a])),
        Assumption("each least", "", at_most(-w[a], u[a])),
    ]
)


def test_the_length() -> None:
    fact = length_at_most(PROOF, PROOF.assume("most"), PROOF.assume("least"), a)
    assert PROOF.holds(fact, at_most(norm(lambda a: u[a]), sympy.sqrt(n) * c))
    assert fact.rests_on == {"most", "least"}


def test_one_side_is_not_enough() -> None:
    with pytest.raises(ProofError, match="is needed"):
        length_at_most(PROOF, PROOF.assume("most"), PROOF.assume("most"), a)


def test_a_bound_of_its_own_for_each_component_is_refused() -> None:
    with pytest.raises(ProofError, match="same for every"):
        length_at_most(PROOF, PROOF.assume("each most"), PROOF.assume("each least"), a)


def test_one_component_is_not_all() -> None:
    proof = Proof(PROOF.assumptions, fixed=[a])
    with pytest.raises(ProofError, match="one value throughout"):
        length_at_most(proof, proof.assume("most"), proof.assume("least"), a)
