"""Checks of what the moments are computed from."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.arguments import finite_array, real_array
from sdeopt.errors import InvalidArgumentError, shown

Array = NDArray[np.float64]

LARGEST = 10_000
"""The most numbers that a state may hold: its matrices have as many rows and columns."""
LONGEST = 10**6
"""The longest period, all steps of which are taken one by one."""


def numbers(given: Any, name: str, *, least: float = -math.inf) -> Array:
    """Return an array of at least one number, all of them finite and not below `least`."""
    found = real_array(given, name)
    if not found.size:
        raise InvalidArgumentError(f"{name} is empty; give at least one number.")
    if not np.isfinite(found).all():
        raise InvalidArgumentError(f"{name} must be finite, but {name} = {shown(given)}.")
    if not (found >= least).all():
        raise InvalidArgumentError(f"{name} is {shown(given)}, but must be at least {least:g}.")
    return found


def demand_kind(given: object, kind: type, name: str, makers: str) -> None:
    """Refuse what is no instance of a class, with the functions that return such."""
    if not isinstance(given, kind):
        raise InvalidArgumentError(f"{name} is {shown(given)}, but must be what {makers} returns.")


def axes_of(**given: ArrayLike) -> dict[str, NDArray[Any]]:
    """Return the axes of a grid, each given as one number or as a list of them, none negative."""
    for name, values in given.items():
        if numbers(values, name, least=0.0).ndim > 1:
            raise InvalidArgumentError(
                f"{name} is {shown(values)}, but must be a number or a list of numbers."
            )
    return {name: np.atleast_1d(values) for name, values in given.items()}


def common_shape(**shapes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape to which all arrays broadcast."""
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise InvalidArgumentError(
            f"the arrays must broadcast, but their shapes are {listed}; give arrays of one shape."
        ) from None


def per_agent(given: ArrayLike, name: str, agents: int, *, least: float = -math.inf) -> Array:
    """Return one finite number per agent; a single one is that of all."""
    found = numbers(given, name, least=least)
    if found.shape not in ((), (1,), (agents,)):
        raise InvalidArgumentError(
            f"{name} has shape {found.shape}, but must be one number, or one per agent: ({agents},)."
        )
    return np.broadcast_to(found, agents)


def complex_numbers(given: Any, name: str) -> NDArray[np.complex128]:
    """Return an array of at least one finite number, real or complex."""
    try:
        found = np.asarray(given)
    except ValueError:  # a ragged list
        found = np.empty(0)
    if found.dtype.kind != "c" or isinstance(given, np.ma.MaskedArray):
        return numbers(given, name).astype(np.complex128)
    finite_array(np.stack([found.real, found.imag]), name)
    if not found.size:
        raise InvalidArgumentError(f"{name} is empty; give at least one number.")
    return found.astype(np.complex128)


def complex_number(given: Any, name: str) -> complex:
    """Return one finite number, real or complex."""
    found = complex_numbers(given, name)
    if found.size != 1:
        raise InvalidArgumentError(f"{name} is {shown(given)}, but must be a single number.")
    return complex(found.item())


def demand_finite(*moments: Array) -> None:
    """Refuse moments that floats cannot hold."""
    if not all(np.isfinite(each).all() for each in moments):
        raise InvalidArgumentError(
            "the moments at these parameters are too large for floats; scale the noise or the unit "
            "of time."
        )
