"""Generators on functions known by their derivatives, and what it takes to conclude a weak order."""

from typing import Any

import pytest
import sympy

from theory.core.equalities import combined
from theory.core.induction import defined
from theory.core.random_arrays import RandomArray, averaged
from theory.core.weak_order import (
    SMOOTH_COEFFICIENTS,
    FieldDiffusion,
    along,
    gap,
    increment,
    order_at_least,
)
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError
from theory.symbols import dimension, step_size

a, c, d = sympy.symbols("a c d", integer=True, positive=True)
g = sympy.IndexedBase("g", real=True)
X = RandomArray("X", real=True)
FLOW = FieldDiffusion(lambda a: -g[a], lambda a, c: sympy.S.Zero, (g,))


def test_derivatives_follow_the_rules() -> None:
    assert along(g[a] * g[c], d, (g,)) == g[a, d] * g[c] + g[a] * g[c, d]
    assert along(3 * increment[a] ** 2, c, (g,)) == 6 * increment[a] * sympy.KroneckerDelta(a, c)
    total = along(sympy.Sum(g[c] ** 2, (c, 1, dimension)), c, (g,))
    written = total.subs(dimension, 2).doit()
    assert sympy.expand(written - 2 * (g[1] * g[1, c] + g[2] * g[2, c])) == 0
    assert along(step_size, a, (g,)) == 0
    with pytest.raises(ProofError, match="no known function of the state"):
        along(sympy.IndexedBase("z")[a], c, (g,))
    with pytest.raises(ProofError, match="not known"):
        along(sympy.exp(g[a]), c, (g,))


def test_the_expansion_is_that_of_a_known_solution() -> None:
    """x' = x gives x(h) − x = (h + h²/2 + h³/6 + ...) x."""
    growth = FieldDiffusion(lambda a: g[a], lambda a, c: sympy.S.Zero, (g,))
    h = sympy.Symbol("h")
    linear = growth.expansion(increment[1], h, 3).subs(dimension, 1).doit()
    x = sympy.Symbol("x")
    here = linear.subs({g[1, 1, 1]: 0}).subs({g[1, 1]: 1, g[1]: x})
    assert sympy.expand(here - x * (h + h**2 / 2 + h**3 / 6)) == 0


def test_the_expansion_of_ornstein_and_uhlenbeck() -> None:
    """dx = −x dt + √s dW: E Δ² = x²(e^{−h} − 1)² + s (1 − e^{−2h})/2, to the second order in h."""
    s, h, x = sympy.symbols("s h x")
    model = FieldDiffusion(lambda a: -g[a], lambda a, c: s * sympy.KroneckerDelta(a, c), (g,))
    square = model.expansion(increment[1] ** 2, h, 2).subs(dimension, 1).doit()
    square = square.subs({g[1, 1, 1]: 0}).subs({g[1, 1]: 1, g[1]: x})
    exact = x**2 * (sympy.exp(-h) - 1) ** 2 + s * (1 - sympy.exp(-2 * h)) / 2
    assert sympy.expand(square - sympy.series(exact, h, 0, 3).removeO()) == 0


def descent(value: Any) -> tuple[Proof, Fact, Fact]:
    proof = Proof([SMOOTH_COEFFICIENTS])
    meaning = defined(proof, X[a], value)
    return proof, meaning, averaged(proof, meaning, "mean")


def test_gradient_descent_has_the_order_of_its_moments() -> None:
    proof, meaning, mean = descent(-step_size * g[a])
    first = combined(proof, gap(FLOW, X, 1, 1), 0, {mean: 1}, "first")
    fact = order_at_least(proof, FLOW, meaning, [first], 1)
    assert fact.relation.left == 1
    assert fact.rests_on == {SMOOTH_COEFFICIENTS.name}
    with pytest.raises(ProofError, match="order 2 needs"):
        order_at_least(proof, FLOW, meaning, [first], 2)


def test_a_gap_of_the_same_order_is_too_large() -> None:
    proof, meaning, mean = descent(-2 * step_size * g[a])
    rest = -step_size * g[a]
    first = combined(proof, gap(FLOW, X, 1, 1), rest, {mean: 1}, "first")
    with pytest.raises(ProofError, match="is not of order"):
        order_at_least(proof, FLOW, meaning, [first], 1)


def test_a_gap_must_be_that_of_the_equation() -> None:
    proof, meaning, mean = descent(-step_size * g[a])
    with pytest.raises(ProofError, match="is needed"):
        order_at_least(proof, FLOW, meaning, [mean], 1)


def test_steps_and_noise_must_be_small() -> None:
    noise = RandomArray("zeta", real=True)
    proof, meaning, mean = descent(-sympy.sqrt(step_size) * noise[a])
    with pytest.raises(ProofError, match="no random step of order"):
        order_at_least(proof, FLOW, meaning, [mean], 1)
    loud = FieldDiffusion(FLOW.drift, lambda a, c: sympy.KroneckerDelta(a, c), (g,))
    proof, meaning, mean = descent(-step_size * g[a])
    first = combined(proof, gap(loud, X, 1, 1), 0, {mean: 1}, "first")
    with pytest.raises(ProofError, match="covariance of the equation"):
        order_at_least(proof, loud, meaning, [first], 1)


def test_a_weak_order_needs_smoothness() -> None:
    bare = Proof([])
    meaning = defined(bare, X[a], -step_size * g[a])
    mean = averaged(bare, meaning, "mean")
    first = combined(bare, gap(FLOW, X, 1, 1), 0, {mean: 1}, "first")
    with pytest.raises(ProofError, match="smooth coefficients"):
        order_at_least(bare, FLOW, meaning, [first], 1)
