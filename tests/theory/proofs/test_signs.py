"""Canonical forms and signs: shown where they can be, left open elsewhere."""

import pytest
import sympy

from theory.proofs.signs import is_nonnegative, is_positive, is_zero, residual
from theory.proofs.sums import normal_sums

a, b = sympy.symbols("a b", positive=True)
p = sympy.Symbol("p", integer=True, positive=True)
i = sympy.Symbol("i", integer=True)
x, y = sympy.symbols("x y", real=True)
v = sympy.IndexedBase("v", real=True)


def test_roots_are_rationalised() -> None:
    one = 1 / (sympy.sqrt(a) + sympy.sqrt(b))
    assert residual(one - (sympy.sqrt(a) - sympy.sqrt(b)) / (a - b)) == 0
    assert not is_zero(one - sympy.sqrt(a))


def test_sums_and_functions_are_symbols_of_the_canonical_form() -> None:
    total, f = sympy.Sum(v[i], (i, 1, p)), sympy.Function("f", real=True)
    root = sympy.sqrt(a) * f(sympy.sqrt(a)) * total
    assert is_zero(root * sympy.sqrt(a) - a * f(sympy.sqrt(a)) * total)
    assert residual(2 * total - total) == normal_sums(total)


@pytest.mark.parametrize("positive", [(x - 1) ** 2 + 1, p, a * (x**2 + b), 1 / (a + b)])
def test_positive_expressions(positive: sympy.Expr) -> None:
    assert is_positive(positive)
    assert is_nonnegative(positive)
    assert not is_positive(-positive)


def test_what_sympy_does_not_show_is_open() -> None:
    assert not is_positive(x**2 - 2 * x + 2)
    assert not is_nonnegative(x * y)


def test_counts_start_at_one() -> None:
    assert is_nonnegative(p - 1)
    assert not is_positive(p - 1)


def test_squares_and_their_sums() -> None:
    assert is_nonnegative(x**2 - 2 * x * y + y**2)
    assert is_nonnegative(sympy.Sum(v[i] ** 2, (i, 1, p)))
    assert not is_nonnegative(sympy.Sum(v[i], (i, 1, p)))
