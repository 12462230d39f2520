"""Random values in place of numbers, infinite limits, small integers, indices outside their domain."""

from collections.abc import Callable
from typing import Any

import pytest
import sympy

from theory.core.equalities import instance, rewritten
from theory.core.expectation import Expectation, UpperLimit, each_path, in_the_limit
from theory.core.flows import SOLVED, Flow, Part, settles
from theory.core.induction import by_induction
from theory.core.inequalities import arbitrarily_small, without_small
from theory.core.long_run import ClosedMoment, moments_settle
from theory.core.moments import REGULAR, Diffusion
from theory.core.random_arrays import Independence, RandomArray, averaged, factorised
from theory.core.taylor import integrated
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal
from theory.proofs.result import Result, Statement
from theory.symbols import agents

i, j = sympy.symbols("i j", integer=True, positive=True)
s = sympy.Symbol("s", real=True)
even = sympy.Symbol("e", even=True, positive=True)
negative = sympy.Symbol("g", integer=True, negative=True)
count = sympy.Symbol("m", integer=True, nonnegative=True)
whole = sympy.Symbol("h", integer=True)
u, x = (sympy.IndexedBase(name, real=True) for name in "ux")
omega, psi = RandomArray("omega", real=True), RandomArray("psi", real=True)
LINK = Assumption("link", "", equal(psi[i], s * omega[i]), over=(i,))
LINKED = Assumption("linked", "", equal(psi[i], omega[1] * omega[i]), over=(i,))
CENTRED = Assumption("centred", "", equal(Expectation(s * omega[i]), 0), over=(s, i))
STARTED = Assumption("started", "", equal(Expectation(s * x[1, 1], 0), 0), over=(s,))
AT_EVEN = Assumption("at even indices", "", equal(u[even], 0), over=(even,))
FROM_ONE = Assumption("from 1 on", "", equal(u[i], 1), over=(i,))
EVEN_PAIRS = Independence("even pairs", "", families=((omega[even],), (psi[even],)))
PAIRS = Independence("pairs", "", families=((omega[i],), (psi[i],)), shared=(i,))
MEAN = Result(
    "mean", "0", "", "",
    {"s": Statement("", equal(Expectation(psi[i]), s * Expectation(omega[i])))}, (LINK,),
    lambda proof, model: {"s": averaged(proof, proof.assume("link"), "")},
)  # fmt: skip


def falls_without_end(proof: Proof) -> Fact:
    """For x' = x and x(0) = 1 the limit of −x is −∞, which is not at least 0."""
    flow, value = Flow((Part(x, lambda i, a: x[i, a], sympy.S.One),)), -x[1, 1]
    growth = proof.at_most(flow.derivative(value), 2 * value - value, "")
    settled = settles(proof, flow, value, growth, proof.less(0, 1, ""), 2 * value)
    same = proof.at_most(2 * value, 2 * value, "")
    twice = in_the_limit(proof, 2 * value, sympy.Integer(2), value, same, average=each_path)
    return proof.at_most(0, UpperLimit(value), "", using={settled: 1, twice: 1})


def small_integer(proof: Proof) -> Fact:
    small = sympy.Dummy("delta", integer=True, positive=True)
    return without_small(proof, proof.at_most(1, small, ""), small)


FALSE: dict[str, Callable[[Proof], Any]] = {
    "a limit of −∞ as a number": falls_without_end,
    "an integer that is arbitrarily small": small_integer,
    "a random value of the number of a lemma": lambda proof: lemma(
        proof, MEAN, "s", at={s: omega[1]}, discharging={"link": proof.assume("linked")}
    ),
    "a random value of the number of a hypothesis": lambda proof: proof.assume(
        "centred", at={s: omega[1]}
    ),
    "a moving value of the number of a hypothesis": lambda proof: proof.assume(
        "started", at={s: x[1, 1]}
    ),
}


@pytest.mark.parametrize("false", FALSE.values(), ids=FALSE)
def test_a_number_is_one_number(false: Callable[[Proof], Any]) -> None:
    with pytest.raises(ProofError):
        false(Proof([SOLVED, LINKED, CENTRED, STARTED]))


def test_a_mean_is_a_number() -> None:
    """What is refused is the random value, not its expectation."""
    proof = Proof([CENTRED])
    fact = proof.assume("centred", at={s: Expectation(omega[1])})
    assert fact.relation.left == Expectation(Expectation(omega[1]) * omega[i])


