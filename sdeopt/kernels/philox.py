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

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels import rounds
from sdeopt.kernels.compilation import compiled_apart, compiled_inline
from sdeopt.kernels.intrinsics import shift_in, stay_apart
from sdeopt.kernels.rounds import eight_rounds
from sdeopt.kernels.vectors import NARROW, WIDE, load, store

# Purposes: streams that never meet, whatever the step.
NOISE, NOISE_AREA, INITIAL, MINIBATCH = 0, 1, 2, 3

MULTIPLIER_0, MULTIPLIER_1 = np.uint64(rounds.MULTIPLIER_0), np.uint64(rounds.MULTIPLIER_1)
WEYL_0, WEYL_1 = np.uint64(rounds.WEYL_0), np.uint64(rounds.WEYL_1)
LOW_32, ONE = np.uint64(0xFFFFFFFF), np.uint64(1)
SHIFT_32, SHIFT_24 = np.uint64(32), np.uint64(24)

# No word of a counter is as large: `fill_words` has not seen the stream yet.
UNKNOWN = np.uint64(0xFFFFFFFFFFFFFFFF)

Words = NDArray[np.uint64]


@compiled_inline
def _meet_agents(key: np.uint64, high: np.uint64, agents: Words, kept: Words) -> None:
    """Keep what the first two rounds make of the agent and the upper half of the block."""
    next_key = (key + WEYL_0) & LOW_32
    for lane in range(agents.shape[0]):
        product = MULTIPLIER_1 * agents[lane]
        kept[0, lane] = (product & LOW_32) ^ next_key
        kept[1, lane] = MULTIPLIER_0 * ((product >> SHIFT_32) ^ high ^ key)


def _words_of(width: int) -> Callable[..., None]:
    """Return what writes the two words of `width` lanes: the third round, and those after it."""

    @compiled_inline
    def words_of_lanes(
        lane: int, block_high: np.uint64, block_low: np.uint64, key_0: np.uint64, key_1: np.uint64,
        replicas: Words, kept: Words, words: Words, row: int,
    ) -> None:  # fmt: skip
        met, product_0 = load(kept, 0, lane, width), load(kept, 1, lane, width)
        product_1 = MULTIPLIER_1 * ((load(replicas, 0, lane, width) ^ block_high) & LOW_32)
        c0, c2 = (product_1 >> SHIFT_32) ^ met, (product_0 >> SHIFT_32) ^ block_low
        c0, c1, c2, c3 = eight_rounds(c0, product_1, c2, product_0, key_0, key_1)
        store(words, row, lane, shift_in(c1, c0 << SHIFT_32, SHIFT_32))
        store(words, row + 1, lane, shift_in(c3, c2 << SHIFT_32, SHIFT_32))

    return words_of_lanes


_wide, _narrow = _words_of(WIDE), _words_of(NARROW)


@compiled_apart
def fill_words(
    seed: np.uint64, purpose: np.uint64, block: np.uint64, agents: Words, replicas: Words,
    kept: Words, kept_for: Words, words: Words, row: int, end: int,
) -> None:  # fmt: skip
    """Write the two words of some blocks for every lane, two rows a block.

    A function of its own, because the rounds want all registers.
    """
    stay_apart()
    first_key, key_1 = seed & LOW_32, seed >> SHIFT_32
    second_key = (key_1 + WEYL_1) & LOW_32
    third_0 = (first_key + WEYL_0 + WEYL_0) & LOW_32
    third_1 = (second_key + WEYL_1) & LOW_32
    lanes = words.shape[1]
    while row < end:
        high = (block >> SHIFT_32) | (purpose << SHIFT_24)
        if kept_for[0] != high:
            _meet_agents(first_key, high, agents, kept)
            kept_for[0] = high
        # the first round of words 0 and 1 is the same for all lanes
        product = MULTIPLIER_0 * (block & LOW_32)
        block_high, block_low = (product >> SHIFT_32) ^ key_1, (product & LOW_32) ^ second_key
        lane = 0
        while lane + WIDE <= lanes:
            _wide(lane, block_high, block_low, third_0, third_1, replicas, kept, words, row)
            lane += WIDE
        while lane < lanes:
            _narrow(lane, block_high, block_low, third_0, third_1, replicas, kept, words, row)
            lane += NARROW
        block += ONE
        row += 2
