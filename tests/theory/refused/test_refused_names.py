"""Names that stand for two things, laws against hypotheses, cases that are left out: all refused."""

from collections.abc import Callable
from typing import Any

import pytest
import sympy

from theory.core.equalities import instance, rewritten
from theory.core.expectation import Expectation, UpperLimit, expected
from theory.core.flows import SOLVED, Along, Flow, Part, decays, on_solutions
from theory.core.induction import Definition, Recursion, by_induction, defined, stepped
from theory.core.losses import FIXED_LAW, SMOOTH, smoothed_gradient
from theory.core.moments import Diffusion, drift_of
from theory.core.norms import cauchy_schwarz
from theory.core.random_arrays import Independence, RandomArray, factorised
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, equal, less
from theory.proofs.result import Result, Statement
from theory.proofs.satisfiable import instance_of
from theory.symbols import agents, coupling, examples, time

i, j = sympy.symbols("i j", integer=True, positive=True)
a = sympy.Symbol("a", integer=True)
s = sympy.Symbol("s", real=True)
x, y, u = (sympy.IndexedBase(name, real=True) for name in "xyu")
number, other = sympy.Symbol("x", real=True), sympy.Symbol("y", real=True)
array = sympy.IndexedBase(i, real=True)
w, z = RandomArray("omega", real=True), RandomArray("zeta", real=True)
SINK = Flow((Part(x, lambda i, a: -x[i, a], sympy.S.One),))
BELOW = Assumption("below", "", at_most(x[1], number**2), over=(number,))


def derived(
    stated: Relation, prove: Callable[[Proof], Fact], *given: Assumption, system: Any = None
) -> Any:
    result = Result(
        "false", "0", "", "", {"s": Statement("", stated)}, given,
        lambda proof, model: {"s": prove(proof)}, system=system,
    )  # fmt: skip
    return result.derive()


LABELS: dict[str, Callable[[Proof], Any]] = {
    "an array that becomes another with a number": lambda proof: proof.assume(
        "below", at={number: other}
    ),
    "a sum over the name of an array": lambda proof: proof.sum_over(
        proof.equal(array[1], array[1], ""), i, agents, ""
    ),
    "an array at another index than its own name": lambda proof: instance(
        proof, proof.equal(array[1], array[1], ""), {i: j}, ""
    ),
    "a sum over it as it stands": lambda proof: proof.equal(
        sympy.Sum(array[1], (i, 1, agents)), agents * array[1], ""
    ),
    "an induction over it": lambda proof: by_induction(
        proof,
        at_most(0, array[1] ** 2),
        i,
        proof.at_most(0, array[1] ** 2, ""),
        lambda inner, known: known,
    ),
}


@pytest.mark.parametrize("false", LABELS.values(), ids=LABELS)
def test_a_symbol_that_is_the_name_of_an_array(false: Callable[[Proof], Any]) -> None:
    with pytest.raises(ProofError, match=r"name of an array|is not stated for all"):
        false(Proof([BELOW]))


def test_two_things_of_one_name() -> None:
    negative = sympy.Symbol("k", negative=True)
    with pytest.raises(ProofError, match="two different things"):
        derived(less(negative, coupling), lambda proof: proof.less(negative, coupling, ""))
    real, positive = sympy.IndexedBase("u", real=True), sympy.IndexedBase("u", positive=True)
    claim = less(-positive[1], real[1] ** 2)
    with pytest.raises(ProofError, match="two different things"):
        derived(claim, lambda proof: proof.less(claim.left, claim.right, ""))
    with pytest.raises(ProofError, match="same name"):
        Proof([BELOW, Assumption("below", "", at_most(0, coupling))])


SUMS: dict[str, Callable[[Proof], Any]] = {
    "a norm that catches an index of its vector": lambda proof: cauchy_schwarz(
        proof, lambda c: x[a, c], lambda c: y[c]
    ),
    "a step at a time that is another index, too": lambda proof: stepped(
        proof, Recursion(u, lambda t, k: u[t, k] + t), i, i
    ),
    "a mean at a random time": lambda proof: expected(
        proof, proof.at_most(0, x[1, 1] ** 2, ""), x[1, 1], ""
    ),
    "a value at a time that depends on the state": lambda proof: on_solutions(
        proof, proof.at_most(0, x[1, 1] ** 2, ""), time * x[1, 1] ** 2
    ),
}


@pytest.mark.parametrize("false", SUMS.values(), ids=SUMS)
def test_an_index_or_a_time_that_stands_for_another(false: Callable[[Proof], Any]) -> None:
    with pytest.raises(ProofError):
        false(Proof([]))


GROWS = Diffusion(x, lambda i, a: x[i, a], lambda i, a, c: sympy.KroneckerDelta(a, c))
"""x' = x + noise, whose second moments tend to ∞."""


def growth(proof: Proof) -> Fact:
    return drift_of(proof, GROWS, x[1, 1], x[1, 1])


def test_nothing_is_less_than_an_infinite_limit() -> None:
    """E x² has the limit ∞ where x' = x + noise, which is not below itself and one."""
    limit = UpperLimit(Expectation(x[1, 1] ** 2))

    def prove(proof: Proof) -> Fact:
        return proof.less(limit, limit + 1, "", using={growth(proof): 0})

    with pytest.raises(ProofError, match="may be infinite"):
        derived(less(limit, limit + 1), prove, system=GROWS)


