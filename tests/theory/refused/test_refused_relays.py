"""Conclusions that only relay a hypothesis, and bounds on what no hypothesis calls an eigenvalue."""

from collections.abc import Callable
from typing import Any

import pytest
import sympy

from theory.core.equalities import combined
from theory.core.gradients import Point
from theory.core.induction import Recursion, defined, stepped
from theory.core.inequalities import exponentials, roots
from theory.core.losses import GradientArray
from theory.core.moments import Diffusion, drift_of, noiseless
from theory.core.taylor import hessian_form, integrated
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, equal, less
from theory.proofs.relaying import relays
from theory.proofs.result import Result, Statement
from theory.results import lemma_3_2
from theory.symbols import (
    agents,
    batch_size,
    coupling,
    examples,
    negative_curvature,
    smoothness,
    step_size,
)
from theory.symbols import strong_convexity as convexity

s, r = sympy.symbols("s r", real=True)
h = sympy.Symbol("h", real=True)
i, j = sympy.symbols("i j", integer=True, positive=True)
a = sympy.Symbol("a", integer=True)
u, v = sympy.IndexedBase("u", real=True), sympy.IndexedBase("v", real=True)
g, q = GradientArray("g", real=True), GradientArray("q", real=True)
HOPE = Assumption("hope", "", at_most(negative_curvature, coupling))
STRICT = Assumption("strict", "", less(negative_curvature, coupling))
SAME = Assumption("same", "", equal(negative_curvature, coupling))
PART = Assumption("part", "", at_most(batch_size, examples))
ORDERED = Assumption("ordered", "", at_most(convexity, smoothness))
EACH = Assumption("each", "", at_most(u[i], v[i]), over=(i,))


def bounded(left: Any, right: Any, name: str, factor: Any) -> Callable[[Proof], Fact]:
    return lambda proof: proof.at_most(left, right, "", using={proof.assume(name): factor})


def as_sum(proof: Proof) -> Fact:
    return proof.sum_over(proof.assume("each"), i, agents, "")


RELAYED: dict[str, tuple[Assumption, Callable[[Proof], Fact]]] = {
    "a multiple by parameters": (
        PART, bounded(0, step_size * (examples / batch_size - 1), "part", step_size / batch_size),
    ),
    "on the other side": (HOPE, bounded(negative_curvature - coupling, 0, "hope", 1)),
    "both sides with a number more": (
        HOPE, bounded(3 * negative_curvature + 1, 3 * coupling + 1, "hope", 3),
    ),
    "its exponential": (HOPE, lambda proof: exponentials(proof, proof.assume("hope"))),
    "twice its exponential": (
        HOPE,
        lambda proof: proof.at_most(
            2 * sympy.exp(negative_curvature) + 1,
            2 * sympy.exp(coupling) + 1,
            "",
            using={exponentials(proof, proof.assume("hope")): 2},
        ),
    ),
    "its exponential twice": (
        HOPE, lambda proof: exponentials(proof, exponentials(proof, proof.assume("hope"))),
    ),
    "its squares": (
        ORDERED, bounded(convexity**2, smoothness**2, "ordered", convexity + smoothness),
    ),
    "its roots": (ORDERED, lambda proof: roots(proof, proof.assume("ordered"), "")),
    "its inverses": (
        ORDERED,
        bounded(1 / smoothness, 1 / convexity, "ordered", 1 / (convexity * smoothness)),
    ),
    "its weaker sign, twice": (
        STRICT, bounded(2 * negative_curvature, 2 * coupling, "strict", 2),
    ),
    "an equation, squared": (
        SAME,
        lambda proof: combined(
            proof,
            negative_curvature**2,
            coupling**2,
            {proof.assume("same"): negative_curvature + coupling},
            "",
        ),
    ),
    "one of many, twice": (
        EACH,
        lambda proof: proof.at_most(
            2 * u[1], 2 * v[1], "", using={proof.assume("each", at={i: sympy.S.One}): 2}
        ),
    ),
    "the sum of all": (EACH, as_sum),
}  # fmt: skip


@pytest.mark.parametrize(("given", "prove"), RELAYED.values(), ids=RELAYED)
def test_what_relays_a_hypothesis_is_no_result(
    given: Assumption, prove: Callable[[Proof], Fact]
) -> None:
    claim = prove(Proof([given])).relation
    result = Result(
        "relay", "0", "", "", {"s": Statement("", claim)}, (given,),
        lambda proof, model: {"s": prove(proof)},
    )  # fmt: skip
    with pytest.raises(ProofError, match="its own assumptions"):
        result.derive()


@pytest.mark.parametrize(
    ("given", "claim"),
    [
        (at_most(s, r), at_most(s, r + 1)),
        (at_most(s, r), at_most(s * coupling, r * negative_curvature)),
        (less(0, negative_curvature), less(0, negative_curvature**2)),
        (equal(s, r), equal(s**2 + 1, r)),
        (at_most(s, r), less(s, r)),
    ],
)
def test_what_says_more_or_less_is_one(given: Relation, claim: Relation) -> None:
    """Weaker by a number, or with a factor of unknown sign: something is left to show."""
    assert not relays(given, claim)


