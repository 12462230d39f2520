"""Numbers that satisfy relations: found where there are some, by the derivatives of what is missed."""

import numpy as np
import pytest
import sympy
from scipy.optimize._numdiff import approx_derivative

from theory.proofs.least_squares import MARGIN, Problem
from theory.proofs.relation import Relation, at_most, equal, less

x = sympy.Symbol("x", real=True)
y = sympy.Symbol("y", positive=True)
z = sympy.Symbol("z", nonnegative=True)
s = sympy.Symbol("s", real=True)
PLACES = (np.array([-8.5]), np.array([1.7]))


def problem(*relations: Relation) -> Problem:
    return Problem(relations, {name: name for name in (x, y, z)}, [s], PLACES)


def found(*relations: Relation) -> dict[sympy.Symbol, float] | None:
    numbers = problem(*relations).solution(np.random.default_rng(1))
    return None if numbers is None else dict(zip((x, y, z), numbers, strict=True))


def test_numbers_satisfy_all_relations() -> None:
    numbers = found(equal(x**2, 4), less(x, 0), equal(y, 3 * z), at_most(5, z))
    assert numbers is not None
    assert numbers[x] == pytest.approx(-2)
    assert numbers[y] == pytest.approx(3 * numbers[z])
    assert numbers[z] >= 5


@pytest.mark.parametrize(
    "impossible",
    [
        (less(x, 0), less(0, x)),
        (at_most(x**2 + y, 0),),
        (at_most(z, -1),),
        (equal(sympy.KroneckerDelta(y, -1 - z), 1),),
        (at_most(sympy.Max(x, 1), 0),),
    ],
)
def test_none_satisfy_these(impossible: tuple[Relation, ...]) -> None:
    assert found(*impossible) is None


def test_indices_that_differ_are_not_equal() -> None:
    assert found(equal(sympy.KroneckerDelta(x, y), 0), at_most(sympy.Max(x, y, z), 2)) is not None


def test_what_is_not_an_array_of_the_state_may_depend_on_it_only_where_it_varies() -> None:
    """x, y and z are parameters: x = s has no solution at two places at once."""
    assert found(equal(x, s)) is None
    assert found(at_most(x, s)) is not None


def test_the_derivatives_are_those_of_what_is_missed() -> None:
    posed = problem(
        equal(x * y + sympy.exp(z), s), at_most(sympy.Abs(x) * z, y), less(sympy.log(y), x**3)
    )
    for seed in range(5):
        free = np.random.default_rng(seed).normal(size=3)
        wanted = approx_derivative(posed._missing_of, free, method="3-point", args=(MARGIN,))
        np.testing.assert_allclose(posed._derivatives(free, MARGIN), wanted, rtol=1e-5, atol=1e-5)
