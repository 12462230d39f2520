"""False theorems by values, names and functions in places that they do not fit: each is refused."""

from collections.abc import Callable
from typing import Any

import pytest
import sympy

from tests.theory.refused.one_statement import result
from theory.core.equalities import combined, rewritten
from theory.core.expectation import Constant, Expectation
from theory.core.flows import SOLVED, Flow, Part, decays
from theory.core.induction import defined
from theory.core.inequalities import exponentials
from theory.core.losses import FIXED_LAW, Loss, point, smoothed_gradient
from theory.core.losses import SMOOTH as SMOOTH_LOSS
from theory.core.moments import Diffusion, drift_of
from theory.core.random_arrays import RandomArray, averaged
from theory.core.weak_order import INDICES, SMOOTH_COEFFICIENTS, FieldDiffusion, gap, order_at_least
from theory.proofs.dynamics import PLACES
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, equal, less
from theory.symbols import coupling as k
from theory.symbols import dimension as n
from theory.symbols import negative_curvature, step_size

ONE = sympy.S.One
i, j, t = sympy.symbols("i j t", integer=True, positive=True)
s = sympy.Symbol("s", real=True)
g, u, v, w, x, y = (sympy.IndexedBase(name, real=True) for name in "guvwxy")
c = Constant("c", real=True)
zeta, D, omega = (RandomArray(name, real=True) for name in ("zeta", "D", "omega"))
STILL = FieldDiffusion(lambda a: -g[a], lambda a, c: sympy.S.Zero, (g,))


CENTRED = Assumption("one is centred", "", equal(Expectation(omega[INDICES[0]]), 0))


def order_of_one_coordinate(proof: Proof) -> Fact:
    """Of the other coordinates nothing is known."""
    meaning = defined(proof, D[INDICES[0]], step_size * (omega[INDICES[0]] - g[INDICES[0]]))
    using = {averaged(proof, meaning, ""): ONE, proof.assume(CENTRED.name): step_size}
    return order_at_least(
        proof, STILL, meaning, [combined(proof, gap(STILL, D, 1, 1), 0, using, "")], 1
    )


def shift_by_the_centre(proof: Proof) -> Fact:
    """The derivative of E f(x + s ζ) for a number s says nothing of s = x_1."""

    def gradient(inner: Proof) -> Fact:
        return smoothed_gradient(inner, x, lambda c: s * zeta[c], sympy.Integer(1))

    given = (SMOOTH_LOSS, FIXED_LAW)
    return lemma(
        proof, result(gradient(Proof(given)).relation, gradient, *given), "s", at={s: x[1]}
    )


LINK = Assumption("link", "", equal(y[i], 2 * x[i]), over=(i,))


def shift_of_the_centre(proof: Proof) -> Fact:
    return smoothed_gradient(proof, x, lambda c: y[c], sympy.Integer(1))


def shift_with_a_law(proof: Proof) -> Fact:
    """A recursion that is stepped afterwards may bring the centre in."""
    return smoothed_gradient(proof, x, lambda c: u[2, c], sympy.Integer(1))


POSITIVE = Assumption("positive", "", less(0, negative_curvature))


def zero_for_nonzero(proof: Proof) -> Fact:
    return defined(proof, sympy.IndexedBase("q", real=True, nonzero=True)[i], 0)


def declared(**kind: bool) -> Callable[[Proof], Any]:
    """Return a lemma on numbers of a kind, at √2 or 0, which is of another."""
    number = sympy.Symbol("d", real=True, **kind)

    def at(proof: Proof) -> Fact:
        value = {"rational": sympy.sqrt(2), "nonzero": sympy.S.Zero, "integer": ONE}[min(kind)]
        claim = less(-1, number**2)
        same = result(claim, lambda inner: inner.less(-1, number**2, ""))
        return lemma(proof, same, "s", at={number: value})

    return at


def moving_signal(proof: Proof) -> Fact:
    """What is proved for a signal that stands still is none for one that moves."""
    own = Flow((Part(x, lambda i, a: c[a] - x[i, a], ONE),))
    square = (x[1, 1] - c[1]) ** 2

    def decay(inner: Proof) -> Fact:
        return decays(
            inner, own, square, sympy.S(2), inner.at_most(own.derivative(square), -2 * square, "")
        )

    proved = result(decay(Proof([SOLVED])).relation, decay, SOLVED, system=own, signals=(c,))
    return lemma(proof, proved, "s", signals={c: lambda a: w[a]})


def rough(value: Any) -> Callable[[Proof], Any]:
    """Return the drift of a function of the state that has a kink, or a jump."""
    wanders = Diffusion(
        x, lambda i, a: sympy.S.Zero, lambda i, a, c: sympy.KroneckerDelta(a, c), ONE
    )
    return lambda proof: drift_of(proof, wanders, value, sympy.S.Zero)