HESSIAN = [
    Assumption("below", "no eigenvalue h of ∇²f exceeds 3", at_most(h, 3), each=(h,)),
    Assumption("above", "no eigenvalue h of ∇²f is below 1", at_most(1, h), each=(h,)),
]
HERE, THERE = (Point(lambda a, n=n: u[n, a], lambda a, n=n: g[n, a]) for n in (1, 2))


def form(
    proof: Proof, here: Point = HERE, there: Point = THERE, symbol: Any = h, shift: Any = 2
) -> Fact:
    most = proof.at_most(symbol - shift, 1, "", using={proof.assume("below"): 1})
    least = proof.at_most(-1, symbol - shift, "", using={proof.assume("above"): 1})
    return hessian_form(proof, here, there, lambda a: v[a], most, least, symbol)


def test_an_eigenvalue_is_what_a_hypothesis_calls_so() -> None:
    assert form(Proof(HESSIAN)).rests_on == {"below", "above"}
    plain = [Assumption(one.name, one.words, one.relation) for one in HESSIAN]
    for mixed in (plain, [HESSIAN[0], plain[1]]):
        with pytest.raises(ProofError, match="each eigenvalue"):
            form(Proof(mixed))


def test_a_bound_from_the_declaration_of_a_symbol_is_none_on_the_hessian() -> None:
    negative = sympy.Symbol("z", negative=True)
    proof = Proof([])
    most = proof.at_most(negative, 0, "")
    least = proof.at_most(0, -negative, "")
    with pytest.raises(ProofError, match="not any eigenvalue"):
        hessian_form(proof, HERE, THERE, lambda a: v[a], most, least, negative)


@pytest.mark.parametrize(
    ("here", "there"),
    [
        pytest.param(HERE, Point(lambda a: u[2, a], lambda a: v[2, a]), id="any array"),
        pytest.param(HERE, Point(lambda a: u[2, a], lambda a: 5 * u[2, a]), id="a formula"),
        pytest.param(HERE, Point(lambda a: v[2, a], lambda a: g[2, a]), id="another place"),
        pytest.param(
            Point(lambda a: u[1, a], lambda a: q[a]),
            Point(lambda a: u[2, a], lambda a: q[a]),
            id="one gradient at two places",
        ),
    ],
)
def test_a_gradient_is_declared_and_belongs_to_one_place(here: Point, there: Point) -> None:
    with pytest.raises(ProofError, match=r"gradient|is taken at"):
        form(Proof(HESSIAN), here, there)


FIELD = Assumption("field", "", equal(g[i, j], 5 * u[i, j]), over=(i, j))
GIVEN: dict[str, Callable[[Proof], Any]] = {
    "a gradient of which a hypothesis says more": form,
    "a gradient that is defined": lambda proof: defined(proof, q[i], 5 * u[1, i]),
    "a gradient by recursion": lambda proof: stepped(proof, Recursion(q, lambda t: q[t] / 2), i),
    "a gradient that moves on its own": lambda proof: drift_of(
        proof, Diffusion(q, lambda i, a: -q[i, a], noiseless), q[1, 1], -q[1, 1]
    ),
    "the gradient of another agent at each coordinate": lambda proof: form(
        proof, Point(lambda b: u[a, b], lambda b: g[a, b])
    ),
}


@pytest.mark.parametrize("false", GIVEN.values(), ids=GIVEN)
def test_a_gradient_is_one_of_the_loss(false: Callable[[Proof], Any]) -> None:
    """That ∇f(u) = 5 u contradicts Hessians of at most 3, which no numbers show."""
    with pytest.raises(ProofError, match=r"hypothesis|gradient|captured"):
        false(Proof([*HESSIAN, FIELD] if false is form else HESSIAN))


def test_a_lemma_on_each_eigenvalue_is_none_on_one() -> None:
    """With 5 for h, that l <= 5 <= L would do for every loss."""
    given = [one for one in lemma_3_2.RESULT.assumptions if not one.each]
    low = Assumption("low", "", at_most(convexity, 5))
    high = Assumption("high", "", at_most(5, smoothness))
    proof = Proof([*given, low, high])
    one = {"strong convexity": proof.assume("low"), "smoothness": proof.assume("high")}
    with pytest.raises(ProofError, match="for each"):
        lemma(proof, lemma_3_2.RESULT, "spread", at={lemma_3_2.h: 5}, discharging=one)
    named = [
        Assumption(one.name, one.words, one.relation) if one.each else one
        for one in lemma_3_2.RESULT.assumptions
    ]
    with pytest.raises(ProofError, match="as it is made"):
        lemma(Proof(named), lemma_3_2.RESULT, "spread")


place = sympy.Symbol("s", positive=True)


@pytest.mark.parametrize(
    "weight",
    [
        1 / place,
        sympy.sqrt(place),
        sympy.exp(place),
        sympy.log(1 + place),
    ],
)
def test_a_weight_is_a_polynomial(weight: Any) -> None:
    proof = Proof([])
    for side in (coupling, coupling * place):
        with pytest.raises(ProofError, match="polynomial"):
            integrated(proof, proof.at_most(0, side, ""), weight, place)


@pytest.mark.parametrize("value", [1 / place, 1 / place**2, -sympy.log(place) + 1 / place])
def test_an_integral_that_is_infinite(value: Any) -> None:
    proof = Proof([])
    with pytest.raises(ProofError):
        integrated(proof, proof.equal(value, value, ""), sympy.S.One, place)
