"""Checks on the vectors and matrices that define a loss: each failure is one sentence."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.arguments import finite_array
from sdeopt.errors import InvalidArgumentError

__all__ = ["Array", "matrix", "square_matrix", "vector"]

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
