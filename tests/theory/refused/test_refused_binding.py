"""False relations by captured names, ranges that depend on each other, rounding, and no covariance."""

from collections.abc import Callable
from typing import Any

import pytest
import sympy

from theory.core.equalities import combined, multiplied, rewritten
from theory.core.lyapunov import Iteration, Step
from theory.core.moments import CommonNoise, Diffusion
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, equal, less
from theory.symbols import agents, coupling, dimension

i, j = sympy.symbols("i j", integer=True, positive=True)
k, r, s = sympy.symbols("k r s", real=True)
place = sympy.Symbol("s", positive=True)
endless = sympy.Symbol("u", extended_real=True)
x = sympy.IndexedBase("x", real=True)
f = sympy.Function("f", real=True)
A, B = sympy.symbols("A B", commutative=False)

ASSUMED = (
    Assumption("a mean", "", equal(sympy.Integral(r * s, (s, 0, 1)), r / 2), over=(r,)),
    Assumption("at one place", "", equal(sympy.Integral(x[1] * s, (s, 0, 1)), x[1] / 2)),
    Assumption("a factor", "", equal(f(r).diff(r) * s, sympy.Derivative(f(r) * s, r)), over=(s,)),
    Assumption("one value", "", equal(x[1], s)),
    Assumption("one index", "", equal(x[1], i)),
    Assumption("above one index", "", less(0, k - i)),
)


def repeated(proof: Proof) -> Fact:
    return proof.equal(sympy.Sum(x[1], (i, 1, agents)), agents * x[1], "p times the same")


FALSE: dict[str, Callable[[Proof], Any]] = {
    # sums whose ranges are a triangle
    "as many pairs as in a square": lambda proof: proof.equal(
        sympy.Sum(1, (j, 1, i), (i, 1, agents)), i * agents, ""
    ),
    "the same as an inequality": lambda proof: proof.at_most(
        i * agents, sympy.Sum(sympy.Sum(1, (j, 1, i)), (i, 1, agents)), ""
    ),
    "a sum over a triangle": lambda proof: proof.equal(
        sympy.Sum(x[j], (j, 1, i), (i, 1, agents)), agents * sympy.Sum(x[j], (j, 1, i)), ""
    ),
    # names that a sum or an integral catches
    "a value caught by an integral": lambda proof: proof.assume("a mean", at={r: s}),
    "an equation caught by an integral": lambda proof: rewritten(
        proof, proof.assume("at one place"), [proof.assume("one value")], ""
    ),
    "an index caught by a sum": lambda proof: rewritten(
        proof, repeated(proof), [proof.assume("one index")], ""
    ),
    "a given relation caught by a sum": lambda proof: proof.less(
        0, sympy.Sum(k - i, (i, 1, agents)), "", given={proof.assume("above one index"): k}
    ),
    "a factor caught by a derivative": lambda proof: proof.assume("a factor", at={s: r}),
    # numbers that are rounded
    "a product of decimals": lambda proof: proof.equal(
        1e17 * (r + 1.0) * (r + 1e-17), 1e17 * r**2 + 1e17 * r + 1, ""
    ),
    "a multiplier in decimals": lambda proof: combined(
        proof, agents * x[1], agents * x[1], {repeated(proof): 0.1}, ""
    ),
    "a certificate in decimals": lambda proof: proof.at_most(0, 1, "", certificate=1.0),
    # what is no real number
    "below itself and one": lambda proof: proof.less(endless, endless + 1, ""),
    "the binomial formula, without order": lambda proof: proof.equal(
        (A + B) ** 2, A**2 + 2 * A * B + B**2, ""
    ),
    "a square, without order": lambda proof: proof.at_most(0, A**2, ""),
    "matrices of two shapes": lambda proof: proof.equal(
        sympy.ones(1, 1), sympy.ones(1, 2), ""
    ),
    "matrices in another order": lambda proof: proof.equal(
        sympy.MatrixSymbol("M", 2, 2) * sympy.MatrixSymbol("N", 2, 2),
        sympy.MatrixSymbol("N", 2, 2) * sympy.MatrixSymbol("M", 2, 2),
        "",
    ),
    "a truth value": lambda proof: proof.equal(sympy.true, 1, ""),
    "two symbols of one name": lambda proof: proof.equal(place, s, ""),
    # functions with poles
    "a hyperbolic cotangent at 0": lambda proof: proof.equal(
        sympy.coth(r) * sympy.sinh(r), sympy.cosh(r), ""
    ),
    "a factorial of what may be negative": lambda proof: proof.equal(
        r * sympy.factorial(k), sympy.factorial(k) * r, ""
    ),
    "the sum of an arc sine": lambda proof: proof.equal(sympy.asin(r) * 2, 2 * sympy.asin(r), ""),
    # roots of what may be negative or complex
    "the root of a square": lambda proof: proof.equal(sympy.sqrt(r**2), r, ""),
    "the root of a product": lambda proof: proof.equal(
        sympy.sqrt(r * s), sympy.sqrt(r) * sympy.sqrt(s), ""
    ),
    "a cube and its root": lambda proof: proof.equal((r**3) ** sympy.Rational(1, 3), r, ""),
    "a product of logarithms": lambda proof: multiplied(
        proof,
        proof.equal(sympy.log(r * s), sympy.log(r) + sympy.log(s), ""),
        repeated(proof),
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("false", FALSE.values(), ids=FALSE)
def test_a_false_relation(false: Callable[[Proof], Any]) -> None:
    for fixed in ((), (i,)):
        with pytest.raises(ProofError):
            false(Proof(ASSUMED, fixed))


def test_what_is_not_caught_is_replaced() -> None:
    proof = Proof(ASSUMED)
    other = proof.assume("a mean", at={r: place})
    assert other.relation == equal(sympy.Integral(place * s, (s, 0, 1)), place / 2)
    assert (
        rewritten(proof, repeated(proof), [proof.assume("one value")], "").relation.right
        == s * agents
    )


delta = sympy.KroneckerDelta
NO_COVARIANCE: dict[str, Callable[[Any, Any, Any], Any]] = {
    "a negative variance": lambda i, a, c: -delta(a, c),
    "minus a square": lambda i, a, c: -(x[i, a] ** 2) * delta(a, c),
    "more together than alone": lambda i, a, c: 5 - 4 * delta(a, c),
    "against each other": lambda i, a, c: delta(a, c) - 1,
    "of imaginary size": lambda i, a, c: sympy.I**2 * delta(a, c),
}


@pytest.mark.parametrize("spread", NO_COVARIANCE.values(), ids=NO_COVARIANCE)
def test_a_covariance_with_a_negative_eigenvalue(spread: Callable[..., Any]) -> None:
    for noise in (spread, CommonNoise(lambda a, c: spread(1, a, c))):
        with pytest.raises(ProofError, match="no covariance"):
            Diffusion(x, lambda i, a: -x[i, a], noise).generator(x[1, 1] ** 2)


def test_a_covariance_is_taken() -> None:
    for noise in (lambda i, a, c: 1 + delta(a, c), lambda i, a, c: coupling**2):
        value = Diffusion(x, lambda i, a: -x[i, a], noise).generator(x[1, 1] ** 2)
        assert value.has(x)
    assert dimension.is_positive


def test_a_negative_variance_of_a_step() -> None:
    step = Step(x, lambda i, a: x[i, a] / 2, noisy=True)
    assert Iteration((step,), coupling**2).after(x[1, 1] ** 2).has(coupling)
    with pytest.raises(ProofError, match="variance"):
        Iteration((step,), sympy.Integer(-1)).after(x[1, 1] ** 2)