@pytest.mark.parametrize(
    "of_both",
    [lambda a, b: a - b, lambda a, b: a * b, lambda a, b: (a - b) ** 2],
    ids=["difference", "product", "square of the difference"],
)
def test_infinite_limits_are_not_subtracted(of_both: Callable[[Any, Any], Any]) -> None:
    """The limits are ∞ where x' = x + noise, and have no difference, and no product with 0."""
    value = of_both(*(UpperLimit(Expectation(x[i, 1] ** 2)) for i in (1, 2)))

    def prove(proof: Proof) -> Fact:
        return proof.at_most(value, value + 1, "", using={growth(proof): 0})

    with pytest.raises(ProofError, match="may be infinite"):
        derived(at_most(value, value + 1), prove, system=GROWS)


CASES: dict[str, Callable[[Proof], Any]] = {
    "a number in one case alone": lambda proof: proof.less(
        0, sympy.Piecewise((1, s > 0)), "undefined for other s"
    ),
    "an index that is a parameter, of another range": lambda proof: proof.equal(
        sympy.Sum(sympy.KroneckerDelta(i, examples), (i, 1, agents)), 1, ""
    ),
    "the gradient over noise that is the place itself": lambda proof: (
        defined(proof, y[i], 2 * x[i]),
        smoothed_gradient(proof, x, lambda c: y[c], i),
    ),
    "the same at second hand": lambda proof: (
        defined(proof, y[i], 2 * x[i]),
        defined(proof, u[i], 1 - y[i]),
        smoothed_gradient(proof, x, lambda c: 1 + u[c], i),
    ),
}


@pytest.mark.parametrize("false", CASES.values(), ids=CASES)
def test_what_holds_in_some_cases(false: Callable[[Proof], Any]) -> None:
    with pytest.raises(ProofError):
        false(Proof([SMOOTH, FIXED_LAW]))


def test_the_last_agent_is_one() -> None:
    total = sympy.Sum(sympy.KroneckerDelta(i, agents), (i, 1, agents))
    assert Proof([]).equal(total, 1, "").relation.right == 1


def falls(proof: Proof) -> Fact:
    """A state that is 5 at all times does not fall to e^{−2t} 5."""
    value = x[1, 1] ** 2
    growth = proof.at_most(SINK.derivative(value), -2 * value, "")
    return rewritten(proof, decays(proof, SINK, value, 2, growth), [proof.assume("stays")], "")


def test_a_hypothesis_against_the_motion() -> None:
    stays = Assumption("stays", "", equal(x[1, 1], 5))
    claim = falls(Proof([SOLVED, stays])).relation
    with pytest.raises(ProofError, match="contradict each other, or what moves"):
        derived(claim, falls, SOLVED, stays, system=SINK)


@pytest.mark.parametrize(
    "relation",
    [less(0, x[1, 1]), at_most(x[1, 1], 1), at_most(x[1, 1] ** 2, 4), equal(x[1, 1], x[1, 2])],
)
def test_a_hypothesis_that_keeps_the_state_in_a_place(relation: Relation) -> None:
    def prove(proof: Proof) -> Fact:
        fact = on_solutions(proof, proof.assume("kept"), time)
        left, right = fact.relation.left, fact.relation.right + 1
        value = x[1, 1] ** 2
        growth = proof.at_most(SINK.derivative(value), -2 * value, "")
        fall = decays(proof, SINK, value, 2, growth)
        return proof.at_most(
            left + fall.relation.left, right + fall.relation.right, "", using={fact: 1, fall: 1}
        )

    kept = Assumption("kept", "", relation)
    claim = prove(Proof([SOLVED, kept])).relation
    with pytest.raises(ProofError, match="or what moves"):
        derived(claim, prove, SOLVED, kept, system=SINK)


@pytest.mark.parametrize(
    "relation",
    [
        less(Along(x[1, 1] ** 2, time), 0),
        less(UpperLimit(Expectation(x[1, 1] ** 2)), 0),
        at_most(Expectation(x[1, 1] ** 2, 0), -1),
    ],
)
def test_a_value_of_a_square_below_zero(relation: Relation) -> None:
    with pytest.raises(ProofError, match="contradict"):
        instance_of((Assumption("negative", "", relation),))


def test_noise_that_is_defined_by_what_it_is_independent_of() -> None:
    free = Independence("free", "", families=((w[i],), (z[i],)))
    given = (
        free,
        Assumption("centred", "", equal(Expectation(w[1]), 0)),
        Assumption("of variance 1", "", equal(Expectation(w[1] ** 2), 1)),
    )

    def prove(proof: Proof) -> Fact:
        law, mean = defined(proof, z[i], w[i]), Expectation(w[1] * z[1])
        same = rewritten(proof, proof.equal(mean, mean, ""), [law], "")
        split = factorised(proof, proof.equal(mean, mean, ""), "free", "")
        using = {proof.assume("centred"): 1, proof.assume("of variance 1"): 1, split: 0, same: 0}
        return proof.at_most(Expectation(w[1]) + Expectation(w[1] ** 2), 1, "", using={**using})

    claim = at_most(Expectation(w[1]) + Expectation(w[1] ** 2), 1)
    for law in (w[i], w[i] * u[i], w[i] + w[j]):
        with pytest.raises(ProofError, match='"free" contradicts'):
            derived(claim, prove, *given, system=Definition(z[i], law))
