"""False relations by a division by zero, by imaginary numbers and by the time: each is refused."""

from collections.abc import Callable
from typing import Any

import pytest
import sympy

from theory.core.equalities import combined, multiplied, rewritten
from theory.core.expectation import Expectation, UpperLimit, expected, in_the_limit
from theory.core.flows import SOLVED, Flow, Part, decays, on_solutions, settles
from theory.core.long_run import average_limit
from theory.core.moments import REGULAR, Diffusion, moment_limit, noiseless
from theory.core.ornstein_uhlenbeck import under_sum
from theory.core.taylor import integrated
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal, less
from theory.symbols import agents, coupling, negative_curvature, rounds, time

a, b = sympy.symbols("a b", positive=True)
k, r, s = sympy.symbols("k r s", real=True)
i, j = sympy.symbols("i j", integer=True)
x = sympy.IndexedBase("x", real=True)
SQUARE = x[1, 1] ** 2
ZERO = (a + b) ** 2 - a**2 - 2 * a * b - b**2


def zero(proof: Proof) -> Fact:
    return proof.equal((a + b) ** 2, a**2 + 2 * a * b + b**2, "square")


def same(proof: Proof) -> Fact:
    return proof.assume("same")


FALSE: dict[str, Callable[[Proof], Any]] = {
    "1 < 0": lambda proof: proof.less(1, 0, "", using={zero(proof): -2 / zero(proof).slack}),
    "1 <= 0": lambda proof: proof.at_most(1, 0, "", using={zero(proof): 1 / zero(proof).slack}),
    "1 <= 0, by a certificate": lambda proof: proof.at_most(1, 0, "", certificate=a / ZERO),
    "1 = 0": lambda proof: combined(proof, 1, 0, {zero(proof): 1 / zero(proof).slack}, ""),
    "7 = 0 / 0": lambda proof: proof.equal(7, ZERO / ((a - b) ** 2 - a**2 + 2 * a * b - b**2), ""),
    "a = b over their difference": lambda proof: proof.at_most(
        1, 0, "", using={same(proof): 1 / (a - b)}
    ),
    "multiplied by 1 / 0": lambda proof: multiplied(
        proof, same(proof), proof.equal(1 / (a - b), 1 / (a - b), ""), ""
    ),
    "added up over 1 / 0": lambda proof: under_sum(proof, same(proof), 1 / (a - b), i, agents),
    "a square over 0": lambda proof: proof.product(
        proof.at_most(a, b, "", using={same(proof): 1}),
        proof.at_most(0, 1 / (a - b) ** 2, ""),
        "",
    ),
    "a given relation over 0": lambda proof: proof.less(
        0, 1, "", given={proof.assume("apart"): k}, certificate=1 / (k - k * (a + b) / (b + a))
    ),
    "written as 0 / 0": lambda proof: rewritten(
        proof,
        proof.equal(1 / x[1, 1], 1 / x[1, 1], ""),
        [proof.assume("vanishes")],
        "",
    ),
    "at a value over 0": lambda proof: proof.assume("for all", at={s: 1 / (a - b)}),
    "a negative value for a positive symbol": lambda proof: proof.assume(
        "for positive", at={b: -1}
    ),
    "zero for a positive symbol": lambda proof: proof.assume("for positive", at={b: 0}),
    "half an index": lambda proof: proof.assume("for each", at={i: sympy.Rational(1, 2)}),
    "an index below 1": lambda proof: proof.assume("for each", at={i: 0}),
    "an imaginary value": lambda proof: proof.assume("for all", at={s: sympy.I}),
    "an infinite value": lambda proof: proof.assume("for all", at={s: sympy.oo}),
    "a root of what may be negative": lambda proof: proof.assume("for all", at={s: sympy.sqrt(r)}),
}


@pytest.mark.parametrize("false", FALSE.values(), ids=FALSE)
def test_a_division_by_zero(false: Callable[[Proof], Any]) -> None:
    proof = Proof(
        [
            Assumption("same", "", equal(a, b)),
            Assumption("apart", "", less(0, k)),
            Assumption("vanishes", "", equal(x[1, 1], 0)),
            Assumption("for all", "", at_most(0, s**2), over=(s,)),
            Assumption("for positive", "", less(0, b), over=(b,)),
            Assumption("for each", "", less(0, x[i, 1] ** 2 + i), over=(i,)),
        ]
    )
    with pytest.raises(ProofError):
        false(proof)


