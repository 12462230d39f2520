"""Independence of what is a function of the same: what follows from it is refused."""

from typing import Any

import pytest
import sympy

import theory
from theory.core.equalities import multiplied, rewritten
from theory.core.expectation import Expectation
from theory.core.induction import Definition, Recurrent, Recursion, defined
from theory.core.random_arrays import Independence, RandomArray, averaged, factorised
from theory.proofs.consistent import consistent
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, equal
from theory.proofs.result import Result, Statement
from theory.symbols import dimension

i, j = sympy.symbols("i j", integer=True, positive=True)
u = sympy.IndexedBase("u", real=True)
w, z, v = (RandomArray(name, real=True) for name in ("omega", "zeta", "upsilon"))

COPIES = {
    "a copy of a copy": (((w[i],), (z[i],)), (), [(v[i], w[i]), (z[i], v[i])]),
    "two copies of one": (((v[i],), (z[i],)), (), [(v[i], w[i]), (z[i], w[i])]),
    "a sum of copies": (
        ((w[i],), (z[i],)),
        (),
        [(v[i], 2 * w[i]), (z[i], sympy.Sum(v[j], (j, 1, dimension)))],
    ),
    "a copy of the same round": (((w[i],), (z[i],)), (i,), [(v[i], w[i]), (z[i], v[i])]),
}


@pytest.mark.parametrize(("families", "shared", "laws"), COPIES.values(), ids=COPIES)
def test_copies_are_not_independent(families: Any, shared: Any, laws: Any) -> None:
    free = Independence("free", "", families=families, shared=shared)
    with pytest.raises(ProofError, match='"free" contradicts'):
        consistent((free,), [], [tuple(Definition(*law) for law in laws)], [])


def test_no_variance_is_zero_since_a_copy_is_independent() -> None:
    free = Independence("free", "", families=((w[i],), (z[i],)))
    E = Expectation

    def prove(proof: Proof) -> Fact:
        here = defined(proof, v[i], w[i])
        copy = rewritten(proof, defined(proof, z[i], v[i]), [here], "")
        square = multiplied(proof, proof.equal(w[i], w[i], ""), copy, "")
        split = factorised(proof, averaged(proof, square, ""), "free", "")
        return rewritten(proof, split, [averaged(proof, copy, "")], "")

    system = (Definition(v[i], w[i]), Definition(z[i], v[i]))
    stated = {"s": Statement("", equal(E(w[i]) ** 2, E(w[i] ** 2)))}
    with pytest.raises(ProofError, match='"free" contradicts'):
        Result(
            "false", "0", "", "", stated, (free,),
            lambda proof, model: {"s": prove(proof)}, system=system,
        ).derive()  # fmt: skip


@pytest.mark.parametrize(
    "stated",
    [
        [equal(z[i] - w[i], 0)],
        [equal(z[i], v[i]), equal(v[i], w[i])],
        [equal(z[1], w[1])],
        [at_most(z[i], w[i]), at_most(w[i], z[i])],
    ],
)
def test_a_copy_by_hypothesis_is_not_independent(stated: list[Relation]) -> None:
    free = Independence("free", "", families=((w[i],), (z[i],)))
    same = (Assumption(str(one), "", one, over=(i,)) for one in stated)
    with pytest.raises(ProofError, match='"free" contradicts'):
        consistent((free, *same), [], [None], [])


def test_noise_of_each_round_is_independent_of_the_state_before() -> None:
    walk = Recurrent(Recursion(w, lambda i: w[i] + z[i]), (i,))
    ahead = Definition(v[i], w[i + 3])
    for one, other, fits in [(w[i], z[i], True), (w[i + 2], z[i], False), (v[i], z[i], False)]:
        free = Independence("free", "", families=((one,), (other,)), shared=(i,))
        if fits:
            assert not consistent((free,), [], [(walk, ahead)], []).values
            continue
        with pytest.raises(ProofError, match='"free" contradicts'):
            consistent((free,), [], [(walk, ahead)], [])


def test_hypotheses_hold_beside_the_laws_of_each_statement() -> None:
    one = Assumption("one", "", equal(u[i], 1), over=(i,))
    systems = [Recurrent(Recursion(u, lambda i, c=c: c * u[i]), (i,)) for c in (2, 1)]
    for ordered in (systems, systems[::-1]):
        with pytest.raises(ProofError, match="contradict"):
            consistent((one,), [], ordered, [])
    assert consistent((one,), [], systems[1:], []).values


def test_independence_is_named_with_what_is_assumed_in_words() -> None:
    assert "fresh noise" in theory.load("decaying_noise_steps").derive().in_words
