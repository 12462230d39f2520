"""Gradients at points that nothing names, at two places, or of which hypotheses say what no loss has."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import sympy

from theory.core.cited import MEAN_VALUE
from theory.core.expectation import Constant, Expectation, UpperLimit
from theory.core.gradients import Gradients, Minimizer, OnHessians, Point
from theory.core.inequalities import cancelled
from theory.core.losses import GradientArray
from theory.core.norms import Vector, inner, squares
from theory.core.random_arrays import RandomArray
from theory.core.taylor import difference, hessian_form
from theory.proofs.dynamics import PLACES, demand_declared
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, equal, less
from theory.proofs.result import Result, Statement
from theory.symbols import coupling, smoothness, time
from theory.symbols import strong_convexity as l

h, r = sympy.symbols("h q_0", real=True)
i, a = sympy.symbols("i a", integer=True, positive=True)
x, y, z = (sympy.IndexedBase(name, real=True) for name in "xyz")
s, other = Constant("s", real=True), Constant("s_2", real=True)
g = GradientArray("g", real=True)
noise = RandomArray("omega", real=True)

CONVEX = Assumption("convex", "", at_most(l, h), each=(h,))
SMOOTH = Assumption("smooth", "", at_most(h, smoothness), each=(h,))
AT_REST = Minimizer("minimizer", "", array=s)
HESSIAN = (CONVEX, SMOOTH, AT_REST)
LOWEST = Point(lambda a: s[a], lambda a: sympy.S.Zero)
HERE = Point(lambda a: x[a], lambda a: g[a])


def compared(proof: Proof, here: Point, there: Point, along: Vector) -> Fact:
    """Bound ((l + L)/2 − H) u · w by (L − l)/2 ‖u‖ ‖w‖."""
    width, centre = (smoothness - l) / 2, (smoothness + l) / 2
    most = proof.at_most(centre - h, width, "", using={proof.assume("convex"): 1})
    least = proof.at_most(-width, centre - h, "", using={proof.assume("smooth"): 1})
    return hessian_form(proof, here, there, along, most, least, h)


def from_rest(a: Any) -> Any:
    return x[a] - s[a]


def result(
    stated: Relation,
    prove: Callable[[Proof], Fact],
    system: Any = None,
    given: tuple[Assumption, ...] = HESSIAN,
) -> Result:
    return Result(
        "false", str(stated), "", "", {"s": Statement("", stated)}, given,
        lambda proof, model: {"s": prove(proof)}, system=system,
    )  # fmt: skip


def bounded(factor: int, sign: int) -> Result:
    """Bound Σ g u, u = x − s, for the gradient at s + c u: by c L Σ u² (−1), or from below (1)."""
    square, product = squares(from_rest), inner(from_rest, lambda a: g[a])
    here = Point(lambda a: s[a] + factor * from_rest(a), HERE.gradient)
    stated = (
        at_most(factor * l * square, product)
        if sign > 0
        else at_most(product, factor * smoothness * square)
    )

    def prove(proof: Proof) -> Fact:
        fact = compared(proof, here, LOWEST, lambda a: sign * from_rest(a))
        return proof.at_most(stated.left, stated.right, "", using={fact: 1})

    return result(stated, prove, Gradients((here, LOWEST)))


ABOVE, TWICE, BELOW = bounded(1, -1), bounded(2, 1), bounded(1, 1)
EVERYWHERE = Gradients((HERE, LOWEST))


def test_a_bound_on_the_gradient_is_one_at_its_place() -> None:
    for each in (ABOVE, TWICE, BELOW):
        assert each.derive().rests_on == {"convex", "smooth", "minimizer"}
    for system in (None, Gradients((LOWEST,)), TWICE.system):
        with pytest.raises(ProofError, match=r"different systems|another system"):
            dataclasses.replace(ABOVE, system=system).derive()


def nowhere_else(proof: Proof, lower: Result) -> Fact:
    """Conclude that x is s, as 2 l <= L does not hold."""
    narrow, square = proof.assume("narrow"), squares(from_rest)
    factor = 2 if lower is TWICE else 1
    above, below = lemma(proof, ABOVE, "s"), lemma(proof, lower, "s")
    both = proof.at_most((factor * l - smoothness) * square, 0, "both", using={above: 1, below: 1})
    positive = proof.less(0, 2 * l - smoothness, "narrow", using={narrow: 1})
    return cancelled(proof, positive, square, 0, both, "one point alone")


def test_gradients_at_two_places_are_not_joined() -> None:
    narrow = Assumption("narrow", "", less(smoothness, 2 * l))
    stated = at_most(squares(from_rest), 0)
    with pytest.raises(ProofError, match="taken at two places"):
        result(
            stated, lambda proof: nowhere_else(proof, TWICE), EVERYWHERE, (*HESSIAN, narrow)
        ).derive()
    proof = Proof([*HESSIAN, narrow])
    joined = proof.at_most(
        (l - smoothness) * squares(from_rest),
        0,
        "",
        using={lemma(proof, ABOVE, "s"): 1, lemma(proof, BELOW, "s"): 1},
    )
    assert joined.dynamics.keys() == EVERYWHERE.dynamics().keys()


FIELD = equal(g[a], 5 * from_rest(a))


@pytest.mark.parametrize(
    "field",
    [
        Assumption("field", "", FIELD, over=(a,)),
        OnHessians("field", "", FIELD, over=(a,), points=(HERE, LOWEST)),
        OnHessians(
            "field", "", FIELD, over=(a,), through=(MEAN_VALUE,), points=bounded(2, 1).system.points
        ),
        Assumption("field", "", equal(g[1], 5)),
    ],
)
def test_a_hypothesis_on_gradients_of_which_a_lemma_speaks(field: Assumption) -> None:
    with pytest.raises(ProofError, match="another hypothesis on g"):
        lemma(Proof([*HESSIAN, field]), ABOVE, "s")
    with pytest.raises(ProofError, match="another hypothesis on g"):
        result(
            at_most(0, coupling**2 + g[1] ** 2),
            lambda proof: proof.at_most(0, coupling**2 + g[1] ** 2, ""),
            EVERYWHERE,
            (*HESSIAN, field),
        ).derive()


def test_a_hypothesis_on_the_hessians_holds_for_some_loss() -> None:
    """∇f(x) = 5 (x − x*), in the words of the mean value theorem, has no loss with h <= 3 but at x*."""

    def made(steep: int) -> Result:
        field = OnHessians(
            "field",
            "",
            at_most(5 * squares(from_rest), inner(from_rest, lambda a: g[a])),
            through=(MEAN_VALUE,),
            points=(HERE, LOWEST),
        )
        apart = Assumption("apart", "", less(1, squares(from_rest)))
        bound = Assumption("bound", "", at_most(smoothness, steep))
        stated = at_most(5, steep * squares(from_rest))

        def prove(proof: Proof) -> Fact:
            square = proof.at_most(0, squares(from_rest), "")
            flatter = proof.product(proof.assume("bound"), square, "")
            used = {proof.assume("apart"): 5, proof.assume("field"): 1, flatter: 1}
            using = {lemma(proof, ABOVE, "s"): 1, **used}
            return proof.at_most(stated.left, stated.right, "", using=using)

        return result(stated, prove, EVERYWHERE, (*HESSIAN, field, apart, bound))

    assert made(6).derive().instance.values["h"] >= 5
    with pytest.raises(ProofError, match="contradict"):
        made(3).derive()


FALSE: dict[str, tuple[Point, Point]] = {
    "a gradient that is 0 at any point": (
        Point(lambda a: y[a], lambda a: sympy.S.Zero),
        Point(lambda a: z[a], lambda a: sympy.S.Zero),
    ),
    "a gradient that is 0 at another constant": (
        HERE, Point(lambda a: other[a], lambda a: sympy.S.Zero),
    ),
    "a gradient that is 0 at two points": (
        LOWEST, Point(lambda a: other[a], lambda a: sympy.S.Zero),
    ),
    "a gradient that is 0 at a multiple": (
        HERE, Point(lambda a: 2 * s[a], lambda a: sympy.S.Zero),
    ),
    "a gradient that is 0 at one coordinate of the minimizer": (
        HERE, Point(lambda a: s[1], lambda a: sympy.S.Zero),
    ),
    "one gradient for all agents": (Point(lambda a: x[i, a], lambda a: g[a]), LOWEST),
    "one gradient for all places of motions": (
        Point(lambda a: 2 * x[PLACES[0], a], lambda a: g[1, a]), LOWEST,
    ),
    "one gradient for all numbers": (Point(lambda a: r * x[a], lambda a: g[a]), LOWEST),
    "one gradient for all times": (Point(lambda a: time * x[a], lambda a: g[a]), LOWEST),
    "a gradient that is not random, at a random point": (
        Point(lambda a: noise[a], lambda a: g[a]), LOWEST,
    ),
    "the gradient of another agent at each coordinate": (
        Point(lambda a: x[a, a], lambda a: g[a, a]), LOWEST,
    ),
    "one coordinate of an agent for all": (Point(lambda a: x[1, 1], lambda a: g[1, a]), LOWEST),
    "one coordinate of the gradient for all": (Point(lambda a: x[1, a], lambda a: g[1, 1]), LOWEST),
    "the coordinate as the first index": (Point(lambda a: x[a], lambda a: g[a, 1]), LOWEST),
}  # fmt: skip


@pytest.mark.parametrize(("here", "there"), FALSE.values(), ids=FALSE)
def test_a_gradient_is_taken_at_a_point_that_is_named(here: Point, there: Point) -> None:
    step = difference(here.position, there.position)
    with pytest.raises(ProofError, match=r"gradient|needs the assumption") as noticed:
        compared(Proof(HESSIAN), here, there, step)
    assert "as sympy fails" not in str(noticed.value)


def test_one_hypothesis_names_the_minimizer() -> None:
    assert compared(Proof(HESSIAN), HERE, LOWEST, from_rest).rests_on >= {"minimizer"}
    second = Minimizer("another", "", array=other)
    discharged = Minimizer("minimizer", "", at_most(0, coupling), array=s)
    for named in ((), (second,), (AT_REST, second), (discharged,)):
        with pytest.raises(ProofError, match="needs the assumption"):
            compared(Proof((*HESSIAN[:2], *named)), HERE, LOWEST, from_rest)
    with pytest.raises(ProofError, match=r"not the same assumption|needs the assumption"):
        lemma(Proof((*HESSIAN[:2], Minimizer("minimizer", "", array=other))), ABOVE, "s")


def test_where_gradients_are_taken_is_no_system_of_solutions() -> None:
    claim = at_most(UpperLimit(Expectation(x[1] ** 2)), 1)
    places = EVERYWHERE.dynamics()
    with pytest.raises(ProofError, match="of which system"):
        demand_declared(places, EVERYWHERE, claim, "s")
