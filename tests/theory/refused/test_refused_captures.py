"""False statements that rest on a captured index, a lost range, a hidden rate or a wrong sign."""

from collections.abc import Callable
from typing import Any

import pytest
import sympy
from sympy import KroneckerDelta, Rational, Sum, exp

from tests.theory.refused.one_statement import result
from theory.core.equalities import combined, rewritten
from theory.core.expectation import Expectation, UpperLimit
from theory.core.flows import SOLVED, Flow, Part, settles
from theory.core.induction import Definition, defined
from theory.core.jury import conditions
from theory.core.losses import Loss, point
from theory.core.lyapunov import FRESH_NOISE, Iteration, Step, second_moments_settle_in_steps
from theory.core.random_arrays import RandomArray, averaged
from theory.core.weak_order import (
    INDICES,
    SMOOTH_COEFFICIENTS,
    FieldDiffusion,
    gap,
    model_order,
    order_at_least,
)
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal, less
from theory.proofs.result import Result
from theory.symbols import agents as p
from theory.symbols import dimension as n
from theory.symbols import step_size, time

i, j, a, c = sympy.symbols("i j a c", integer=True, positive=True)
k = sympy.Symbol("k", integer=True)
x, y, z = (sympy.IndexedBase(letter, real=True) for letter in "xyz")
ONE = sympy.S.One


def compared(left: Any, right: Any) -> Result:
    return result(equal(left, right), lambda proof: proof.equal(left, right, ""))


def below(left: Any, right: Any) -> Result:
    return result(less(left, right), lambda proof: proof.less(left, right, ""))


def bound_index_as_free(proof: Proof) -> Fact:
    each = proof.equal(exp(Sum(x[a] * y[i], (a, 1, n))), exp(y[i] * Sum(x[a], (a, 1, n))), "")
    own = proof.equal(exp(Sum(x[a] * y[a], (a, 1, n))), exp(Sum(x[c] * y[c], (c, 1, n))), "")
    return rewritten(proof, own, [each], "")


PICKED = Sum(KroneckerDelta(a, i) * x[a], (a, 1, n))
SHIFTED = Loss(sympy.Lambda(c, x[c] + y[j]))
TOTAL = Sum(x[j, 1] ** 2, (j, 1, p))
LEADER = Iteration((Step(x, lambda i, a: 2 * x[i, a] - Rational(3, 2) * x[j, a]),), sympy.S.Zero)


def led(proof: Proof) -> Fact:
    pull = sympy.Matrix([[Rational(1, 2)]])
    signs = [proof.less(0, one, "") for one in conditions(pull)]
    settled = second_moments_settle_in_steps(
        proof, LEADER, sympy.Matrix([[TOTAL]]), pull, sympy.Matrix([[0]]), signs
    )
    return settled[0][0]


FLOW = Flow((Part(x, lambda i, a: -x[i, a], ONE),))
NOW = Assumption("now", "", equal(x[1, 1], y[1, 1] * time))


def now_is_for_ever(proof: Proof) -> Fact:
    growth = proof.at_most(FLOW.derivative(x[1, 1]), -x[1, 1], "")
    settled = settles(proof, FLOW, x[1, 1], growth, proof.less(0, 1, ""), sympy.S.Zero)
    return rewritten(proof, settled, [proof.assume("now")], "")


PICKS = Assumption(
    "picks",
    "",
    equal(Sum(KroneckerDelta(a, i) * x[a], (a, 1, p)), Sum(KroneckerDelta(a, i) * z[a], (a, 1, p))),
    over=(i,),
)
HEIGHT = sympy.Symbol("l_0", real=True)
KNOWN = Assumption("loss", "", equal(Loss(point(lambda c: x[c])), HEIGHT))


def coordinates_of_agents(proof: Proof) -> Fact:
    same = combined(proof, x[i], z[i], {proof.assume("picks"): 1}, "")
    return rewritten(proof, proof.assume("loss"), [same], "")


A0 = INDICES[0]
g, u, h = (sympy.IndexedBase(letter, real=True) for letter in "guh")
MOVE = RandomArray("D", real=True)
MODEL = FieldDiffusion(lambda a: -g[a], lambda a, c: sympy.S.Zero, (g,))


def step(a: Any) -> Any:
    return -step_size * g[a] + step_size * h[a]


def hidden_rate(proof: Proof) -> Fact:
    hidden = defined(proof, u[A0], h[A0] / step_size)
    meaning = defined(proof, MOVE[A0], step(A0))
    mean = averaged(proof, meaning, "")
    using = {mean: ONE, hidden: -(step_size**2)}
    one = combined(proof, gap(MODEL, MOVE, 1, 1), step_size**2 * u[A0], using, "")
    return order_at_least(proof, MODEL, meaning, [one], 1)


BALL = Assumption("ball", "", at_most(Sum(x[a] ** 2, (a, 1, n)), 1))


def inside(proof: Proof) -> Fact:
    others = Sum((x[a] * (1 - KroneckerDelta(a, i))) ** 2, (a, 1, n))
    return proof.at_most(x[i] ** 2, 1, "", using={proof.assume("ball"): ONE}, certificate=others)


ENTRY = result(at_most(x[i] ** 2, 1), inside, BALL)


def kept_of_a_refused_step(proof: Proof) -> Fact:
    proof.assume("ball")
    try:
        return lemma(proof, ENTRY, "s", at={i: i + 7})
    except ProofError:
        return proof.facts[-1]


