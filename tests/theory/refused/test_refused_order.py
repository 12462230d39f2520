"""Order of what is not real, arrays against their declaration, laws in a circle: each is refused."""

from collections.abc import Callable
from typing import Any

import pytest
import sympy

from theory.core.contraction import minors, rate_at_least
from theory.core.equalities import combined
from theory.core.expectation import Constant, Expectation, in_the_limit
from theory.core.flows import SOLVED, Flow, Part, settles
from theory.core.gradients import Point
from theory.core.induction import Recursion, defined, stepped
from theory.core.inequalities import (
    arbitrarily_small,
    exponentials,
    largest_at_most,
    ordered_squares,
    root_at_least,
    without_small,
)
from theory.core.jury import triangle, unstable
from theory.core.losses import FIXED_LAW, SMOOTH, GradientArray, smoothed_gradient
from theory.core.moments import (
    REGULAR,
    Diffusion,
    Stacked,
    drift_of,
    moment_limit,
    noiseless,
    variance_of,
)
from theory.core.ornstein_uhlenbeck import CONSTANT_NOISE, SETTLED, long_run_variance
from theory.core.random_arrays import Independence, RandomArray, factorised
from theory.core.taylor import hessian_form, integrated
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal

t, i = sympy.symbols("t i", integer=True, positive=True)
s = sympy.Symbol("s", real=True)
z = sympy.Symbol("z")
u, v, x, y = (sympy.IndexedBase(name, real=True) for name in "uvxy")
positive = sympy.IndexedBase("q", positive=True)
slope = GradientArray("y", real=True)
small = arbitrarily_small()
omega, psi = RandomArray("omega", real=True), RandomArray("psi", real=True)
IMAGINARY = sympy.Matrix([[0, sympy.I], [sympy.I, 0]])
ROOTS = sympy.Matrix([[0, sympy.sqrt(s)], [sympy.sqrt(s), 0]])
STILL = Diffusion(x, lambda i, a: -x[i, a], noiseless, sympy.S.One)
FLOW = Flow((Part(x, lambda i, a: 1 - x[i, a], sympy.S.One),))


def unit(i: Any, a: Any, c: Any) -> Any:
    return sympy.KroneckerDelta(a, c)


def squared_imaginary(proof: Proof) -> Fact:
    """From i² <= 0² would follow i <= 0, and from this 0 <= i² = −1."""
    squares = proof.at_most(-1, 0, "i² <= 0")
    return ordered_squares(proof, sympy.I, sympy.S.Zero, squares, proof.at_most(0, 0, ""), "")


def imaginary_root(proof: Proof) -> Fact:
    """√(−1 − x²) would be at most 0, so that its square, −1 − x², were not negative."""
    side = sympy.sqrt(-1 - x[1, 1] ** 2)
    below = root_at_least(proof, side, sympy.S.Zero, "")
    return proof.product(below, below, "")


def in_place_of_a_small_number(proof: Proof) -> Fact:
    law = defined(proof, u[i], small)
    return without_small(proof, proof.at_most(u[i], small, "", using={law: 1}), small)


def in_a_circle(proof: Proof) -> Fact:
    one = stepped(proof, Recursion(u, lambda t: v[t + 1] + 1), t)
    other = stepped(proof, Recursion(v, lambda t: u[t + 1]), t)
    return combined(proof, 0, 1, {one: 1, other: 1}, "")


def without_its_disturbance(proof: Proof) -> Fact:
    growth = proof.at_most(FLOW.derivative(x[1, 1]), 1 - x[1, 1], "")
    return settles(
        proof, FLOW, x[1, 1], growth, proof.less(0, 1, ""), sympy.S.One,
        average=lambda value: sympy.S.Zero if value == 1 else value,
    )  # fmt: skip


def positive_and_falling(proof: Proof) -> Fact:
    """The limit of q' = −q − 1 is −1, and q were positive by declaration."""
    model = Diffusion(positive, lambda i, a: -positive[i, a] - 1, noiseless, sympy.S.One)
    value = -positive[1, 1]
    growth = proof.at_most(model.generator(value), 1 - value, "")
    return moment_limit(proof, model, value, growth, proof.less(0, 1, ""), sympy.S.One)


def variance_that_moves(proof: Proof) -> Fact:
    families = (Diffusion(one, lambda i, a, s=one: -s[i, a], unit, sympy.S.One) for one in (x, y))
    model = Stacked(tuple(families))
    value = x[1, 1] + y[1, 1] ** 2
    drift = model.generator(value)
    noise = sympy.expand(model.generator(value**2) - 2 * value * drift)
    one, other = drift_of(proof, model, value, drift), variance_of(proof, model, value, noise)
    return long_run_variance(proof, x, -drift, value, one, other)


