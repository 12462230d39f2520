"""Formulas with kinks and jumps: values on both sides, and the gradient where there is none."""

import numpy as np
import pytest
import sympy

from tests.losses.test_formula_accuracy import X, Y, in_python

HALF = sympy.Rational(1, 2)

CASES = [
    (sympy.Abs(X) ** 3, (-1.0, 0.0), 1.0, (-3.0, 0.0)),
    (sympy.Abs(X), (0.0, 0.0), 0.0, (0.0, 0.0)),
    (sympy.sign(X) * X, (-2.0, 0.0), 2.0, (-1.0, 0.0)),
    (sympy.sign(X), (0.0, 0.0), 0.0, (0.0, 0.0)),
    (sympy.Max(X, 2 * Y), (1.0, 3.0), 6.0, (0.0, 2.0)),
    (sympy.Max(X, 2 * Y), (2.0, 1.0), 2.0, (0.5, 1.0)),
    (sympy.Min(X, 2 * Y), (1.0, 3.0), 1.0, (1.0, 0.0)),
    (sympy.Min(X, 2 * Y), (2.0, 1.0), 2.0, (0.5, 1.0)),
    (sympy.Max(X, Y, 1), (-1.0, -2.0), 1.0, (0.0, 0.0)),
    (sympy.Max(X, Y, 1), (3.0, 2.0), 3.0, (1.0, 0.0)),
    (sympy.Max(0, X) ** 2, (-3.0, 0.0), 0.0, (0.0, 0.0)),
    (sympy.sqrt(sympy.Max(X, 0)), (4.0, 0.0), 2.0, (0.25, 0.0)),
    (sympy.Heaviside(X) * X, (2.0, 0.0), 2.0, (1.0, 0.0)),
    (sympy.Heaviside(X), (0.0, 0.0), 0.5, (0.0, 0.0)),
    (sympy.Heaviside(X, 1), (0.0, 0.0), 1.0, (0.0, 0.0)),
    (sympy.Heaviside(X, 0), (0.0, 0.0), 0.0, (0.0, 0.0)),
    (sympy.Piecewise((X**2, X < 1), (3 * X, True)), (0.5, 0.0), 0.25, (1.0, 0.0)),
    (sympy.Piecewise((X**2, X < 1), (3 * X, True)), (1.0, 0.0), 3.0, (3.0, 0.0)),
    (sympy.Piecewise((X, ~((X > 0) & (Y > 0))), (Y, True)), (1.0, 5.0), 5.0, (0.0, 1.0)),
    (sympy.Piecewise((1, X <= -1), (X * Y, sympy.Ne(X, 0)), (7, True)), (0.0, 5.0), 7.0, (0.0, 0.0)),
    # the piece that is not taken is undefined there
    (sympy.Piecewise((X * sympy.log(X), X > 0), (0, True)), (-1.0, 0.0), 0.0, (0.0, 0.0)),
    (sympy.Piecewise((sympy.exp(-1 / X**2), X > 0), (0, True)), (0.0, 0.0), 0.0, (0.0, 0.0)),
    # computed again where a number is too large
    (sympy.Max(sympy.sqrt(1 + X**2), Y), (1e200, 3.0), 1e200, (1.0, 0.0)),
    (sympy.Min(1 / sympy.sqrt(1 + X**2), Y), (1e200, 3.0), 1e-200, (0.0, 0.0)),
    (
        sympy.Piecewise((sympy.sin(X), X > Y), (Y, True)), (1e22, 3.0), -0.8522008497671888,
        (0.5232147853951389, 0.0),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "point", "value", "gradient"), CASES, ids=str)
def test_values_and_gradients(expression, point, value, gradient):
    found, slope = in_python(expression)(point)
    assert found == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(slope, gradient, rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize(
    "expression",
    [sympy.Max(X, 1), sympy.Min(1, X), sympy.Abs(X), sympy.sign(X), sympy.Heaviside(X)],
    ids=str,
)
def test_an_undefined_coordinate_stays_undefined(expression):
    assert np.isnan(in_python(expression)((np.nan, 0.0))[0])


def test_where_no_condition_holds_the_number_is_undefined():
    expression = sympy.Piecewise((X, X > 0))
    assert np.isnan(in_python(expression)((-1.0, 0.0))[0])
    assert in_python(expression)((2.0, 0.0))[0] == 2.0