ENDS = Sum(y[i] * Sum(1, (j, 1, i**2 + 1)), (i, 1, n)) * Sum(y[i], (i, 1, n))
FALSE: dict[str, Result] = {
    "a reciprocal of two numbers": below(Rational(1, 2), 1 / (n * p)),
    "the same, at most": result(
        at_most(1, 1 / (n * p)), lambda proof: proof.at_most(1, 1 / (n * p), "")
    ),
    "an angle of an integer": below(0, sympy.atan(n - 1)),
    "an angle of a sign": below(0, sympy.atan(sympy.sign(k)) ** 2),
    "an index bound inside": result(
        equal(exp(y[a] * Sum(x[c], (c, 1, n))), exp(Sum(x[c] * y[c], (c, 1, n)))),
        bound_index_as_free,
    ),
    "a delta in a function": compared(Sum(exp(PICKED), (i, 1, p)), Sum(exp(x[i]), (i, 1, p))),
    "the same under a sum": result(
        equal(Sum(exp(PICKED), (i, 1, p)), Sum(exp(x[i]), (i, 1, p))),
        lambda proof: proof.sum_over(proof.equal(exp(PICKED), exp(x[i]), ""), i, p, ""),
    ),
    "a coordinate put into a point": compared(
        Sum(KroneckerDelta(j, c) * SHIFTED, (j, 1, n)), Loss(sympy.Lambda(c, x[c] + y[c]))
    ),
    "an index put into cases": compared(
        KroneckerDelta(a, c)
        * sympy.Piecewise((Sum(x[c, a] * y[c], (a, 1, n)), y[1] > 0), (0, True)),
        KroneckerDelta(a, c)
        * sympy.Piecewise((Sum(x[a, a] * y[a], (a, 1, n)), y[1] > 0), (0, True)),
    ),
    "a leader of the name of an index": result(
        equal(UpperLimit(Expectation(TOTAL)), 0), led, FRESH_NOISE, system=LEADER
    ),
    "one time for all": result(
        at_most(UpperLimit(y[1, 1] * time), 0), now_is_for_ever, SOLVED, NOW, system=FLOW
    ),
    "as many coordinates as agents": result(
        equal(Loss(point(lambda c: z[c])), HEIGHT), coordinates_of_agents, PICKS, KNOWN
    ),
    "a learning rate in a definition": result(
        at_most(1, model_order(MODEL, step)),
        hidden_rate,
        SMOOTH_COEFFICIENTS,
        system=(Definition(MOVE[A0], step(A0)), Definition(u[A0], h[A0] / step_size)),
    ),
    "what a refused step wrote": result(at_most(x[i + 7] ** 2, 1), kept_of_a_refused_step, BALL),
    "an end that depends on an index": result(
        at_most(0, ENDS), lambda proof: proof.at_most(0, ENDS, "")
    ),
}


@pytest.mark.parametrize("false", FALSE.values(), ids=FALSE)
def test_it_is_not_derived(false: Result) -> None:
    with pytest.raises(ProofError):
        false.derive()


mu = sympy.Symbol("mu", positive=True)
w = sympy.IndexedBase("w", real=True)
IMPOSSIBLE: dict[str, tuple[Callable[[Proof], Fact], tuple[Assumption, ...]]] = {
    "a positive number that is not": (
        lambda proof: proof.at_most(1, 0, "", using={proof.assume("H"): 1 / mu}),
        (Assumption("H", "", at_most(mu, 0)),),
    ),
    "its reciprocal": (
        lambda proof: proof.at_most(1, 0, "", using={proof.assume("H"): mu}),
        (Assumption("H", "", at_most(1 / mu, 0)),),
    ),
    "a power of e": (
        lambda proof: proof.at_most(1, 0, "", using={proof.assume("H"): exp(mu)}),
        (Assumption("H", "", at_most(exp(-mu), 0)),),
    ),
    "a sequence between two of its entries": (
        lambda proof: proof.at_most(w[5], 4, "", using={proof.assume("end"): ONE}),
        (
            Assumption("steps", "", at_most(w[i] + 1, w[i + 1]), over=(i,)),
            Assumption("begin", "", at_most(0, w[1])),
            Assumption("end", "", at_most(w[5], 3)),
        ),
    ),
}


LARGE = Assumption("large", "", at_most(1, UpperLimit(x[1, 1] ** 2)))


def shrinks(proof: Proof) -> Fact:
    growth = proof.at_most(FLOW.derivative(x[1, 1] ** 2), -2 * x[1, 1] ** 2, "")
    small = settles(proof, FLOW, x[1, 1] ** 2, growth, proof.less(0, 2, ""), sympy.S.Zero)
    return proof.at_most(1, 0, "", using={proof.assume("large"): ONE, small: ONE})


def test_a_hypothesis_about_solutions_contradicts_their_law() -> None:
    with pytest.raises(ProofError, match="satisfy all assumptions"):
        result(at_most(1, 0), shrinks, SOLVED, LARGE, system=FLOW).derive()


@pytest.mark.parametrize(("steps", "given"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_hypotheses_contradict(
    steps: Callable[[Proof], Fact], given: tuple[Assumption, ...]
) -> None:
    claim = steps(Proof(given)).relation
    with pytest.raises(ProofError, match="satisfy all assumptions"):
        result(claim, steps, *given).derive()


def test_true_ones_are_derived() -> None:
    """Beside what is refused: the same with a range, an index or a sign that fits."""
    below(sympy.S.Zero, 1 / (n * p)).derive()
    below(sympy.S.Zero, sympy.atan(n)).derive()
    result(at_most(1, n * p), lambda proof: proof.at_most(1, n * p, "")).derive()
    compared(Sum(exp(PICKED), (i, 1, n)), Sum(exp(x[i]), (i, 1, n))).derive()
    after = LEADER.after(TOTAL).subs(p, 2).doit()
    moved = [2 * x[index, 1] - Rational(3, 2) * x[j, 1] for index in (1, 2)]
    assert sympy.expand(after - sum(entry**2 for entry in moved)) == 0
