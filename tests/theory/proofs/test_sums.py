"""The normal form of finite sums, checked against sums written out."""

from typing import Any

import pytest
import sympy

from theory.proofs.relation import ProofError
from theory.proofs.sums import normal_sums

p = sympy.Symbol("p", integer=True, positive=True)
n = sympy.Symbol("n", integer=True, positive=True)
i, j, k = sympy.symbols("i j k", integer=True)
x = sympy.IndexedBase("x", real=True)
y = sympy.IndexedBase("y", real=True)
mean = sympy.Sum(x[j], (j, 1, p)) / p
delta = sympy.KroneckerDelta


def written_out(expression: Any) -> Any:
    return sympy.expand(expression.subs({p: 3, n: 2}).doit())


@pytest.mark.parametrize(
    "expression",
    [
        sympy.Sum((x[i] - mean) ** 2, (i, 1, p)),
        sympy.Sum(x[i], (i, 1, p)) ** 3,
        sympy.Sum(x[i] * sympy.Sum(y[i] + x[j], (j, 1, n)), (i, 1, p)),
        sympy.Sum(sympy.Sum((x[i] - x[j]) ** 2, (i, 1, p)), (j, 1, p)),
        sympy.Sum(delta(i, j) * x[i] * x[j] ** 2, (i, 1, p), (j, 1, p)),
        sympy.Sum(delta(i, j) * delta(j, k) * x[k], (i, 1, p), (j, 1, p), (k, 1, p)),
        sympy.Sum(delta(i, j) ** 2, (i, 1, p), (j, 1, p)),
        sympy.Sum(x[i, j] * x[k, j], (i, 1, p), (k, 1, p), (j, 1, n)),
        sympy.exp(sympy.Sum(x[i] - mean, (i, 1, p))),
        sympy.Sum(y[i] * sympy.exp(sympy.Sum(x[i] * y[j], (j, 1, p))), (i, 1, p)),
    ],
)
def test_the_normal_form_is_equal(expression: Any) -> None:
    assert sympy.expand(written_out(expression) - written_out(normal_sums(expression))) == 0


def test_names_of_indices_do_not_matter() -> None:
    one = sympy.Sum(x[i] * y[i] * x[j], (i, 1, p), (j, 1, p))
    other = sympy.Sum(x[k], (k, 1, p)) * sympy.Sum(y[j] * x[j], (j, 1, p))
    assert normal_sums(one - other) == 0


def test_a_free_delta_joins_its_two_names() -> None:
    assert normal_sums(delta(i, k) * (x[i] - x[k])) == 0
    assert normal_sums(delta(i, k) * sympy.Sum(x[j] * (y[i] - y[k]), (j, 1, p))) == 0
    assert normal_sums(delta(i, k) * delta(j, k) * (x[i] - x[j])) == 0
    assert normal_sums(delta(i, k) * x[i] - x[i]) != 0
    for values in ({i: 1, k: 1}, {i: 1, k: 2}):
        term = delta(i, k) * x[i] * y[k]
        assert (normal_sums(term) - term).subs(values) == 0


def test_different_sums_stay_different() -> None:
    whole = sympy.Sum(x[i] ** 2, (i, 1, p))
    assert normal_sums(whole - sympy.Sum(x[i], (i, 1, p)) ** 2) != 0
    assert normal_sums(whole - sympy.Sum(x[i] ** 2, (i, 1, n))) != 0


def test_only_sums_from_one_are_taken() -> None:
    with pytest.raises(ProofError, match="must run from 1"):
        normal_sums(sympy.Sum(x[i], (i, 0, p)))
    with pytest.raises(ProofError, match="different ranges"):
        normal_sums(sympy.Sum(delta(i, j) * x[i], (i, 1, p), (j, 1, n)))
    for outside in (2, i + 1):
        with pytest.raises(ProofError, match="different ranges"):
            normal_sums(sympy.Sum(delta(j, outside) * x[j], (j, 1, p)))
    assert normal_sums(sympy.Sum(delta(j, 1) * x[j], (j, 1, p))) == x[1]
