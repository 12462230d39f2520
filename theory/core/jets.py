"""Losses in array entries, functions known by their derivatives, and Itô's generator on them.

A field is an array: ``g[a]`` is a function of the state, ``g[a, c]`` its derivative along coordinate c,
``g[a, c, d]`` the next, and so on.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import sympy

from theory.core.equalities import own_names
from theory.proofs.relation import ProofError
from theory.proofs.sums import normal_sums
from theory.symbols import batch_size, dimension, step_size

weights = sympy.IndexedBase("w", real=True)
"""The parameters of a linear model: w[a]."""


def gradient(loss: Any, entry: Any) -> Any:
    """Return the derivative of a loss by an array entry."""
    return normal_sums(sympy.diff(own_names(loss), entry))


def moved(expression: Any, array: Any, place: Callable[..., Any]) -> Any:
    """Put other values for all entries of an array."""
    expression = own_names(expression)
    entries = [entry for entry in expression.atoms(sympy.Indexed) if entry.base == array]
    return expression.xreplace({entry: place(*entry.indices) for entry in entries})


def squared_loss(inputs: Callable[..., Any], targets: Callable[..., Any]) -> Any:
    """Return ½ Σ_j (⟨w, x_j⟩ − y_j)² of a linear model w on a batch; summed, not averaged."""
    j, a = (sympy.Dummy(letter, integer=True) for letter in "ja")
    output = sympy.Sum(weights[a] * inputs(j, a), (a, 1, dimension))
    return sympy.Sum((output - targets(j)) ** 2, (j, 1, batch_size)) / 2


def descended(
    model: Callable[..., Any], inputs: Callable[..., Any], targets: Callable[..., Any]
) -> Callable[..., Any]:
    """Return one step of gradient descent on the squared loss of a linear model."""
    loss = squared_loss(inputs, targets)

    def after(a: Any) -> Any:
        return moved(weights[a] - step_size * gradient(loss, weights[a]), weights, model)

    return after


increment = sympy.IndexedBase("Delta", real=True)
"""How far the state is from where the step began: Delta[a]."""


def along(value: Any, index: Any, fields: tuple[Any, ...]) -> Any:
    """Return the derivative of an expression along coordinate c."""
    return _derivative(own_names(sympy.sympify(value)), index, fields)


def _derivative(value: Any, index: Any, fields: tuple[Any, ...]) -> Any:
    if value.is_Add:
        return sympy.Add(*[_derivative(part, index, fields) for part in value.args])
    if value.is_Mul:
        parts = value.args
        return sympy.Add(
            *[
                sympy.Mul(*parts[:k], _derivative(parts[k], index, fields), *parts[k + 1 :])
                for k in range(len(parts))
            ]
        )
    if value.is_Pow and value.exp.is_Integer:
        inner = _derivative(value.base, index, fields)
        return value.exp * value.base ** (value.exp - 1) * inner
    if isinstance(value, sympy.Sum):
        return sympy.Sum(_derivative(value.function, index, fields), *value.limits)
    if isinstance(value, sympy.Indexed):
        return _entry(value, index, fields)
    if value.has(sympy.Indexed):
        raise ProofError(f"the derivative of {value} is not known.")
    return sympy.S.Zero


def _entry(entry: Any, index: Any, fields: tuple[Any, ...]) -> Any:
    if entry.base in fields:
        return entry.base[(*entry.indices, index)]
    if entry.base == increment:
        return sympy.KroneckerDelta(entry.indices[0], index)
    raise ProofError(f"{entry.base} is no function of the state that is known.")


@dataclasses.dataclass(frozen=True)
class FieldDiffusion:
    """A stochastic differential equation whose coefficients are fields."""

    drift: Callable[[Any], Any]
    covariance: Callable[[Any, Any], Any]
    fields: tuple[Any, ...]

    def generator(self, value: Any) -> Any:
        """Return Itô's generator applied to a function: Σ drift ∂ + ½ Σ covariance ∂∂."""
        a, c = (sympy.Dummy(letter, integer=True, positive=True) for letter in "ac")
        slope = along(value, a, self.fields)
        bend = along(slope, c, self.fields)
        transport = sympy.Sum(self.drift(a) * slope, (a, 1, dimension))
        spread = sympy.Sum(self.covariance(a, c) * bend, (a, 1, dimension), (c, 1, dimension))
        return normal_sums(transport + spread / 2)

    def expansion(self, value: Any, step: Any, order: int) -> Any:
        """Return Σ_{k <= order} (h^k/k!) L^k of a function, where the step begins."""
        total, term = sympy.S.Zero, sympy.sympify(value)
        for k in range(order + 1):
            here = moved(term, increment, lambda *_: sympy.S.Zero)
            total += step**k / sympy.factorial(k) * here
            term = self.generator(term) if k < order else term
        return sympy.expand(normal_sums(sympy.expand(total)))
