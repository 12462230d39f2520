"""Is an expression exactly zero? Answered by canonical forms alone, so a yes is a proof."""

import functools
from typing import Any

import sympy

from theory.proofs.sums import contains_sums, normal_sums

__all__ = ["is_zero", "residual"]


@functools.lru_cache(maxsize=4096)
def residual(expression: Any) -> Any:
    """Return a canonical form of an expression that is 0 when the expression is found to be zero.

    Parameters
    ----------
    expression : sympy.Expr
        Rational in its symbols, in square roots of rational expressions, in exponentials, in sines
        and cosines, and in finite sums.

    Returns
    -------
    sympy.Expr
        0, or what is left of the numerator.

    Examples
    --------
    >>> import sympy
    >>> a, b = sympy.symbols("a b", positive=True)
    >>> residual(1 / (sympy.sqrt(a) + sympy.sqrt(b)) - (sympy.sqrt(a) - sympy.sqrt(b)) / (a - b))
    0
    """
    expression = sympy.sympify(expression)
    if contains_sums(expression):
        expression = normal_sums(expression)
        sums = expression.atoms(sympy.Sum)
        names = {total: sympy.Dummy("sum") for total in sums}
        left = _numerator(expression.xreplace(names))
        return left.xreplace({name: total for total, name in names.items()})
    return _numerator(expression)


def is_zero(expression: Any) -> bool:
    """Return whether the canonical form is 0; no means "not shown", not "false"."""
    return bool(residual(expression) == 0)


def _numerator(expression: Any) -> Any:
    if expression.has(sympy.sin, sympy.cos, sympy.sinh, sympy.cosh):
        expression = expression.rewrite(sympy.exp)
    expression = expression.expand(power_exp=True)
    numerator, _ = sympy.fraction(sympy.together(expression))
    return sympy.powsimp(_without_roots(sympy.expand(numerator)))


def _without_roots(numerator: Any) -> Any:
    """Lower every power of a square root to at most one, with one name for each radicand."""
    # Roots inside a function stay as they are: the function is one more symbol.
    inside = {call: sympy.Dummy("call") for call in numerator.atoms(sympy.Function)}
    numerator = numerator.xreplace(inside)
    names: dict[Any, Any] = {}
    replaced = {}
    for power in numerator.atoms(sympy.Pow):
        if power.exp.is_Rational and power.exp.q == 2 and power.exp > 0:
            name = names.setdefault(sympy.factor(power.base), sympy.Dummy("root"))
            replaced[power] = name ** int(2 * power.exp)
    numerator = numerator.xreplace(replaced)
    for radicand, name in names.items():
        lowered = sympy.rem(numerator, name**2 - radicand, name)
        numerator = sympy.expand(sympy.fraction(sympy.together(lowered))[0])
    roots = {name: sympy.sqrt(radicand) for radicand, name in names.items()}
    calls = {name: call for call, name in inside.items()}
    return sympy.expand(numerator.xreplace(roots).xreplace(calls))
