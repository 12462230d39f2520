"""False theorems by limits, inductions and times: their derivations are refused where they go wrong."""

from collections.abc import Callable
from typing import Any

import pytest
import sympy

from tests.theory.refused.one_statement import result
from theory.core.covariance import Covariance
from theory.core.equalities import combined, instance, rewritten
from theory.core.expectation import Constant, Expectation, UpperLimit, each_path, in_the_limit
from theory.core.flows import SOLVED, Flow, Part, decays, settles
from theory.core.induction import Definition, Recursion, by_induction, defined, stepped
from theory.core.inequalities import arbitrarily_small, without_small
from theory.core.long_run import ClosedMoment, moment_exactly, moments_settle
from theory.core.moments import REGULAR, Diffusion, DriftOf, drift_of, noiseless, variance_of
from theory.core.ornstein_uhlenbeck import CONSTANT_NOISE, SETTLED, long_run_variance
from theory.core.random_arrays import Independence, RandomArray, factorised
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal
from theory.symbols import agents as p
from theory.symbols import dimension as n
from theory.symbols import rate as r
from theory.symbols import time

ONE = sympy.S.One
a, c, i, j, t = sympy.symbols("a c i j t", integer=True, positive=True)
s, q = sympy.symbols("s q", real=True)
u, v, w, x, y, z = (sympy.IndexedBase(name, real=True) for name in "uvwxyz")
X = x[1, 1]
FALLING = Flow((Part(x, lambda i, a: -ONE, ONE),))
NAMED = Definition(w[a], X)


def two_limits(proof: Proof) -> tuple[Fact, Fact]:
    """Return A <= B − 1 and B <= A, both true of −∞, where w is another name for x."""
    name = instance(proof, defined(proof, w[a], X), {a: ONE}, "")
    growth = proof.at_most(FALLING.derivative(X), -1 + w[1] - X, "", using={name: -1})
    one = settles(proof, FALLING, X, growth, proof.less(0, 1, ""), w[1], offset=-1)
    below = proof.at_most(w[1], X, "", using={name: 1})
    return one, in_the_limit(proof, w[1], ONE, X, below, average=each_path)


def subtracted_limits(proof: Proof) -> Fact:
    one, two = two_limits(proof)
    less, more = one.relation.left, two.relation.left
    above = proof.at_most(1, more - less, "", using={one: 1})
    return proof.chain(above, proof.at_most(more - less, 0, "", using={two: 1}))


def limits_in_a_lemma(proof: Proof) -> Fact:
    """Of real numbers s <= q − 1 and q <= s is never true, so that 1 <= 0 follows."""
    one, two = two_limits(proof)
    both = Assumption("one", "", at_most(s, q - 1)), Assumption("two", "", at_most(q, s))

    def sums(inner: Proof) -> Fact:
        return inner.at_most(1, 0, "", using={inner.assume("one"): 1, inner.assume("two"): 1})

    values = {s: UpperLimit(X), q: UpperLimit(w[1])}
    false = result(at_most(1, 0), sums, *both)
    return lemma(proof, false, "s", at=values, discharging={"one": one, "two": two})


def limits_by_definition(proof: Proof) -> Fact:
    return defined(proof, u[a], UpperLimit(X))


def small_times_infinite(proof: Proof) -> Fact:
    """With y' = −y and z' = z, y²z² = 1 for ever, and z⁴ has no limit."""
    flow = Flow((Part(y, lambda i, a: -y[i, a], ONE), Part(z, lambda i, a: z[i, a], ONE)))
    down, up, d = y[1, 1], z[1, 1], arbitrarily_small()
    value = down**2 * up**2 + down**4 / (12 * d)
    square = (d * up**2 - down**2 / 2) ** 2 / d
    growth = proof.at_most(flow.derivative(value), d * up**4 - value, "", certificate=square)
    stays = settles(proof, flow, value, growth, proof.less(0, 1, ""), d * up**4)
    below = proof.at_most(down**2 * up**2, value, "")
    near = in_the_limit(proof, down**2 * up**2, ONE, value, below, average=each_path)
    same = proof.at_most(d * up**4, d * up**4, "")
    far = in_the_limit(proof, d * up**4, d, up**4, same, average=each_path)
    bound = d * UpperLimit(up**4)
    within = proof.at_most(near.relation.left, bound, "", using={near: 1, stays: 1, far: 1})
    return without_small(proof, within, d)


PICKED = Recursion(y, lambda t, k: sympy.Sum(sympy.KroneckerDelta(k, j) * u[j], (j, 1, n)))
START = Assumption("start", "", equal(y[1, i], u[i]), over=(i,))


def induction_in_a_range(proof: Proof) -> Fact:
    """The recursion gives u_i for i up to n alone."""

    def step(inner: Proof, known: Fact) -> Fact:
        return combined(inner, y[t + 1, i], u[i], {stepped(inner, PICKED, t, i): 1}, "")

    always = by_induction(proof, equal(y[t, i], u[i]), t, proof.assume("start"), step)
    second = instance(proof, always, {t: sympy.Integer(2)}, "")
    return proof.sum_over(second, i, p, "")


