"""Indices out of range, sums over what is fixed, hidden definitions, contradictory hypotheses."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import sympy

import theory
from theory.core.equalities import combined, instance, rewritten
from theory.core.expectation import Constant, Expectation
from theory.core.gradients import Point
from theory.core.induction import Definition, Recursion, by_induction, defined, stepped
from theory.core.inequalities import length_at_most, without_small
from theory.core.moments import Diffusion, drift_of, noiseless
from theory.core.random_arrays import Independence, RandomArray
from theory.core.taylor import hessian_form, integrated
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, equal, less
from theory.proofs.result import Result, Statement
from theory.results import adilova_lemma_1, lemma_3_1, smoothing_38
from theory.symbols import agents, coupling, dimension, negative_curvature, time

i, j, t = sympy.symbols("i j t", integer=True, positive=True)
even = sympy.Symbol("e", integer=True, even=True, positive=True)
later = sympy.Symbol("m", integer=True, negative=True)
s, r, c = sympy.symbols("s r c", real=True)
beyond = sympy.Symbol("q", positive=True, integer=True)
u, v = sympy.IndexedBase("u", real=True), sympy.IndexedBase("v", real=True)
noise = RandomArray("omega", real=True)
few = Assumption("few", "", at_most(agents, 3))
one_alone = Assumption("one alone", "", equal(u[i], 0))
each = Assumption("each", "", equal(u[i], v[i]), over=(i,))
somewhere = Assumption("somewhere", "", at_most(s, 1))
small = sympy.Dummy("delta", positive=True)

DELTA = sympy.KroneckerDelta(i, j) * u[j]
STILL = Diffusion(lemma_3_1.x, lambda i, a: -lemma_3_1.x[i, a], noiseless)


def picked(proof: Proof) -> Fact:
    """Return Σ_j δ_ij u_j = u_i, which holds for i up to n alone."""
    return proof.equal(sympy.Sum(DELTA, (j, 1, dimension)), u[i], "one of them")


FALSE: dict[str, Callable[[Proof], Any]] = {
    "a sum over a parameter": lambda proof: proof.sum_over(
        proof.assume("few"), agents, dimension, ""
    ),
    "a sum over the index of one hypothesis": lambda proof: proof.sum_over(
        proof.assume("one alone"), i, agents, ""
    ),
    "the same behind another step": lambda proof: proof.sum_over(
        proof.at_most(u[i], 0, "", using={proof.assume("one alone"): 1}), i, agents, ""
    ),
    "the same at another index": lambda proof: instance(
        proof, proof.assume("one alone"), {i: j}, ""
    ),
    "the same under a sum": lambda proof: combined(
        proof,
        sympy.Sum(u[j], (j, 1, agents)),
        0,
        {
            rewritten(
                proof,
                proof.equal(sympy.Sum(u[j], (j, 1, agents)), sympy.Sum(u[j], (j, 1, agents)), ""),
                [proof.assume("one alone")],
                "",
            ): 0
        },
        "",
    ),
    "a sum over even numbers": lambda proof: proof.sum_over(
        proof.equal((-1) ** even, 1, ""), even, agents, ""
    ),
    "a sum over negative numbers": lambda proof: proof.sum_over(
        proof.less(later, 0, ""), later, agents, ""
    ),
    "a sum over numbers that are not integers": lambda proof: proof.sum_over(
        proof.at_most(0, s**2, ""), s, agents, ""
    ),
    "an index beyond the sum": lambda proof: instance(
        proof, proof.assume("each"), {i: agents + 1}, ""
    ),
    "an index that is a number": lambda proof: instance(proof, proof.assume("each"), {i: 5}, ""),
    "an index before the sum": lambda proof: instance(proof, proof.assume("each"), {i: 0}, ""),
    "an index of another sum": lambda proof: instance(
        proof, proof.assume("each"), {i: dimension}, ""
    ),
    "an integral over one place": lambda proof: integrated(
        proof, proof.assume("somewhere"), sympy.S.One, s
    ),
    "an integral over integers": lambda proof: integrated(
        proof, proof.at_most(i, i**2, ""), sympy.S.One, i
    ),
    "an integral over negative places": lambda proof: integrated(
        proof,
        proof.less(sympy.Symbol("z", negative=True), 0, ""),
        sympy.S.One,
        sympy.Symbol("z", negative=True),
    ),
    "an eigenvalue that is one gain": lambda proof: hessian_form(
        proof,
        Point(lambda a: u[a], lambda a: v[a]),
        Point(lambda a: u[a + 1], lambda a: v[a + 1]),
        lambda a: u[a],
        proof.assume("a gain"),
        proof.at_most(-3, coupling, ""),
        coupling,
    ),
    "one component for all": lambda proof: length_at_most(
        proof,
        proof.at_most(u[i], 1, "", using={proof.assume("one alone"): 1}),
        proof.at_most(-1, u[i], "", using={proof.assume("one alone"): -1}),
        i,
    ),
    "a small number that is one of a hypothesis": lambda proof: without_small(
        proof, proof.assume("large"), small
    ),
    "an induction over even numbers": lambda proof: by_induction(
        proof,
        equal((-1) ** even, 1),
        even,
        proof.equal(1, 1, ""),
        lambda inner, known: inner.equal(1, 1, ""),
    ),
    "an induction over a parameter": lambda proof: by_induction(
        proof, at_most(0, agents), agents, proof.at_most(0, 1, ""), lambda inner, known: known
    ),
    "an induction from a hypothesis about one number": lambda proof: by_induction(
        proof,
        equal(u[t], 0),
        t,
        proof.assume("one time", at={}),
        lambda inner, known: known,
    ),
    "a delta of one range summed over another": lambda proof: proof.sum_over(
        picked(proof), i, agents, ""
    ),
    "a delta at another index": lambda proof: proof.sum_over(
        instance(proof, picked(proof), {i: t}, ""), t, agents, ""
    ),
    "a delta behind another step": lambda proof: proof.sum_over(
        proof.at_most(u[i], sympy.Sum(DELTA, (j, 1, dimension)), "", using={picked(proof): 1}),
        i,
        agents,
        "",
    ),
    "a delta under another sum": lambda proof: rewritten(
        proof,
        proof.equal(sympy.Sum(u[j], (j, 1, agents)), sympy.Sum(u[j], (j, 1, agents)), ""),
        [combined(proof, u[i], sympy.Sum(DELTA, (j, 1, dimension)), {picked(proof): -1}, "")],
        "",
    ),
    "a drift of coordinates summed over agents": lambda proof: proof.sum_over(
        drift_of(proof, STILL, lemma_3_1.x[1, i], -lemma_3_1.x[1, i]), i, agents, ""
    ),
    "a step at one time for all": lambda proof: stepped(proof, Recursion(u, lambda t: u[t]), even),
}


@pytest.mark.parametrize("false", FALSE.values(), ids=FALSE)
def test_what_is_known_for_one_is_not_known_for_all(false: Callable[[Proof], Any]) -> None:
    proof = Proof(
        [
            few,
            one_alone,
            each,
            somewhere,
            Assumption("a gain", "", at_most(coupling, 3)),
            Assumption("large", "", at_most(r, small)),
            Assumption("one time", "", equal(u[t], 0)),
        ]
    )
    with pytest.raises(ProofError):
        false(proof)


def test_the_hypothesis_of_an_induction_holds_for_its_other_indices_only() -> None:
    proof = Proof([Assumption("start", "", equal(u[1, i], 0))])

    def step(inner: Proof, known: Fact) -> Fact:
        return inner.sum_over(known, i, agents, "over what the start is known for once")

    with pytest.raises(ProofError, match="one value"):
        by_induction(proof, equal(u[t, i], 0), t, proof.assume("start"), step)


DEFINED: dict[str, Callable[[Proof], Any]] = {
    "the noise as zero": lambda proof: defined(proof, noise[i], sympy.S.Zero),
    "independent noise as its sum": lambda proof: defined(
        proof, adilova_lemma_1.psi[t, i], noise[i] * 2
    ),
    "an array of a hypothesis": lambda proof: defined(proof, v[i], sympy.S.Zero),
    "an array that is stepped": lambda proof: (
        stepped(proof, Recursion(u, lambda t: 5 * u[t]), t),
        defined(proof, u[t], 1),
    ),
    "an array that is defined before it is stepped": lambda proof: (
        defined(proof, u[t], 1),
        stepped(proof, Recursion(u, lambda t: sympy.Integer(5)), t),
    ),
    "an array twice": lambda proof: (defined(proof, u[t], 1), defined(proof, u[t], 5)),
    "a constant that moves": lambda proof: defined(proof, Constant("m", real=True)[i], u[i]),
    "a defined array taken for a constant": lambda proof: (
        defined(proof, u[i], lemma_3_1.x[1, i] ** 2),
        Diffusion(lemma_3_1.x, lambda i, a: -lemma_3_1.x[i, a], noiseless).generator(u[1]),
    ),
}


@pytest.mark.parametrize("false", DEFINED.values(), ids=DEFINED)
def test_a_definition_is_no_hidden_hypothesis(false: Callable[[Proof], Any]) -> None:
    proof = Proof(
        [
            Assumption("zero mean", "", equal(Expectation(noise[i]), v[i]), over=(i,)),
            Independence("free", "", families=((adilova_lemma_1.psi[t, i],), (noise[i],))),
        ]
    )
    with pytest.raises(ProofError):
        false(proof)


def test_what_a_statement_speaks_of_is_defined_in_the_statement() -> None:
    """A proof may not define the next iterate as it likes."""
    with pytest.raises(ProofError, match="different systems"):
        dataclasses.replace(smoothing_38.RESULT, system=None).derive()
    others = smoothing_38.RESULT.system[1:]
    still = Definition(smoothing_38.y[smoothing_38.a], smoothing_38.x[smoothing_38.a])
    with pytest.raises(ProofError, match="another system"):
        dataclasses.replace(smoothing_38.RESULT, system=(still, *others)).derive()


def silent(proof: Proof, model: Any) -> dict[str, Fact]:
    defined(proof, adilova_lemma_1.psi[t, i], sympy.S.Zero)
    return dict(adilova_lemma_1.prove(proof, model))


def test_the_noise_of_a_result_is_not_defined_away() -> None:
    with pytest.raises(ProofError, match="in use already"):
        dataclasses.replace(adilova_lemma_1.RESULT, prove=silent).derive()


def result(stated: Relation, prove: Callable[[Proof], Fact], *assumptions: Assumption) -> Result:
    return Result(
        "false", "0", "", "", {"s": Statement("", stated)}, assumptions,
        lambda proof, model: {"s": prove(proof)},
    )  # fmt: skip


ABOVE = Assumption("above", "", less(negative_curvature, coupling))
BELOW = Assumption("below", "", less(coupling, negative_curvature))
HOPE = Assumption("hope", "", at_most(coupling, negative_curvature))


def contradiction(proof: Proof) -> Fact:
    one, two = proof.assume("above"), proof.assume("below")
    return proof.less(
        1, 0, "", using={two: 1 / (coupling - negative_curvature)}, given={one: coupling}
    )


HYPOTHETICAL = {
    "1 < 0 from k < l < k": result(less(1, 0), contradiction, ABOVE, BELOW),
    "entries that contradict each other": result(
        less(1, 0),
        lambda proof: proof.less(1, 0, "", using={proof.assume("high"): 1, proof.assume("low"): 1}),
        Assumption("high", "", at_most(3, u[1])),
        Assumption("low", "", at_most(u[1], 1)),
    ),
    "indices that contradict each other": result(
        less(0, -1),
        lambda proof: proof.less(
            0,
            -1,
            "",
            using={proof.assume("up", at={i: 1}): 1, proof.assume("down", at={j: 1}): 1},
        ),
        Assumption("up", "", less(2, u[i]), over=(i,)),
        Assumption("down", "", less(u[j], 1), over=(j,)),
    ),
    "the conclusion as a hypothesis": result(
        HOPE.relation or at_most(0, 0), lambda proof: proof.assume("hope"), HOPE
    ),
    "the same, relayed": result(
        at_most(coupling, negative_curvature), lambda proof: proof.chain(proof.assume("hope")), HOPE
    ),
    "the same, twice as large": result(
        at_most(2 * coupling, 2 * negative_curvature),
        lambda proof: proof.at_most(
            2 * coupling, 2 * negative_curvature, "", using={proof.assume("hope"): 2}
        ),
        HOPE,
    ),
    "the same, on one side": result(
        at_most(0, negative_curvature - coupling),
        lambda proof: proof.at_most(
            0, negative_curvature - coupling, "", using={proof.assume("hope"): 1}
        ),
        HOPE,
    ),
}


@pytest.mark.parametrize("false", HYPOTHETICAL.values(), ids=HYPOTHETICAL)
def test_hypotheses_are_possible_and_are_not_the_conclusion(false: Result) -> None:
    with pytest.raises(ProofError):
        false.derive()


def test_a_relayed_hypothesis_stays_one() -> None:
    proof = Proof([HOPE])
    hope = proof.assume("hope")
    assert proof.chain(hope).kind == "assumed"
    assert proof.at_most(coupling, negative_curvature, "", using={hope: 1}).kind == "assumed"
    assert proof.at_most(coupling, negative_curvature + 1, "", using={hope: 1}).kind == "checked"


def test_an_index_does_not_hide_a_hypothesis() -> None:
    """What is assumed for all indices is no result for one of them."""
    proof = Proof([each])
    assert proof.assume("each", at={i: sympy.S.One}).kind == "assumed"
    assert instance(proof, proof.assume("each"), {i: j}, "another").kind == "assumed"
    with pytest.raises(ProofError, match="its own assumptions"):
        result(
            equal(u[j], v[j]), lambda proof: instance(proof, proof.assume("each"), {i: j}, ""), each
        ).derive()


def test_hypotheses_that_need_large_numbers_are_possible() -> None:
    many = Assumption("many", "", less(30, agents))
    stated = result(
        less(60, 2 * agents + 1),
        lambda proof: proof.less(60, 2 * agents + 1, "", using={proof.assume("many"): 2}),
        many,
    )
    assert stated.derive().instance.values["p"] > 30
    none = dataclasses.replace(stated, assumptions=(many, few))
    with pytest.raises(ProofError, match="contradict"):
        none.derive()


def test_an_instance_of_the_hypotheses_is_shown() -> None:
    derivation = theory.load("section_3_4_uneven").derive()
    values = derivation.instance.values
    assert values["p"] > 1
    assert values["k"] > 0
    assert 0 < values["theta"] < 1
    assert "theta = " in str(derivation.instance)
    assert time not in values
