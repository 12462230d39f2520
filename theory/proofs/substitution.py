"""Substitution of values for the entries of an array, which no sum captures."""

from collections.abc import Callable
from typing import Any

import sympy


def own_names(expression: Any) -> Any:
    """Give the sums new bound indices, so that they capture no symbol of a substituted value."""
    if not expression.has(sympy.Sum):
        return expression
    parts = [own_names(part) if isinstance(part, sympy.Expr) else part for part in expression.args]
    if not isinstance(expression, sympy.Sum):
        return expression.func(*parts)
    names = {name: sympy.Dummy(name.name, integer=True) for name in expression.variables}
    limits = [(names[name], lower, upper) for name, lower, upper in expression.limits]
    return sympy.Sum(parts[0].xreplace(names), *limits)


def moved(expression: Any, array: Any, place: Callable[..., Any]) -> Any:
    """Substitute other values for all entries of an array."""
    expression = own_names(expression)
    entries = [entry for entry in expression.atoms(sympy.Indexed) if entry.base == array]
    return expression.xreplace({entry: place(*entry.indices) for entry in entries})
