"""Hypotheses on integrals and limits that contradict those on what is averaged: all refused."""

from typing import Any

import pytest
import sympy

from theory.core.taylor import integrated
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.quadrature import rule_of
from theory.proofs.relation import ProofError, Relation, at_most, equal, less
from theory.proofs.result import Result, Statement
from theory.proofs.satisfiable import instance_of
from theory.symbols import coupling

s, r = sympy.symbols("s r", real=True)
t = sympy.Symbol("t", positive=True)
f = sympy.Function("f", real=True)


def given(*relations: Relation) -> tuple[Assumption, ...]:
    """Hypotheses, for all s and r where they speak of them outside of an integral."""
    made = []
    for number, one in enumerate(relations, start=1):
        free = sympy.sympify(one.slack).free_symbols
        over = tuple(name for name in (s, r) if name in free)
        made.append(Assumption(f"{number}", "", one, over=over))
    return tuple(made)


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
        Result(
            "false", "0", "", "", {"s": Statement("", at_most(coupling, 0))}, hypotheses,
            lambda proof, model: {"s": prove(proof)},
        ).derive()  # fmt: skip
