"""Memory for the buffers of a kernel: rows that begin where a line of the cache begins.

A vector that straddles two lines costs two loads. And buffers that were asked for one by one may lie
a little more than a multiple of 4096 bytes apart, where the processor takes a load from one for a
load of what was just stored in the other and waits; rows of one allocation lie exactly their length
apart.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled_in_kernels

__all__ = ["aligned_copy", "aligned_rows", "own_lines"]

Values = NDArray[np.float64]

LINE = 64
"""Bytes of a cache line, and of the widest vectors."""

NUMBERS = LINE // 8


@compiled_in_kernels
def aligned_rows(count: int, length: int) -> Values:
    """Return an uninitialized array of rows.

    Parameters
    ----------
    count : int
        How many.
    length : int
        Of each; a multiple of 8, for all of them to begin with a cache line.

    Returns
    -------
    float64 array, shape (count, length)
        The rows.
    """
    memory = np.empty(count * length + NUMBERS)
    skipped = (-memory.ctypes.data) % LINE // 8
    return memory[skipped : skipped + count * length].reshape(count, length)


def own_lines(*shape: int) -> Values:
    """Return an uninitialized array that has the lines of the cache it lies in to itself.

    Two threads that write different numbers of one line wait for each other, and small arrays that
    were asked for one by one often share a line.

    Parameters
    ----------
    *shape : int
        The shape.

    Returns
    -------
    float64 array
        C-contiguous.

    Examples
    --------
    >>> from sdeopt.kernels.memory import own_lines
    >>> own_lines(3, 5).shape
    (3, 5)
    """
    size = math.prod(shape)
    return aligned_rows(1, -(-size // NUMBERS) * NUMBERS)[0, :size].reshape(shape)


def aligned_copy(array: Values) -> Values:
    """Return a C-contiguous copy that begins with a cache line.

    Parameters
    ----------
    array : numpy.ndarray
        What to copy.

    Returns
    -------
    numpy.ndarray
        The copy.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.kernels.memory import aligned_copy
    >>> aligned_copy(np.arange(3.0)).ctypes.data % 64
    0
    """
    memory = np.empty(array.size + NUMBERS)
    skipped = -memory.ctypes.data % LINE // 8
    copy = memory[skipped : skipped + array.size].reshape(array.shape)
    copy[...] = array
    return copy
