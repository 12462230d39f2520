"""Random orders that depend on a key alone: no state, no library version, no machine."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["shuffled"]


def shuffled(count: int, seed: int, *key: int) -> NDArray[np.int64]:
    """Return the numbers 0, ..., count − 1 in the random order of a key.

    Parameters
    ----------
    count : int
        How many numbers.
    seed : int
        Of the run.
    *key : int
        What the order belongs to, e.g. agent and epoch. Each gives an independent order.

    Returns
    -------
    numpy.ndarray
        int64 of shape (count,).

    Notes
    -----
    NumPy guarantees the raw words of a bit generator for ever, but not its ``permutation``: the
    order is therefore that of `count` 64-bit words. Two of them are equal with probability below
    count²/2⁶⁵, and are then kept in their first order.

    Examples
    --------
    >>> from nets.data.shuffling import shuffled
    >>> shuffled(8, 7, 0)
    array([0, 5, 2, 3, 4, 7, 6, 1])
    """
    words = np.random.Philox(np.random.SeedSequence(seed, spawn_key=key))
    return np.argsort(words.random_raw(count), kind="stable")
