"""Checks of single arguments, with one form of message.

Nothing is cast in silence: what is no real number (a boolean, a complex number, a date, text, bytes, a
masked array) is refused wherever a number is taken, alone or inside a list or an array.
"""

import datetime
import math
import operator
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.errors import InvalidArgumentError, shown, unknown_name

Array = NDArray[np.float64]

KINDS = {
    "b": "booleans",
    "c": "complex numbers",
    "M": "dates",
    "m": "times",
    "S": "bytes",
    "U": "text",
    "V": "records",
}
"""What arrays hold that are not of real numbers, by the kind of their type."""

SINGLE: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (np.ma.MaskedArray, "a masked array"),
    (type(None), "None"),
    (bool, "a boolean"),
    (complex, "a complex number"),
    (str, "text"),
    ((bytes, bytearray, memoryview), "bytes"),
    ((datetime.date, datetime.time, datetime.timedelta), "a date or time"),
)


def finite_number(
    value: object, name: str, minimum: float = -math.inf, *, open_end: bool = False
) -> float:
    """Return `value` as a float, or raise an error that gives the reason."""
    number = math.nan
    if not what_it_is(value):
        try:
            array = np.asarray(value, dtype=np.float64)
            number = float(array.item()) if array.size == 1 else math.nan
        except (TypeError, ValueError, OverflowError):
            pass
    if not math.isfinite(number) or number < minimum or (open_end and number == minimum):
        bound = ""
        if math.isfinite(minimum):
            bound = f" above {minimum:g}" if open_end else f" of at least {minimum:g}"
        raise InvalidArgumentError(f"{name} is {shown(value)}, but must be a finite number{bound}.")
    return number


LARGEST_WHOLE = 2**63 - 1
"""What a signed word holds: what counts steps, agents and bytes in compiled code."""

ANY_SIZE = math.inf
"""The maximum of a number that no compiled code reads, such as a seed of numpy's."""


def whole_number(value: object, name: str, minimum: int = 0, maximum: float = LARGEST_WHOLE) -> int:
    """Return `value` as an int, or raise an error that gives the reason."""
    number: int | None = None
    if isinstance(value, float) and value.is_integer():
        number = int(value)
    elif not what_it_is(value):
        try:
            number = operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            number = None
    if number is None or not minimum <= number <= maximum:
        above = f" and at most {maximum}" if number is not None and number > maximum else ""
        raise InvalidArgumentError(
            f"{name} is {shown(value)}, but must be a whole number of at least {minimum}{above}."
        )
    return number


def flag(value: object, name: str) -> bool:
    """Return `value` as a bool, or raise an error where it is something else."""
    if not isinstance(value, bool | np.bool_):
        raise InvalidArgumentError(f"{name} is {shown(value)}, but must be True or False.")
    return bool(value)


def one_of(value: object, kind: str, known: Iterable[str]) -> str:
    """Return a word that must be one of some, or raise an error that names the nearest."""
    known = tuple(known)
    # what is no text may not be comparable, such as an array
    if not isinstance(value, str) or value not in known:
        raise unknown_name(kind, value, known)
    return value


def what_it_is(value: object) -> str:
    """Return in words what a value is or holds besides real numbers; "" where there is nothing."""
    for kind, words in SINGLE:
        if isinstance(value, kind):
            return words
    if isinstance(value, list | tuple):
        others = [entry for entry in value if type(entry) not in (float, int)]
        return next(filter(None, map(what_it_is, others)), "")
    if not hasattr(value, "__array__"):
        return ""
    array = np.asarray(value)
    if array.dtype.kind == "O" and not (array.ndim == 0 and array.item() is value):
        return what_it_is(array.ravel().tolist())
    return KINDS.get(array.dtype.kind, "")


def real_array(value: Any, name: str) -> Array:
    """Return `value` as a float64 array, finite or not; without a copy where it is one."""
    what = what_it_is(value)
    problem: Exception | None = None
    if not what:
        try:
            return np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError, OverflowError) as found:
            problem = found
    held = f" ({what})" if what else ""
    raise InvalidArgumentError(
        f"{name} is {shown(value)}{held}, but must be a number or a rectangular array of numbers."
    ) from problem


def finite_array(value: ArrayLike, name: str) -> Array:
    """Return `value` as a float64 array of its own, whose entries are all finite."""
    array = np.array(real_array(value, name))
    wrong = np.argwhere(~np.isfinite(array))
    if len(wrong):
        index = tuple(int(i) for i in wrong[0])
        place = f" at index {index}" if index else ""
        raise InvalidArgumentError(f"{name} holds {array[index]}{place}, but must be finite.")
    return array


def intervals(given: ArrayLike, name: str, dim: int) -> Array:
    """Return (low, high) of each of `dim` coordinates, shape (dim, 2); one pair stands for all."""
    ends = finite_array(given, name)
    if ends.shape == (2,):
        ends = np.tile(ends, (dim, 1))
    if ends.shape != (dim, 2) or not (ends[:, 0] < ends[:, 1]).all():
        pair = "must be a pair (low, high) with low < high"
        if dim > 1:
            pair += f" for all {dim} coordinates, or such a pair for each of them"
        raise InvalidArgumentError(f"{name} is {shown(given)}, but {pair}.")
    return ends


def path_of(given: object, name: str) -> Path:
    """Return `given` as a path, or raise an error where it is none."""
    if not isinstance(given, str | os.PathLike):
        raise InvalidArgumentError(f"{name} is {shown(given)}, but must be a path.")
    return Path(given)


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