FALSE: dict[str, Callable[[Proof], Any]] = {
    "i <= i + 1": lambda proof: proof.at_most(sympy.I, sympy.I + 1, ""),
    "z <= z + 1, z complex": lambda proof: proof.at_most(z, z + 1, ""),
    "−1 <= −e, by exponentials": lambda proof: exponentials(
        proof, proof.at_most(sympy.I * sympy.pi, sympy.I * sympy.pi + 1, "")
    ),
    "0 <= −1, by squares": squared_imaginary,
    "0 <= −1 − x², by roots": imaginary_root,
    "an expectation of an imaginary root, squared": lambda proof: proof.at_most(
        0, Expectation(sympy.sqrt(-1 - x[1, 1] ** 2)) ** 2, ""
    ),
    "−1 as a positive number": lambda proof: defined(proof, positive[i], sympy.Integer(-1)),
    "a root of −1 as a real number": lambda proof: defined(proof, u[i], sympy.I),
    "a step to −1 of positive numbers": lambda proof: stepped(
        proof, Recursion(positive, lambda t: sympy.Integer(-1)), t
    ),
    "a name for any small number": in_place_of_a_small_number,
    "a name for any place of an integral": lambda proof: integrated(
        proof, defined(proof, u[i], s), sympy.S.One, s
    ),
    "two recursions, each by the next of the other": in_a_circle,
    "an average of one's own without the disturbance": without_its_disturbance,
    "an average of one's own that turns the order": lambda proof: in_the_limit(
        proof, x[1, 1], sympy.S.One, x[1, 1] + 1, proof.at_most(x[1, 1], x[1, 1] + 1, ""),
        average=lambda value: -value,
    ),
    "positive agents that fall to −1": positive_and_falling,
    "a constant whose index moves": lambda proof: drift_of(
        proof, STILL, Constant("c", real=True)[x[1, 1]], sympy.S.Zero
    ),
    "an expectation in the generator": lambda proof: STILL.generator(
        Expectation(x[1, 1]) * x[1, 1]
    ),
    "a long-run variance that depends on another family": variance_that_moves,
    "the rate of an imaginary matrix": lambda proof: rate_at_least(
        proof, IMAGINARY, sympy.S.Zero, [proof.at_most(0, one, "") for one in minors(IMAGINARY, 0)]
    ),
    "the triangle of an imaginary matrix": lambda proof: triangle(proof, IMAGINARY),
    "the triangle of a matrix of roots": lambda proof: triangle(proof, ROOTS),
    "a condition of stability that is none": lambda proof: unstable(
        proof, sympy.Matrix([[2]]), proof.at_most(0, 0, ""), {7: 1}
    ),
    "a matrix that is not square": lambda proof: rate_at_least(
        proof, sympy.Matrix([[1, 2]]), 0, []
    ),
    "a point that is random and fixed": lambda proof: smoothed_gradient(
        proof, omega, lambda c: psi[c], i
    ),
    "noise that is independent of itself": lambda proof: factorised(
        proof,
        proof.equal(Expectation(omega[1] * omega[i]), Expectation(omega[1] * omega[i]), ""),
        "free",
        "",
    ),
    "a chain of no links": lambda proof: proof.chain(),
    "the largest of no numbers": lambda proof: largest_at_most(proof, []),
    "a sum up to its own index": lambda proof: proof.sum_over(
        proof.at_most(0, u[i] ** 2, ""), i, i, ""
    ),
}  # fmt: skip


@pytest.mark.parametrize("false", FALSE.values(), ids=FALSE)
def test_a_false_fact(false: Callable[[Proof], Any]) -> None:
    free = Independence("free", "", families=((omega[1],), (omega[i],)))
    proof = Proof([SOLVED, REGULAR, CONSTANT_NOISE, SETTLED, SMOOTH, FIXED_LAW, free])
    with pytest.raises(ProofError):
        false(proof)


def between(first: Any, second: Any) -> Fact:
    """Bound the Hessian between two points, whose gradients are these."""
    proof = Proof(
        [
            Assumption("above", "", at_most(s, 1), each=(s,)),
            Assumption("below", "", at_most(-1, s), each=(s,)),
        ]
    )
    points = Point(lambda a: x[1, a], first), Point(lambda a: x[2, a], second)
    bounds = proof.assume("above"), proof.assume("below")
    return hessian_form(proof, *points, lambda a: u[a], *bounds, s)


def test_a_gradient_is_that_at_its_own_place() -> None:
    assert between(lambda a: slope[1, a], lambda a: slope[2, a])
    with pytest.raises(ProofError, match="is not the gradient at"):
        between(lambda a: slope[2, a], lambda a: slope[1, a])


def test_a_real_root_is_taken() -> None:
    proof = Proof([])
    assert proof.at_most(0, sympy.sqrt(1 + x[1, 1] ** 2), "").relation == at_most(
        0, sympy.sqrt(1 + x[1, 1] ** 2)
    )
    assert defined(proof, u[i], v[i] ** 2).relation == equal(u[i], v[i] ** 2)
