"""Hypotheses of one time, of a range, by name, by case and far out; results that cite themselves."""

from collections.abc import Callable
from typing import Any

import pytest
import sympy

from theory.core.equalities import combined, multiplied, rewritten
from theory.core.expectation import Expectation
from theory.core.induction import Recurrent, Recursion, by_induction, defined, stepped
from theory.core.moments import REGULAR, Diffusion, moment_limit, noiseless
from theory.core.random_arrays import RandomArray, averaged
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, equal, less
from theory.proofs.result import Result, Statement
from theory.proofs.satisfiable import FAR, SAMPLES
from theory.symbols import agents, coupling, dimension, negative_curvature

i, j, t = sympy.symbols("i j t", integer=True, positive=True)
s = sympy.Symbol("s", real=True)
u, b, x = (sympy.IndexedBase(name, real=True) for name in "ubx")
f = sympy.Function("f", real=True)
TRIED = sympy.Mul(*[s - value for value in (*SAMPLES, *(real for _, real in FAR))])
omega = RandomArray("omega", real=True)
PICKED = sympy.Sum(sympy.KroneckerDelta(i, j) * u[j], (j, 1, dimension))
PICKS = Assumption("picks", "", equal(b[i], PICKED), over=(i,))
SAME = Assumption("same", "", equal(b[i], u[i]), over=(i,))
SMALL = Assumption("small", "", at_most(u[i], coupling), over=(i,))
DOUBLING = Recursion(u, lambda t: 2 * u[t])


def result(
    stated: Relation, prove: Callable[[Proof], Fact], *given: Assumption, **more: Any
) -> Result:
    return Result(
        "false", "0", "", "", {"s": Statement("", stated)}, given,
        lambda proof, model: {"s": prove(proof)}, **more,
    )  # fmt: skip


def total(proof: Proof) -> Fact:
    both = {proof.assume("same"): 1, proof.assume("small"): 1}
    return proof.sum_over(proof.at_most(b[i], coupling, "", using=both), i, agents, "")


TOTAL = result(at_most(sympy.Sum(b[i], (i, 1, agents)), agents * coupling), total, SAME, SMALL)


def step_of_few(proof: Proof) -> Fact:
    """The step from t to t + 1 uses that t is at most 3."""

    def step(inner: Proof, known: Fact) -> Fact:
        after = stepped(inner, Recursion(u, lambda t: t + 1), t)
        return inner.at_most(u[t + 1], 4, "", using={after: 1, inner.assume("few"): 1})

    base = proof.at_most(u[1], 4, "", using={proof.assume("start"): 1})
    return by_induction(proof, at_most(u[t], 4), t, base, step)


def claim_leaves_its_step(proof: Proof) -> Fact:
    """The claim at t is kept, under the name of an assumption that says something else."""
    kept = []

    def step(inner: Proof, known: Fact) -> Fact:
        kept.append(known)
        return inner.at_most(5, 5, "")

    by_induction(proof, at_most(5, 5), t, proof.at_most(5, 5, ""), step)
    return kept[0]


def picked_by_definition(proof: Proof) -> Fact:
    free = Proof([SMALL])
    return by_lemma(free, defined(free, b[i], PICKED))


def by_lemma(proof: Proof, picked: Fact) -> Fact:
    fact = combined(proof, b[i], u[i], {picked: 1}, "")
    return lemma(proof, TOTAL, "s", discharging={"same": fact})


def renamed_regular(proof: Proof) -> Fact:
    model, value = Diffusion(x, lambda i, a: -x[i, a], noiseless, sympy.S.One), x[1, 1] ** 2
    growth = proof.at_most(model.generator(value), -2 * value, "")
    return moment_limit(proof, model, value, growth, proof.less(0, 2, ""), sympy.S.Zero)


FALSE: dict[str, Callable[[Proof], Any]] = {
    "an induction whose step needs a small t": step_of_few,
    "a claim that leaves its step": claim_leaves_its_step,
    "a condition of a rule by its name alone": renamed_regular,
    "a hypothesis with a delta, summed further": lambda proof: proof.sum_over(
        proof.at_most(b[i], u[i], "", using={proof.assume("picks"): 1}), i, agents, ""
    ),
    "the same, combined": lambda proof: proof.sum_over(
        combined(proof, b[i], u[i], {proof.assume("picks"): 1}, ""), i, agents, ""
    ),
    "the same, in a chain": lambda proof: proof.sum_over(
        proof.chain(proof.assume("picks"), proof.equal(u[i], u[i], "")), i, agents, ""
    ),
    "the same, as the hypothesis of a lemma": lambda proof: by_lemma(proof, proof.assume("picks")),
    "a definition with a delta as one": picked_by_definition,
}