def test_two_sums_share_no_index() -> None:
    """ω_j may depend on ψ_m for j ≠ m: then the mean of the product of their sums does not split."""
    proof = Proof([PAIRS])
    product = sympy.Sum(omega[j], (j, 1, agents)) * sympy.Sum(psi[j], (j, 1, agents))
    fact = factorised(
        proof, proof.equal(Expectation(product), Expectation(product), ""), "pairs", ""
    )
    assert fact.relation.left == Expectation(product)
    split = proof.equal(Expectation(omega[j] * psi[j]), Expectation(omega[j] * psi[j]), "")
    assert factorised(proof, split, "pairs", "").relation.left != split.relation.left


def from_one_on(proof: Proof, time: Any) -> Fact:
    """1 <= t holds for t = 1, 2, ..., not for every integer."""

    def step(inner: Proof, known: Fact) -> Fact:
        return inner.at_most(1, time + 1, "", using={known: 1})

    return by_induction(proof, at_most(1, time), time, proof.at_most(1, 1, ""), step)


OUTSIDE: dict[str, Callable[[Proof], Any]] = {
    "any index in place of an even one": lambda proof: instance(
        proof, proof.assume("at even indices"), {even: i}, ""
    ),
    "an index that may be 0 in place of a positive one": lambda proof: instance(
        proof, proof.assume("from 1 on"), {i: count}, ""
    ),
    "an integer of any sign in place of a positive one": lambda proof: instance(
        proof, proof.at_most(1, i, ""), {i: whole}, ""
    ),
    "an induction from 1 about 0": lambda proof: from_one_on(proof, count),
    "an induction from 1 about integers of any sign": lambda proof: from_one_on(proof, whole),
}


@pytest.mark.parametrize("false", OUTSIDE.values(), ids=OUTSIDE)
def test_an_index_stays_in_its_domain(false: Callable[[Proof], Any]) -> None:
    with pytest.raises(ProofError):
        false(Proof([AT_EVEN, FROM_ONE]))


@pytest.mark.parametrize(
    ("name", "index"),
    [("at even indices", 3), ("at even indices", i), ("from 1 on", negative), ("from 1 on", count)],
)
def test_an_equation_is_not_used_outside_its_domain(name: str, index: Any) -> None:
    proof = Proof([AT_EVEN, FROM_ONE])
    entry = proof.equal(u[index], u[index], "")
    assert rewritten(proof, entry, [proof.assume(name)], "").relation.left == u[index]


def test_an_equation_is_used_in_its_domain() -> None:
    proof = Proof([FROM_ONE])
    entry = proof.equal(u[i + 2], u[i + 2], "")
    assert rewritten(proof, entry, [proof.assume("from 1 on")], "").relation.left == 1


def test_independence_at_even_indices_is_none_at_odd_ones() -> None:
    proof, mean = Proof([EVEN_PAIRS]), Expectation(omega[1] * psi[1])
    assert factorised(proof, proof.equal(mean, mean, ""), "even pairs", "").relation.left == mean


def noise_of(proof: Proof, level: Any) -> Fact:
    """The limit of E x² is half the variance of the noise, in the system with this noise."""
    model = Diffusion(
        x, lambda i, a: -x[i, a], lambda i, a, c: level * sympy.KroneckerDelta(a, c), sympy.S.One
    )
    value, two = x[1, 1] ** 2, proof.less(0, 2, "")
    exact = proof.equal(model.generator(value), level - 2 * value, "")
    return moments_settle(proof, model, value, [(1, ClosedMoment(value, exact, two, level))])


def noise_tends_to_zero(proof: Proof) -> Fact:
    small = arbitrarily_small()
    limit = noise_of(proof, small)
    half = proof.at_most(limit.relation.left, small, "", using={limit: 1})
    return without_small(proof, half, small)


place = sympy.Symbol("s", positive=True)
OTHER_SYSTEM: dict[str, Callable[[Proof], Any]] = {
    "an integral over the noise of the system": lambda proof: integrated(
        proof, noise_of(proof, place), sympy.S.One, place
    ),
    "a sum over the noise of the system": lambda proof: proof.sum_over(
        noise_of(proof, i), i, agents, ""
    ),
    "another noise than that of the system": lambda proof: instance(
        proof, noise_of(proof, i), {i: j}, ""
    ),
    "a noise that tends to 0, of a system that stays": noise_tends_to_zero,
}


@pytest.mark.parametrize("false", OTHER_SYSTEM.values(), ids=OTHER_SYSTEM)
def test_the_system_has_one_value_of_its_symbols(false: Callable[[Proof], Any]) -> None:
    with pytest.raises(ProofError, match=r"the system itself|is not stated for all values"):
        false(Proof([REGULAR]))
