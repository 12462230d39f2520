"""Hypotheses on expectations that no random variables satisfy: what follows from them is refused."""

from typing import Any

import pytest
import sympy

import theory
from theory.core.equalities import combined, instance, rewritten
from theory.core.expectation import Expectation
from theory.core.induction import Definition, defined
from theory.core.random_arrays import Independence, RandomArray, averaged
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, equal, less
from theory.proofs.result import Result, Statement
from theory.proofs.satisfiable import instance_of

E = Expectation
i, j = sympy.symbols("i j", integer=True, positive=True)
w, z, y = (RandomArray(name, real=True) for name in ("omega", "zeta", "y"))
positive = RandomArray("xi", positive=True)
FREE = Independence("free", "", families=((w[i],), (z[i],)))


def given(*relations: Relation, over: tuple[Any, ...] = ()) -> tuple[Assumption, ...]:
    return tuple(Assumption(f"{n}", "", one, over=over) for n, one in enumerate(relations, start=1))


IMPOSSIBLE: dict[str, tuple[Assumption, ...]] = {
    "a mean of 1 with squares of mean 0": given(equal(E(w[1]), 1), equal(E(w[1] ** 2), 0)),
    "the same at each index": given(equal(E(w[i]), 1), equal(E(w[i] ** 2), 0), over=(i,)),
    "squares of a negative mean": given(less(E(w[1] ** 2), 0)),
    "a covariance beyond the variances": given(
        equal(E(w[1] ** 2), 1), equal(E(z[1] ** 2), 1), equal(E(w[1] * z[1]), 2)
    ),
    "fourth powers below the square of the variance": given(
        equal(E(w[1] ** 2), 1), equal(E(w[1] ** 4), sympy.Rational(1, 2))
    ),
    "twice the mean as the mean of twice": given(equal(E(w[1]), 1), equal(E(2 * w[1]), 1)),
    "the mean of a sum": given(equal(E(w[1]), 1), equal(E(z[1]), 1), equal(E(w[1] + z[1]), 3)),
    "the mean of a square written out": given(
        equal(E(w[1]), 0), equal(E(w[1] ** 2), 1), equal(E((w[1] + 1) ** 2), 1)
    ),
    "a positive variable of mean 0": given(equal(E(positive[1]), 0)),
    "a positive variable of mean 0 at some time": given(equal(E(positive[1], 0), 0)),
    "independent and correlated": (
        *given(equal(E(w[1]), 0), equal(E(w[1] * z[1]), 1)), FREE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("impossible", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_hypotheses_that_no_random_variable_satisfies(impossible: tuple[Assumption, ...]) -> None:
    with pytest.raises(ProofError, match="contradict"):
        instance_of(impossible)


@pytest.mark.parametrize(
    "possible",
    [
        given(equal(E(w[i]), 0), equal(E(w[i] * w[j]), sympy.KroneckerDelta(i, j)), over=(i, j)),
        (*given(equal(E(w[i]), 2), equal(E(w[i] * z[j]), 6), over=(i, j)), FREE),
        given(equal(E(w[1] ** 2), 1), equal(E(w[1] ** 4), 3)),
        given(equal(E(2 * w[1] + 1), 1), at_most(E(w[1]) ** 2, 0)),
    ],
)
def test_hypotheses_that_some_random_variables_satisfy(possible: tuple[Assumption, ...]) -> None:
    assert instance_of(possible).values


def jensen(proof: Proof) -> Fact:
    """0 <= E (ω − 1)² is −1 for a mean of 1 and squares of mean 0."""
    square = averaged(proof, proof.at_most(0, (w[1] - 1) ** 2, ""), "")
    using = {square: 1, proof.assume("1"): -2, proof.assume("2"): 1}
    return proof.at_most(1, 0, "", using=using)


def linear(proof: Proof) -> Fact:
    twice = defined(proof, y[i], 2 * w[i])
    opened = rewritten(proof, averaged(proof, twice, ""), [twice], "")
    one = instance(proof, opened, {i: sympy.S.One}, "")
    using = {one: -1, proof.assume("1"): -2, proof.assume("2"): 1}
    return combined(proof, 2, 1, using, "")


@pytest.mark.parametrize(
    ("stated", "prove", "assumptions"),
    [
        (at_most(1, 0), jensen, IMPOSSIBLE["a mean of 1 with squares of mean 0"]),
        (equal(2, 1), linear, IMPOSSIBLE["twice the mean as the mean of twice"]),
    ],
)
def test_what_follows_from_them_is_refused(stated: Relation, prove: Any, assumptions: Any) -> None:
    result = Result(
        "false", "0", "", "", {"s": Statement("", stated)}, assumptions,
        lambda proof, model: {"s": prove(proof)}, system=Definition(y[i], 2 * w[i]),
    )  # fmt: skip
    with pytest.raises(ProofError, match="contradict"):
        result.derive()


def test_what_is_assumed_in_words_is_named() -> None:
    derivation = theory.load("lemma_3_1").derive()
    assert derivation.instance.values
    assert "regular solutions" in derivation.in_words
    assert not theory.load("lemma_5_2").derive().in_words