@pytest.mark.parametrize("name", FALSE)
def test_what_is_known_of_less_is_not_known_of_all(name: str) -> None:
    false = FALSE[name]
    proof = Proof(
        [
            PICKS,
            SMALL,
            Assumption("few", "", at_most(t, 3)),
            Assumption("start", "", equal(u[1], 1)),
            Assumption("regular solutions", "anything", at_most(0, coupling)),
            Assumption("induction hypothesis 1", "anything", at_most(0, coupling)),
        ]
    )
    if false is step_of_few:
        proof = Proof(proof.assumptions[:4])
    with pytest.raises(ProofError) as refused:
        false(proof)
    if "lemma" in name or "definition" in name:
        assert "is known for i up to n alone" in str(refused.value)


def test_the_lemma_is_one() -> None:
    proof = Proof([SAME, SMALL])
    assert lemma(proof, TOTAL, "s").rests_on == {"same", "small"}


def test_a_rule_takes_its_own_condition() -> None:
    assert renamed_regular(Proof([REGULAR])).rests_on == {REGULAR.name}


def zero_is_one(proof: Proof) -> Fact:
    square = multiplied(proof, proof.assume("still"), proof.assume("still"), "")
    mean = averaged(proof, square, "")
    return combined(proof, 1, 0, {proof.assume("unit"): -1, mean: 1}, "")


def doubled(proof: Proof) -> Fact:
    here, after = proof.assume("one"), proof.assume("one", at={t: t + 1})
    return combined(proof, 1, 2, {after: -1, stepped(proof, DOUBLING, t): 1, here: 2}, "")


HYPOTHETICAL = {
    "all indices are at most 2": result(
        at_most(1, 0),
        lambda proof: proof.at_most(1, 0, "", using={proof.assume("few", at={i: i + 2}): 1}),
        Assumption("few", "", at_most(i, 2), over=(i,)),
    ),
    "all numbers are at most 3": result(
        at_most(1, 0),
        lambda proof: proof.at_most(1, 0, "", using={proof.assume("few", at={s: 4}): 1}),
        Assumption("few", "", at_most(s, 3), over=(s,)),
    ),
    "all numbers are at most 999": result(
        at_most(1, 0),
        lambda proof: proof.at_most(1, 0, "", using={proof.assume("few", at={s: 1000}): 1}),
        Assumption("few", "", at_most(s, 999), over=(s,)),
    ),
    "all indices are at most 1000": result(
        at_most(1, 0),
        lambda proof: proof.at_most(
            1, 0, "", using={proof.assume("few", at={i: i + 1000}): 1, proof.at_most(1, i, ""): 1}
        ),
        Assumption("few", "", at_most(i, 1000), over=(i,)),
    ),
    "a polynomial that vanishes wherever it is tried": result(
        equal(1, 0),
        lambda proof: combined(
            proof, 1, 0, {proof.assume("flat", at={s: 0}): 1 / TRIED.subs(s, 0)}, ""
        ),
        Assumption("flat", "", equal(TRIED, 0), over=(s,)),
    ),
    "one entry against all": result(
        equal(7, 5),
        lambda proof: rewritten(proof, proof.assume("seventh"), [proof.assume("each")], ""),
        Assumption("each", "", equal(u[i], i), over=(i,)),
        Assumption("seventh", "", equal(u[7], 5)),
    ),
    "one value of a function against all": result(
        equal(sympy.Rational(7, 3), 5),
        lambda proof: combined(
            proof,
            sympy.Rational(7, 3),
            5,
            {proof.assume("each", at={s: sympy.Rational(7, 3)}): -1, proof.assume("one"): 1},
            "",
        ),
        Assumption("each", "", equal(f(s), s), over=(s,)),
        Assumption("one", "", equal(f(sympy.Rational(7, 3)), 5)),
    ),
    "a mean of 0 of what is at least 1": result(
        at_most(1, 0),
        lambda proof: proof.at_most(
            1,
            0,
            "",
            using={averaged(proof, proof.assume("large"), ""): 1, proof.assume("centred"): 1},
        ),
        Assumption("large", "", at_most(1, omega[1])),
        Assumption("centred", "", equal(Expectation(omega[1]), 0)),
    ),
    "a variance of 1 of what is 0": result(
        equal(1, 0),
        zero_is_one,
        Assumption("still", "", equal(omega[1], 0)),
        Assumption("unit", "", equal(Expectation(omega[1] ** 2), 1)),
    ),
    "a hypothesis against the stated recursion": result(
        equal(1, 2),
        doubled,
        Assumption("one", "", equal(u[t], 1), over=(t,)),
        system=Recurrent(DOUBLING, (t,)),
    ),
    "the conclusion as a stricter hypothesis": result(
        at_most(coupling, negative_curvature),
        lambda proof: proof.at_most(
            coupling, negative_curvature, "", using={proof.assume("hope"): 1}
        ),
        Assumption("hope", "", less(coupling, negative_curvature)),
    ),
    "the conclusion as one side of an equation": result(
        at_most(coupling, negative_curvature),
        lambda proof: proof.at_most(
            coupling, negative_curvature, "", using={proof.assume("hope"): 1}
        ),
        Assumption("hope", "", equal(coupling, negative_curvature)),
    ),
}