Y_START = Assumption(
    "first", "", equal(y[1, i], sympy.Sum(sympy.KroneckerDelta(i, j) * u[j], (j, 1, n))), over=(i,)
)
Z_START = Assumption("second", "", equal(z[1, i], u[i]), over=(i,))


def induction_from_a_range(proof: Proof) -> Fact:
    """The two starts agree for i up to n, and the sums of the step go up to p."""
    first, second = (
        Recursion(array, lambda t, k, array=array: sympy.Sum(array[t, j], (j, 1, p)))
        for array in (y, z)
    )
    starts = {proof.assume("first"): 1, proof.assume("second"): -1}
    base = combined(proof, y[1, i], z[1, i], starts, "")

    def step(inner: Proof, known: Fact) -> Fact:
        one, other = stepped(inner, first, t, i), stepped(inner, second, t, i)
        same = rewritten(inner, one, [known], "")
        return combined(inner, y[t + 1, i], z[t + 1, i], {same: 1, other: -1}, "")

    return by_induction(proof, equal(y[t, i], z[t, i]), t, base, step)


def induction_over_systems(proof: Proof) -> Fact:
    """Each value of i is another system, with a limit of its own."""
    system = Diffusion(
        x, lambda k, a: -x[k, a], lambda k, a, c: i * sympy.KroneckerDelta(a, c), ONE
    )
    exact = proof.equal(system.generator(X**2), i - 2 * X**2, "")
    closed = ClosedMoment(X**2, exact, proof.less(0, 2, ""), i)
    base = moments_settle(proof, system, X**2, [(1, closed)])
    claim = equal(UpperLimit(Expectation(X**2)), i / 2 + 5 * (t - 1))

    def step(inner: Proof, known: Fact) -> Fact:
        return inner.assume("induction hypothesis 1", at={i: ONE})

    return by_induction(proof, claim, t, base, step)


omega, zeta = RandomArray("omega", real=True), RandomArray("zeta", real=True)
FREE = Independence("free", "", families=((omega[i],), (zeta[i],)))
FIVE = Assumption("five", "", equal(Expectation(X**2, 0), 5))


def moments_without_their_time(proof: Proof) -> Fact:
    system = Diffusion(x, lambda k, a: -x[k, a], noiseless, ONE)
    exact = proof.equal(system.generator(X**2), -2 * X**2, "")
    closed = ClosedMoment(X**2, exact, proof.less(0, 2, ""), sympy.S.Zero)
    later = factorised(proof, moment_exactly(proof, system, closed), "free", "")
    first = factorised(proof, proof.assume("five"), "free", "")
    shrunk = sympy.exp(-2 * time)
    return combined(proof, shrunk, 1, {later: -ONE / 5, first: (1 - shrunk) / 5}, "")


MOVES = Assumption("exact", "", equal(2 + sympy.sin(time), r))


def variance_of_one_time(proof: Proof) -> Fact:
    gain = 2 + sympy.sin(time)
    system = Diffusion(
        x, lambda i, a: -gain * x[i, a], lambda i, a, c: sympy.KroneckerDelta(a, c), ONE
    )
    drift = drift_of(proof, system, X / r, -gain * X / r)
    drift = combined(proof, DriftOf(X / r), -X, {drift: 1, proof.assume("exact"): -X / r}, "")
    noise = variance_of(proof, system, X / r, 1 / r**2)
    return long_run_variance(proof, x, X, X / r, drift, noise)


def negative_covariance(proof: Proof) -> Fact:
    return defined(proof, Covariance("S", real=True)[a, c], -sympy.KroneckerDelta(a, c))


def moving_constant(proof: Proof) -> Fact:
    fixed = Constant("c", real=True)
    flow = Flow((Part(fixed, lambda i, a: 5 * fixed[i, a], ONE),))
    square = fixed[1, 1] ** 2
    growth = proof.at_most(flow.derivative(square), 10 * square, "")
    return decays(proof, flow, square, sympy.Integer(-10), growth)


FALSE: dict[str, tuple[Callable[[Proof], Any], str]] = {
    "a limit less another": (subtracted_limits, "may be infinite, and are not added"),
    "limits in place of numbers": (limits_in_a_lemma, "may be infinite, in place of s"),
    "an array of limits": (limits_by_definition, "may be infinite, in place of u"),
    "a small number times infinity": (
        small_times_infinite,
        "may be infinite, and times .* is, too",
    ),
    "an induction in a range": (induction_in_a_range, "known for i up to n, not p"),
    "an induction from a range": (induction_from_a_range, "is not zero"),
    "an induction over systems": (induction_over_systems, "is not stated for all {i}"),
    "moments without their time": (moments_without_their_time, "is not zero"),
    "a variance of one time": (variance_of_one_time, "is known at one time alone"),
    "a negative covariance": (negative_covariance, "is no covariance"),
    "a constant that moves": (moving_constant, "no gradient, constant, covariance"),
}

GIVEN = (SOLVED, REGULAR, START, Y_START, Z_START, FREE, FIVE, MOVES, CONSTANT_NOISE, SETTLED)


@pytest.mark.parametrize("case", FALSE)
def test_it_is_refused(case: str) -> None:
    steps, reason = FALSE[case]
    with pytest.raises(ProofError, match=reason):
        steps(Proof(GIVEN, declared=[u, w]))
