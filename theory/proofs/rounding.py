"""How wrong the value of a formula can be when it is computed in floats: a running error bound."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

Array = NDArray[np.float64]

UNIT = 2.0**-53
"""Half the distance from 1 to the next float."""


def bounded(expression: Any, at: Mapping[Any, Array]) -> tuple[Array, Array]:
    """Return the value of an expression in floats, and a bound on its error, to first order.

    Both are NaN or infinite where something on the way is.
    """
    if expression in at:
        value = np.asarray(at[expression], dtype=np.float64)
        return value, np.zeros_like(value)
    if not expression.free_symbols:
        value = np.asarray(float(expression))
        return value, np.abs(value) * (0.0 if expression.is_Integer else UNIT)
    pairs = [bounded(part, at) for part in expression.args]
    values, errors = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if expression.is_Add:
        sizes = sum(np.abs(value) for value in values)
        return np.asarray(sum(values)), np.asarray(sum(errors) + UNIT * sizes)
    if expression.is_Mul:
        value, error = values[0], errors[0]
        for other, its in zip(values[1:], errors[1:], strict=True):
            error = error * np.abs(other) + its * np.abs(value)
            value = value * other
            error = error + UNIT * np.abs(value)
        return value, error
    if expression.is_Pow:
        base, exponent = values
        value = base**exponent
        relative = np.where(errors[0] > 0, np.abs(exponent) * errors[0] / np.abs(base), 0.0)
        moved = np.where(errors[1] > 0, np.abs(np.log(np.abs(base))) * errors[1], 0.0)
        return value, np.abs(value) * (relative + moved + UNIT)
    if expression.func is sympy.exp:
        value = np.exp(values[0])
        return value, value * (errors[0] + UNIT)
    if expression.func is sympy.log:
        value = np.log(values[0])
        return value, errors[0] / np.abs(values[0]) + UNIT * np.abs(value)
    if expression.func is sympy.Abs:
        return np.abs(values[0]), errors[0]
    if expression.func in (sympy.Max, sympy.Min):
        choose = np.maximum if expression.func is sympy.Max else np.minimum
        value, error = values[0], errors[0]
        for other, its in zip(values[1:], errors[1:], strict=True):
            value, error = choose(value, other), np.maximum(error, its)
        return value, error
    nothing = np.full(np.broadcast_shapes(*(value.shape for value in values)), np.nan)
    return nothing, nothing