@pytest.mark.parametrize("false", HYPOTHETICAL.values(), ids=HYPOTHETICAL)
def test_hypotheses_that_contradict_and_relay(false: Result) -> None:
    with pytest.raises(ProofError, match=r"contradict|its own assumptions"):
        false.derive()


def place(value: Any) -> Any:
    return less(0, (value - 1) ** 2)


y = sympy.Symbol("y", real=True)
APART = Assumption("apart", "", place(s), over=(s,))
FEW = Assumption("few", "", at_most(i, 1000), over=(i,))
AT_ONE = result(
    less(0, (y - 1) ** 2 + negative_curvature**2),
    lambda proof: proof.less(
        0, (y - 1) ** 2 + negative_curvature**2, "", using={proof.assume("apart", at={s: y}): 1}
    ),
    APART,
)


def far(proof: Proof) -> Fact:
    one = proof.assume("few", at={i: i + 1000})
    return proof.at_most(1, 0, "", using={one: 1, proof.at_most(1, i, ""): 1})


def through_another(proof: Proof) -> Fact:
    """The hypothesis of the lemma follows from another one, for all numbers."""
    twice = proof.less(0, 2 * place(s).right, "", using={proof.assume("apart"): 2})
    half = proof.less(0, place(s).right, "", using={twice: sympy.S.Half})
    return lemma(proof, AT_ONE, "s", at={y: sympy.S.One}, discharging={"apart": half})


BY_A_LEMMA: dict[str, tuple[Callable[[Proof], Fact], Assumption]] = {
    "a value that a lemma takes": (
        lambda proof: lemma(proof, AT_ONE, "s", at={y: sympy.S.One}), APART,
    ),
    "a value in its own proof": (
        lambda proof: lemma(proof, result(at_most(1, 0), far, FEW), "s"), FEW,
    ),
    "a value of a lemma of a lemma": (
        lambda proof: lemma(
            proof,
            result(
                less(0, y**2 + negative_curvature**2),
                lambda inner: lemma(inner, AT_ONE, "s", at={y: y + 1}),
                APART,
            ),
            "s",
            at={y: sympy.S.Zero},
        ), APART,
    ),
    "a lemma under a fact that follows": (through_another, APART),
}  # fmt: skip


@pytest.mark.parametrize(("prove", "given"), BY_A_LEMMA.values(), ids=BY_A_LEMMA)
def test_hypotheses_that_contradict_where_a_lemma_takes_them(
    prove: Callable[[Proof], Fact], given: Assumption
) -> None:
    with pytest.raises(ProofError, match="contradict"):
        result(prove(Proof([given])).relation, prove, given).derive()


def test_results_do_not_cite_each_other() -> None:
    claim = at_most(coupling, 0)
    one = result(claim, lambda proof: lemma(proof, other, "s"))
    other = result(claim, lambda proof: lemma(proof, one, "s"))
    for circular in (one, other):
        with pytest.raises(ProofError, match="uses 0 itself"):
            circular.derive()
