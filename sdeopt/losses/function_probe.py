"""Tries a user's functions at a few points before they are compiled."""

from types import FunctionType
from typing import Any

import numpy as np

from sdeopt.errors import InvalidArgumentError
from sdeopt.losses.arrays import Array

__all__ = ["Probe", "probe_gradient", "probe_value"]

Probe = list[tuple[Array, Array]]


def probe_points(dim: int) -> Array:
    """Return four points, two of them with all coordinates positive."""
    away = np.abs(np.random.default_rng(20).normal(size=(2, dim))) + 0.1
    return np.concatenate([away, -away])


def probe_value(function: FunctionType, dim: int) -> Probe:
    """Return what a value function gives at the points where it does not raise."""
    return _probed(function, "value", dim, ())


def probe_gradient(function: FunctionType, dim: int) -> Probe:
    """Return what a gradient function gives at the points where it does not raise."""
    return _probed(function, "gradient", dim, () if dim == 1 else (dim,))


def _probed(function: FunctionType, role: str, dim: int, shape: tuple[int, ...]) -> Probe:
    results: Probe = []
    failure = ""
    for point in probe_points(dim):
        argument = float(point[0]) if dim == 1 else point.copy()
        try:
            with np.errstate(all="ignore"):
                result = function(argument)
        except Exception as problem:
            failure = (
                f"the {role} function {function.__name__} raises {type(problem).__name__} "
                f"({problem}) at x = {argument}; it must return {_wanted(shape)}."
            )
        else:
            results.append((point, _checked(result, function, role, argument, shape)))
    # A function may raise outside its domain, like log does, but not everywhere.
    if not results:
        raise InvalidArgumentError(failure)
    return results


def _checked(
    result: Any, function: FunctionType, role: str, argument: Any, shape: tuple[int, ...]
) -> Array:
    number = isinstance(result, int | float | np.integer | np.floating)
    real = number and not isinstance(result, bool)
    if shape:
        try:
            real = np.shape(result) == shape and np.asarray(result).dtype.kind in "iuf"
        except ValueError:
            real = False
    if not real:
        given = type(result).__name__
        if isinstance(result, np.ndarray | list | tuple):
            given += f" of shape {_shape(result)}"
        raise InvalidArgumentError(
            f"the {role} function {function.__name__} returns a {given} at x = {argument}, but "
            f"must return {_wanted(shape)}."
        )
    return np.asarray(result, dtype=np.float64)


def _shape(result: Any) -> Any:
    try:
        return np.shape(result)
    except ValueError:
        return "ragged"


def _wanted(shape: tuple[int, ...]) -> str:
    return f"real numbers of shape {shape}" if shape else "one real number"