def captured(proof: Proof) -> Fact:
    """With u_i = f(c ↦ x_i y_c), f(c ↦ u_c) is not f(c ↦ x_c y_c)."""
    law = defined(proof, u[i], Loss(point(lambda c: x[i] * y[c])))
    return rewritten(proof, defined(proof, v[i], Loss(point(lambda c: u[c]))), [law], "")


def law_at_a_place(proof: Proof) -> Fact:
    return Flow((Part(x, lambda i, a: -PLACES[0] * x[i, a]),)).dynamics()


def lemma_at_a_place(proof: Proof) -> Fact:
    trivial = result(at_most(0, s**2), lambda inner: inner.at_most(0, s**2, ""))
    return lemma(proof, trivial, "s", at={PLACES[0]: ONE})


class Turn(sympy.Function):
    """z ↦ iz of numbers, and unevaluated of symbols."""

    nargs = 1

    @classmethod
    def eval(cls, z: Any) -> Any:
        return sympy.I * z if z.is_number else None


def ordered(value: Any) -> Callable[[Proof], Any]:
    return lambda proof: exponentials(proof, proof.at_most(value, value + 1, ""))


LABEL = sympy.Symbol("z")


def delta_with_a_range(proof: Proof) -> Fact:
    delta = sympy.KroneckerDelta(i, j, (1, 1))
    return proof.equal(sympy.Sum(delta, (i, 1, n), (j, 1, n)), n, "")


def decimals(proof: Proof) -> Any:
    exact = s**2 + s + sympy.Rational(1, 10**17)
    claim = equal((s + 1.0) * (s + 1e-17), exact)
    return result(claim, lambda inner: inner.equal(exact, exact, "")).derive()


def other_sign(proof: Proof) -> Any:
    return Relation(k, ">=", sympy.Integer(5))  # type: ignore[arg-type]


class Forged(Fact):
    """A fact that says it is any other."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return True


def forged(proof: Proof) -> Fact:
    proof.equal(0, 0, "")
    return proof.chain(Forged(at_most(1, 0), "", "checked"))


def brought_in(proof: Proof) -> Fact:
    other = Proof([Assumption("few", "", at_most(1, 0))])
    proof.equal(0, 0, "")
    return proof.within(other.assume("few"), ())


KINK = sympy.Integral(sympy.Piecewise((1, s > 0), (0, True)), (s, 0, x[1, 1]))
JUMP = c[1 + sympy.KroneckerDelta(x[1, 1], 0)]
NOT_REAL = "is not known to be real, so it has no order"

FALSE: dict[str, tuple[Callable[[Proof], Any], str]] = {
    "the order of one coordinate": (order_of_one_coordinate, "is known for one value of it"),
    "a shift by the centre, in a lemma": (shift_by_the_centre, "may change what GradientOf"),
    "a shift that is the centre": (shift_of_the_centre, "must not depend on x"),
    "a shift with a law to come": (shift_with_a_law, "has a law; write it down before"),
    "zero for what is not zero": (zero_for_nonzero, "is not a number"),
    "a root for a rational number": (declared(rational=True), "d is rational"),
    "zero for a number that is not": (declared(nonzero=True), "is not a number"),
    "zero for no integer": (declared(integer=False), "d is no integer"),
    "a signal that moves": (moving_signal, "is not proved for any signal in place of c"),
    "a kink in an integral": (rough(KINK), "not known to be differentiable"),
    "a jump": (rough(JUMP), "not known to be differentiable"),
    "a captured coordinate": (captured, "would be captured"),
    "a law with a reserved name": (law_at_a_place, "in which laws of arrays are written"),
    "a lemma at a reserved name": (lemma_at_a_place, "laws of arrays are written in such"),
    "the label of an array": (ordered(LABEL + sympy.IndexedBase(LABEL, real=True)[1]), NOT_REAL),
    "an entry of a matrix": (ordered(sympy.MatrixSymbol("M", 2, 2)[0, 0]), NOT_REAL),
    "a function of one's own": (ordered(Turn(s)), NOT_REAL),
    "a delta with a range": (delta_with_a_range, "leave its range out"),
    "decimals": (decimals, "has rounded numbers"),
    "another sign": (other_sign, "is no sign of a relation"),
    "a forged fact": (forged, "a fact of another proof"),
    "a fact brought in": (brought_in, "is not the last fact"),
}


@pytest.mark.parametrize("case", FALSE)
def test_it_is_refused(case: str) -> None:
    steps, reason = FALSE[case]
    given = (SMOOTH_LOSS, FIXED_LAW, LINK, POSITIVE, SOLVED, SMOOTH_COEFFICIENTS, CENTRED)
    with pytest.raises(ProofError, match=reason):
        steps(Proof(given, declared=[u]))


def test_a_definition_rests_on_what_shows_its_sign() -> None:
    proof = Proof([POSITIVE])
    fact = defined(proof, sympy.IndexedBase("q", positive=True)[i], negative_curvature)
    assert fact.rests_on == {"positive"}