def test_a_quotient_is_defined_by_a_fact_or_a_hypothesis() -> None:
    proof = Proof([Assumption("apart", "", less(b, a))])
    fact = proof.at_most(1, (a - b) / (a - b + 0 * b) + 0 / (a - b), "defined")
    assert not fact.rests_on
    assert proof.equal(1 / (a - b), 2 / (2 * a - 2 * b), "").rests_on == {"apart"}


imaginary = sympy.IndexedBase("u", imaginary=True)
complex_one = sympy.IndexedBase("w")


@pytest.mark.parametrize("array", [imaginary, complex_one], ids=["imaginary", "complex"])
def test_squares_of_what_is_not_real(array: Any) -> None:
    total = sympy.Sum(array[i], (i, 1, agents))
    for value in (
        array[i] ** 2,
        total**2,
        sympy.Sum(array[i] ** 2, (i, 1, agents)),
        Expectation(array[i]) ** 2,
        UpperLimit(Expectation(total)) ** 2,
        (array[i] - array[j]) ** 2,
        (array[i] * array[j]) ** 2 * array[1] ** 2,
    ):
        with pytest.raises(ProofError):
            Proof([]).at_most(0, value, "a square")


RATE = coupling * time - negative_curvature
STEADY = Flow((Part(x, lambda i, a: -x[i, a], sympy.S.One),))
DRIVEN = Flow((Part(x, lambda i, a: -coupling * time * x[i, a], sympy.S.One),))
NOISY = Diffusion(x, lambda i, a: -x[i, a], lambda i, a, c: time, sympy.S.One)
DECLINING = Diffusion(x, lambda i, a: -x[i, a], noiseless, sympy.S.One)


def growth_of(proof: Proof, system: Any, value: Any, bound: Any) -> Fact:
    derivative = getattr(system, "derivative", None) or system.generator
    return proof.at_most(derivative(value), bound, "exact")


def one(proof: Proof) -> Fact:
    return proof.less(0, 2, "rate")


def fast(proof: Proof) -> Fact:
    return proof.less(0, 1 + time, "rate")


TIMED: dict[str, Callable[[Proof], Any]] = {
    "a rate k t": lambda proof: decays(
        proof,
        DRIVEN,
        SQUARE,
        2 * coupling * time,
        growth_of(proof, DRIVEN, SQUARE, -2 * coupling * time * SQUARE),
    ),
    "a rate of the number of rounds": lambda proof: decays(
        proof, STEADY, SQUARE, rounds, proof.take(at_most(-2 * SQUARE, -rounds * SQUARE), "", ())
    ),
    "a rate 1 + t of a limit": lambda proof: settles(
        proof, STEADY, SQUARE, one(proof), fast(proof), sympy.S.Zero
    ),
    "a source t": lambda proof: moment_limit(
        proof, NOISY, SQUARE, growth_of(proof, NOISY, SQUARE, time - 2 * SQUARE), one(proof), time
    ),
    "a source t on average": lambda proof: average_limit(
        proof,
        NOISY,
        SQUARE,
        SQUARE,
        growth_of(proof, NOISY, SQUARE, time - 2 * SQUARE),
        one(proof),
        time,
    ),
    "an offset t": lambda proof: settles(
        proof,
        STEADY,
        SQUARE,
        growth_of(proof, STEADY, SQUARE, time - 2 * SQUARE),
        one(proof),
        sympy.S.Zero,
        offset=time,
    ),
    "a value with t": lambda proof: growth_of(proof, DECLINING, time * SQUARE, 0),
    "a factor t in the limit": lambda proof: in_the_limit(
        proof, time * SQUARE, time, SQUARE, proof.at_most(time * SQUARE, time * SQUARE, "")
    ),
    "a rate that is a function": lambda proof: decays(
        proof,
        STEADY,
        SQUARE,
        sympy.Function("r", real=True)(time),
        proof.take(
            at_most(-2 * SQUARE, -sympy.Function("r", real=True)(time) * SQUARE), "granted", ()
        ),
    ),
    "on a solution, with t inside": lambda proof: on_solutions(
        proof, proof.at_most(0, time * SQUARE, ""), sympy.S.Zero
    ),
    "an expectation at 0, with t inside": lambda proof: expected(
        proof, proof.at_most(0, time * SQUARE, ""), 0, ""
    ),
    "an integral over the time": lambda proof: integrated(
        proof, proof.at_most(0, time, ""), sympy.S.One, time
    ),
}


@pytest.mark.parametrize("false", TIMED.values(), ids=TIMED)
def test_what_depends_on_time_is_no_constant(false: Callable[[Proof], Any]) -> None:
    with pytest.raises(ProofError):
        false(Proof([SOLVED, REGULAR]))
