"""Hypotheses on integrals and limits that contradict those on what is averaged: all refused."""

from collections.abc import Callable
from typing import Any

import pytest
import sympy

from theory.core.expectation import Constant, Expectation, UpperLimit, in_the_limit
from theory.core.flows import Along
from theory.core.long_run import TimeAverage
from theory.core.taylor import integrated
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.quadrature import rule_of
from theory.proofs.relation import ProofError, Relation, at_most, equal, less
from theory.proofs.result import Result, Statement
from theory.proofs.satisfiable import instance_of
from theory.symbols import coupling, time

s, r = sympy.symbols("s r", real=True)
t = sympy.Symbol("t", positive=True)
x, y = (sympy.IndexedBase(name, real=True) for name in "xy")
c = Constant("c", real=True)
f = sympy.Function("f", real=True)


def given(*relations: Relation) -> tuple[Assumption, ...]:
    """Hypotheses, for all s and r where they speak of them outside of an integral."""
    made = []
    for number, one in enumerate(relations, start=1):
        free = sympy.sympify(one.slack).free_symbols
        over = tuple(name for name in (s, r) if name in free)
        made.append(Assumption(f"{number}", "", one, over=over))
    return tuple(made)


def derived(prove: Callable[[Proof], Fact], hypotheses: tuple[Assumption, ...]) -> Any:
    """Everything that a proof concludes from them: each number is at most 0."""
    return Result(
        "false", "0", "", "", {"s": Statement("", at_most(coupling, 0))}, hypotheses,
        lambda proof, model: {"s": prove(proof)},
    ).derive()  # fmt: skip


def integral(value: Any, end: Any = 1) -> Any:
    return sympy.Integral(value, (s, 0, end))


IMPOSSIBLE = {
    "below 0, and of an integral of 1": given(at_most(f(s), 0), at_most(1, integral(f(s)))),
    "the same under another name": given(at_most(f(r), 0), at_most(1, integral(f(s)))),
    "the same from the other end": given(at_most(f(s), 0), at_most(1, integral(f(1 - s)))),
    "the same over another range": given(at_most(f(s), 0), at_most(1, integral(f(s), t))),
    "the same with a weight": given(at_most(f(s), 0), at_most(1, integral(s**2 * f(s)))),
    "an integral that is another": given(
        equal(f(s), 1), equal(integral(s**8 * f(s)), sympy.Rational(1, 10))
    ),
    "one integral inside another": given(
        at_most(f(s * r), 0),
        at_most(1, sympy.Integral(f(s * r), (s, 0, 1), (r, 0, 1))),
    ),
}


@pytest.mark.parametrize("impossible", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_hypotheses_that_no_function_satisfies(impossible: tuple[Assumption, ...]) -> None:
    with pytest.raises(ProofError, match="contradict"):
        instance_of(impossible)


@pytest.mark.parametrize(
    "possible",
    [
        given(at_most(f(s), 1), equal(integral(f(s)), sympy.S.Half)),
        given(equal(f(s), s), equal(integral(s**5 * f(s)), sympy.Rational(1, 7))),
        given(less(0, f(s)), at_most(integral(f(s), t), 1), equal(integral(s * f(s), t), 3)),
    ],
)
def test_hypotheses_that_some_function_satisfies(possible: tuple[Assumption, ...]) -> None:
    assert instance_of(possible).values


@pytest.mark.parametrize("places", [3, 5, 9, 14])
def test_weights_are_positive_and_exact(places: int) -> None:
    rule = rule_of(places)
    assert all(weight > 0 and 0 < place < 1 for place, weight in rule)
    power = places - 1
    assert sum(weight * place**power for place, weight in rule) == sympy.Rational(1, places)


def test_what_follows_from_them_is_refused() -> None:
    hypotheses = IMPOSSIBLE["below 0, and of an integral of 1"]

    def prove(proof: Proof) -> Fact:
        below = integrated(proof, proof.assume("1"), 1, s)
        one = proof.at_most(1, 0, "", using={below: 1, proof.assume("2"): 1})
        return proof.at_most(coupling, 0, "", using={one: coupling})

    with pytest.raises(ProofError, match="contradict"):
        derived(prove, hypotheses)


def of_mean(value: Any) -> Any:
    return UpperLimit(Expectation(value))


NEVER = {
    "below 0, and of a limit of 1": given(at_most(x[1, 1], 0), at_most(1, of_mean(x[1, 1]))),
    "the same on each path": given(at_most(x[1, 1], 0), at_most(1, UpperLimit(x[1, 1]))),
    "the same at a time": given(at_most(x[1, 1], 0), at_most(1, Expectation(x[1, 1], 0))),
    "the same on a solution": given(at_most(x[1, 1], 0), at_most(1, Along(x[1, 1], time))),
    "the same on average": given(
        at_most(x[1, 1], 0), at_most(1, TimeAverage(Expectation(x[1, 1])))
    ),
    "below another, and of another limit": given(
        at_most(x[1, 1], 2 * x[1, 2]), at_most(1, of_mean(x[1, 1])), at_most(of_mean(x[1, 2]), 0)
    ),
    "below another, which is below 0": given(
        at_most(x[1, 1], y[1]), at_most(y[1], 0), at_most(1, of_mean(x[1, 1]))
    ),
    "a constant above its own limit": given(less(of_mean(c[1]), c[1])),
}


@pytest.mark.parametrize("impossible", NEVER.values(), ids=NEVER)
def test_hypotheses_that_no_solution_satisfies(impossible: tuple[Assumption, ...]) -> None:
    with pytest.raises(ProofError, match="contradict"):
        instance_of(impossible)


@pytest.mark.parametrize(
    "possible",
    [
        given(at_most(0, x[1, 1]), equal(of_mean(x[1, 1]), 1), equal(Expectation(x[1, 1], 0), 5)),
        given(equal(of_mean(x[1, 1]), 0), equal(of_mean(x[1, 1] ** 2), 1)),
        given(equal(UpperLimit(x[1, 1]), 1), equal(UpperLimit(-x[1, 1]), 1)),
        given(equal(of_mean(x[1, 1]), 1), equal(of_mean(-x[1, 1]), 1)),
        given(
            equal(TimeAverage(Expectation(x[1, 1])), 1), equal(of_mean(x[1, 1]), 2), less(c[1], 0)
        ),
    ],
)
def test_hypotheses_that_some_solution_satisfies(possible: tuple[Assumption, ...]) -> None:
    assert instance_of(possible).values


def test_what_follows_from_a_limit_that_is_none_is_refused() -> None:
    hypotheses = NEVER["below 0, and of a limit of 1"]

    def prove(proof: Proof) -> Fact:
        below = in_the_limit(proof, x[1, 1], sympy.S.Zero, x[1, 1], proof.assume("1"))
        one = proof.at_most(1, 0, "", using={below: 1, proof.assume("2"): 1})
        return proof.at_most(coupling, 0, "", using={one: coupling})

    with pytest.raises(ProofError, match="contradict"):
        derived(prove, hypotheses)
