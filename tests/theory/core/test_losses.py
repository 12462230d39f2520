"""Gradients of losses that are sums, against sums written out."""

import sympy

from theory.core.jets import descended, gradient, moved, squared_loss, weights
from theory.symbols import batch_size, dimension, step_size

a, c, j, n = sympy.symbols("a c j n", integer=True, positive=True)
w, x, y = (sympy.IndexedBase(letter, real=True) for letter in "wxy")


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
