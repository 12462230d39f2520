"""Checks of single arguments, with one form of message."""

import math
import operator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.errors import InvalidArgumentError


def finite_number(
    value: object, name: str, minimum: float = -math.inf, *, open_end: bool = False
) -> float:
    """Return `value` as a float, or raise an error that gives the reason."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        array = np.full(0, np.nan)
    number = float(array.item()) if array.size == 1 else math.nan
    if not math.isfinite(number) or number < minimum or (open_end and number == minimum):
        bound = ""
        if math.isfinite(minimum):
            bound = f" above {minimum:g}" if open_end else f" of at least {minimum:g}"
        raise InvalidArgumentError(f"{name} is {value!r}, but must be a finite number{bound}.")
    return number


def whole_number(value: object, name: str, minimum: int = 0) -> int:
    """Return `value` as an int, or raise an error that gives the reason."""
    number: int | None = None
    if isinstance(value, float) and value.is_integer():
        number = int(value)
    elif not isinstance(value, bool):
        try:
            number = operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            number = None
    if number is None or number < minimum:
        raise InvalidArgumentError(
            f"{name} is {value!r}, but must be a whole number of at least {minimum}."
        )
    return number


def finite_array(value: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return `value` as a float64 array whose entries are all finite."""
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise InvalidArgumentError(
            f"{name} is {value!r}, but must be a number or a rectangular array of numbers."
        ) from problem
    wrong = np.argwhere(~np.isfinite(array))
    if len(wrong):
        index = tuple(int(i) for i in wrong[0])
        place = f" at index {index}" if index else ""
        raise InvalidArgumentError(f"{name} holds {array[index]}{place}, but must be finite.")
    return array


Array = NDArray[np.float64]


def vector(given: ArrayLike, name: str, size: int | None = None) -> Array:
    """Return `given` as a finite one-dimensional array, of `size` entries where that is stated."""
    numbers = finite_array(given, name)
    if numbers.ndim != 1 or numbers.size == 0 or (size is not None and numbers.size != size):
        wanted = "(n,)" if size is None else f"({size},)"
        raise InvalidArgumentError(f"{name} has shape {numbers.shape}, but must have {wanted}.")
    return numbers


def matrix(given: ArrayLike, name: str) -> Array:
    """Return `given` as a finite, non-empty two-dimensional array."""
    numbers = finite_array(given, name)
    if numbers.ndim != 2 or numbers.size == 0:
        raise InvalidArgumentError(
            f"{name} has shape {numbers.shape}, but must be a matrix with rows and columns."
        )
    return np.ascontiguousarray(numbers)


def square_matrix(given: ArrayLike, name: str) -> Array:
    """Return `given` as a finite square matrix."""
    numbers = matrix(given, name)
    if numbers.shape[0] != numbers.shape[1]:
        raise InvalidArgumentError(f"{name} has shape {numbers.shape}, but must be square.")
    return numbers
