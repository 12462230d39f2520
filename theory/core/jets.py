"""Functions of the state without a formula, known by their derivatives, and Itô's generator on them.

A field is an array: ``g[a]`` is a function of the state, ``g[a, c]`` its derivative along coordinate c,
``g[a, c, d]`` the next, and so on.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import sympy

from theory.core.equalities import own_names
from theory.core.losses import moved
from theory.proofs.errors import ProofError
from theory.proofs.sums import normal_sums
from theory.symbols import dimension

__all__ = ["FieldDiffusion", "along", "increment"]

increment = sympy.IndexedBase("Delta", real=True)
"""How far the state is from where the step began: Delta[a]."""


def along(value: Any, index: Any, fields: tuple[Any, ...]) -> Any:
    """Return the derivative of an expression along coordinate c.

    Parameters
    ----------
    value : sympy.Expr
        A polynomial in entries of fields and of `increment`, with finite sums.
    index : sympy.Symbol
        c.
    fields : tuple of sympy.IndexedBase
        The arrays that are functions of the state.

    Returns
    -------
    sympy.Expr
        The derivative.

    Examples
    --------
    >>> import sympy
    >>> a, c = sympy.symbols("a c", integer=True, positive=True)
    >>> g = sympy.IndexedBase("g", real=True)
    >>> along(g[a] ** 2, c, (g,)) == 2 * g[a] * g[a, c]
    True
    """
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
    """A stochastic differential equation whose coefficients are fields.

    Parameters
    ----------
    drift : callable
        a to coordinate a of the drift.
    covariance : callable
        (a, c) to the covariance per unit of time.
    fields : tuple of sympy.IndexedBase
        The arrays that are functions of the state; everything else is constant.

    Examples
    --------
    >>> import sympy
    >>> a = sympy.Symbol("a", integer=True, positive=True)
    >>> g = sympy.IndexedBase("g", real=True)
    >>> flow = FieldDiffusion(lambda a: -g[a], lambda a, c: 0, (g,))
    >>> h = sympy.Symbol("h")
    >>> flow.expansion(increment[a], h, 2)
    h**2*Sum(g[_i1]*g[a, _i1], (_i1, 1, n))/2 - h*g[a]
    """

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
