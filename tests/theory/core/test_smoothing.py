"""The gradient of a smoothed loss is taken under the expectation, when that is allowed."""

import pytest
import sympy

from theory.core.equalities import rewritten
from theory.core.expectation import Expectation
from theory.core.induction import defined
from theory.core.random_arrays import RandomArray, covaried, mean_of
from theory.core.smoothing import FIXED_LAW, SMOOTH, Slope, point, smoothed_gradient
from theory.proofs.fact import Assumption
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most

a, c = sympy.symbols("a c", integer=True, positive=True)
y = sympy.IndexedBase("y", real=True)
noise = RandomArray("zeta", real=True)


def test_the_gradient_goes_inside() -> None:
    proof = Proof([SMOOTH, FIXED_LAW])
    fact = smoothed_gradient(proof, y, lambda c: -2 * noise[c], a)
    assert fact.relation.right == Expectation(Slope(a, point(lambda c: y[c] - 2 * noise[c])))
    assert fact.rests_on == {SMOOTH.name, FIXED_LAW.name}


@pytest.mark.parametrize("kept", [SMOOTH, FIXED_LAW])
def test_both_hypotheses_are_needed(kept: Assumption) -> None:
    with pytest.raises(ProofError, match="needs the assumption"):
        smoothed_gradient(Proof([kept]), y, lambda c: noise[c], a)


def test_the_shift_must_not_depend_on_the_centre() -> None:
    proof = Proof([SMOOTH, FIXED_LAW])
    with pytest.raises(ProofError, match="must not depend"):
        smoothed_gradient(proof, y, lambda c: y[c] * noise[c], a)


def test_a_slope_is_random_where_its_point_is() -> None:
    fixed, random = Slope(a, point(lambda c: y[c])), Slope(a, point(lambda c: noise[c]))
    assert mean_of(3 * fixed + 2 * random) == 3 * fixed + 2 * Expectation(random)


def test_points_with_equal_coordinates_are_equal() -> None:
    assert point(lambda c: 2 * (y[c] + noise[c])) == point(lambda c: 2 * y[c] + 2 * noise[c])
    assert point(lambda c: y[c]) != point(lambda _: y[a])


def test_nothing_is_put_into_a_derivative() -> None:
    """y = 2 x gives no derivative by 2 x."""
    proof = Proof([SMOOTH, FIXED_LAW])
    twice = defined(proof, y[a], 2 * sympy.IndexedBase("x", real=True)[a])
    fact = smoothed_gradient(proof, y, lambda c: noise[c], a)
    with pytest.raises(ProofError, match="not a matter of values"):
        rewritten(proof, fact, [twice], "")


def test_covariances_need_equations() -> None:
    proof = Proof([])
    fact = defined(proof, RandomArray("u", real=True)[a], noise[a] + 1)
    known = covaried(proof, fact, fact)
    variance = Expectation(noise[a] ** 2) - Expectation(noise[a]) ** 2
    assert sympy.expand(known.relation.right - variance) == 0
    order = proof.at_most(0, noise[a] ** 2, "a square")
    assert order.relation == at_most(0, noise[a] ** 2)
    with pytest.raises(ProofError, match="an equation is needed"):
        covaried(proof, fact, order)
