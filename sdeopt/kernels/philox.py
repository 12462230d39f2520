"""Philox4x32-10, the counter-based generator (Salmon, Moraes, Dror, Shaw, SC'11).

One call turns a 128-bit counter and a 64-bit key into two 64-bit words. The engine's counter is

====== ======================================================================
word   content
====== ======================================================================
0      block, low 32 bits
1      block, high 24 bits, and the purpose of the stream in the upper 8 bits
2      agent
3      replica
====== ======================================================================

and the key is the seed. An agent's stream of one purpose is the sequence of words
``block 0: (first, second), block 1: (first, second), ...``; what an agent draws at a step therefore
depends on nothing but (seed, replica, agent, step).
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled

__all__ = ["INITIAL", "MINIBATCH", "NOISE", "NOISE_AREA", "fill_words"]

# Purposes: streams that never meet, whatever the step.
NOISE, NOISE_AREA, INITIAL, MINIBATCH = 0, 1, 2, 3

MULTIPLIER_0, MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL_0, WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
LOW_32 = np.uint64(0xFFFFFFFF)
SHIFT_32, SHIFT_24 = np.uint64(32), np.uint64(24)

Words = NDArray[np.uint64]


@compiled
def fill_words(
    seed: np.uint64,
    purpose: np.uint64,
    block: np.uint64,
    agents: Words,
    replicas: Words,
    first: Words,
    second: Words,
) -> None:
    """Write the two words of one block for every lane.

    A function of its own, over buffers that stay in the first-level cache: fused into a larger loop
    the rounds do not vectorize.

    Parameters
    ----------
    seed : uint64
        The key.
    purpose : uint64
        One of `NOISE`, `NOISE_AREA`, `INITIAL`, `MINIBATCH`.
    block : uint64
        Position in the stream, below 2**56.
    agents, replicas : uint64 array, shape (lanes,)
        Who each lane is; below 2**32.
    first, second : uint64 array, shape (lanes,)
        Overwritten with the words.
    """
    key_0 = seed & LOW_32
    key_1 = seed >> SHIFT_32
    low = block & LOW_32
    high = (block >> SHIFT_32) | (purpose << SHIFT_24)
    for lane in range(first.shape[0]):
        c0, c1, c2, c3 = low, high, agents[lane], replicas[lane]
        k0, k1 = key_0, key_1
        for _ in range(10):
            product_0 = MULTIPLIER_0 * c0
            product_1 = MULTIPLIER_1 * c2
            c0 = (product_1 >> SHIFT_32) ^ c1 ^ k0
            c1 = product_1 & LOW_32
            c2 = (product_0 >> SHIFT_32) ^ c3 ^ k1
            c3 = product_0 & LOW_32
            k0 = (k0 + WEYL_0) & LOW_32
            k1 = (k1 + WEYL_1) & LOW_32
        first[lane] = c0 | (c1 << SHIFT_32)
        second[lane] = c2 | (c3 << SHIFT_32)
