"""Gradients of losses: of sums against sums written out, and under an expectation where allowed."""

import pytest
import sympy

from theory.core.equalities import rewritten
from theory.core.expectation import Expectation
from theory.core.induction import defined
from theory.core.losses import (
    FIXED_LAW,
    SMOOTH,
    Slope,
    descended,
    gradient,
    moved,
    point,
    smoothed_gradient,
    squared_loss,
    weights,
)
from theory.core.random_arrays import RandomArray, mean_of
from theory.proofs.fact import Assumption
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError
from theory.symbols import batch_size, dimension, step_size

a, c, n = sympy.symbols("a c n", integer=True, positive=True)
w, x, y = (sympy.IndexedBase(letter, real=True) for letter in "wxy")
noise = RandomArray("zeta", real=True)


def test_the_gradient_is_that_of_the_sum_written_out() -> None:
    loss = squared_loss(lambda j, a: x[j, a], lambda j: y[j])
    sizes = {batch_size: 2, dimension: 3}
    symbolic = gradient(loss, weights[a]).subs(a, 2).subs(sizes).doit()
    written = sympy.diff(loss.subs(sizes).doit(), weights[2])
    assert sympy.expand(symbolic - written) == 0


def test_no_bound_index_is_taken_for_the_free_one() -> None:
    """The loss sums over a, and is differentiated by w[a]."""
    assert gradient(sympy.Sum(w[a] ** 2, (a, 1, n)), w[a]) == 2 * w[a]


def test_points_are_put_in_without_being_caught() -> None:
    total = sympy.Sum(w[a], (a, 1, n))
    shifted = moved(total, w, lambda c: w[c] + x[a])
    assert sympy.expand(shifted.subs(n, 2).doit() - (w[1] + w[2] + 2 * x[a])) == 0


def test_one_step_in_one_dimension() -> None:
    step = descended(lambda a: w[a], lambda j, a: x[j, a], lambda j: y[j])(1)
    step = step.subs({batch_size: 1, dimension: 1}).doit()
    expected = w[1] - step_size * (w[1] * x[1, 1] - y[1]) * x[1, 1]
    assert sympy.expand(step - expected) == 0


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
    twice = defined(proof, y[a], 2 * x[a])
    fact = smoothed_gradient(proof, y, lambda c: noise[c], a)
    with pytest.raises(ProofError, match="not determined by values"):
        rewritten(proof, fact, [twice], "")
