"""What is known for one value of a symbol, put under a sum, an integral or a derivative over it."""

from collections.abc import Callable
from typing import Any

import pytest
import sympy

from theory.core.equalities import rewritten
from theory.core.induction import Definition, defined
from theory.core.losses import COORDINATE, Loss, point
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, equal, less
from theory.proofs.result import Result, Statement
from theory.proofs.sums import moved
from theory.symbols import agents, dimension

i, j, a = sympy.symbols("i j a", integer=True, positive=True)
k = sympy.Symbol("k_1", real=True)
s = sympy.Symbol("s", real=True)
x, y, m = (sympy.IndexedBase(name, real=True) for name in "xym")
f = sympy.Function("f", real=True)

MEAN = sympy.Sum(x[i, a], (i, 1, agents)) / agents
AT_REST = Assumption("one at rest", "", equal(x[i, a], 0), over=(a,))
ALL_AT_REST = Assumption("all at rest", "", equal(x[i, a], 0), over=(i, a))
GIVEN = (
    AT_REST,
    Assumption("zero at one place", "", equal(f(s), 0)),
    Assumption("area", "", equal(sympy.Integral(f(s), (s, 0, 1)), 1)),
    Assumption("slope", "", equal(sympy.Derivative(f(s), s), 1)),
    Assumption("as another", "", equal(y[i], m[j]), over=(i,)),
    Assumption("the first coordinate", "", equal(y[COORDINATE], 0)),
    Assumption("one above zero", "", less(0, y[i])),
    Assumption("one below", "", less(y[i], k)),
)


def put_in(proof: Proof, value: Any, name: str) -> Fact:
    return rewritten(proof, proof.equal(value, value, "itself"), [proof.assume(name)], "put in")


FALSE: dict[str, Callable[[Proof], Any]] = {
    "the mean of agents of which one is at rest": lambda proof: put_in(proof, MEAN, "one at rest"),
    "an area, from one place": lambda proof: rewritten(
        proof, proof.assume("area"), [proof.assume("zero at one place")], ""
    ),
    "a slope, from one place": lambda proof: rewritten(
        proof, proof.assume("slope"), [proof.assume("zero at one place")], ""
    ),
    "a sum, by an entry of another index": lambda proof: put_in(
        proof, sympy.Sum(y[j], (j, 1, agents)), "as another"
    ),
    "a whole point, from one coordinate": lambda proof: put_in(
        proof, Loss(point(lambda c: y[c])), "the first coordinate"
    ),
    "a divisor under a sum, of which one is above zero": lambda proof: proof.equal(
        sympy.Sum(1 / y[i], (i, 1, dimension)), sympy.Sum(1 / y[i], (i, 1, dimension)), ""
    ),
    "the same of two facts": lambda proof: proof.at_most(
        sympy.Sum(1 / (k - y[i]), (i, 1, dimension)),
        sympy.Sum(1 / (k - y[i]), (i, 1, dimension)),
        "",
        given={proof.assume("one below"): k},
    ),
    "a root under a sum, of which one is real": lambda proof: proof.at_most(
        sympy.Sum(sympy.sqrt(y[i]), (i, 1, dimension)),
        1 + sympy.Sum(sympy.sqrt(y[i]), (i, 1, dimension)),
        "",
    ),
    "a logarithm under a sum": lambda proof: proof.equal(
        sympy.Sum(sympy.log(y[i]), (i, 1, dimension)),
        sympy.Sum(sympy.log(y[i]), (i, 1, dimension)),
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("false", FALSE.values(), ids=FALSE)
def test_what_is_known_for_one_is_not_put_under_a_sum(false: Callable[[Proof], Any]) -> None:
    with pytest.raises(ProofError) as noticed:
        false(Proof(GIVEN))
    assert "as sympy fails" not in str(noticed.value)


def mean_at_rest(hypothesis: Assumption) -> Result:
    def prove(proof: Proof, model: Any) -> dict[str, Fact]:
        meaning = defined(proof, m[a], MEAN)
        return {"mean": rewritten(proof, meaning, [proof.assume(hypothesis.name)], "put in")}

    stated: Relation = equal(m[a], 0)
    return Result(
        "rest", "0", "", "", {"mean": Statement("", stated)}, (hypothesis,), prove,
        system=Definition(m[a], MEAN),
    )  # fmt: skip


def test_one_agent_at_rest_does_not_stop_the_mean() -> None:
    with pytest.raises(ProofError, match="captured"):
        mean_at_rest(AT_REST).derive()
    assert mean_at_rest(ALL_AT_REST).derive().rests_on == {"all at rest"}


def test_what_is_known_for_all_is_put_under_a_sum() -> None:
    above = Assumption("above zero", "", less(0, y[i]), over=(i,))
    proof = Proof([above])
    total = sympy.Sum(1 / y[i], (i, 1, dimension))
    fact = proof.equal(total, total, "each divided")
    assert fact.rests_on == {"above zero"}


def test_a_value_is_not_caught_by_a_name_that_both_have() -> None:
    place = f(sympy.Lambda(COORDINATE, x[COORDINATE]))
    with pytest.raises(ProofError, match="captured"):
        moved(place, x, lambda c: y[c] * m[COORDINATE])
    assert moved(place, x, lambda c: y[c] * m[1]).has(m[1])
