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
from typing import Any

import llvmlite.ir as ir
import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled_inline, compiled_separately
from sdeopt.kernels.intrinsics import never_inline, shift_in
from sdeopt.kernels.vectors import NARROW, WIDE, Words, broadcast, load, store

# Purposes: each has streams of its own.
NOISE, NOISE_AREA, INITIAL, MINIBATCH = 0, 1, 2, 3
PARTICIPATION, MATCHING, GRAPH = 4, 5, 6
SHARED = 7

MULTIPLIER_0, MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL_0, WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
LOW_32, ONE = np.uint64(0xFFFFFFFF), np.uint64(1)
SHIFT_32, SHIFT_24 = np.uint64(32), np.uint64(24)

# No word of a counter is as large: `fill_words` has stored nothing of the stream yet.
UNKNOWN = np.uint64(0xFFFFFFFFFFFFFFFF)

ROUNDS = 8
"""Of ten; the first two differ, because most of their words are the same for all lanes."""

WordArray = NDArray[np.uint64]


class _RoundWriter:
    """Writes the operations of a round on vectors of words."""

    def __init__(self, context: Any, builder: Any, kind: Words) -> None:
        self.context, self.builder, self.kind = context, builder, kind

    def all(self, word: Any) -> Any:
        return broadcast(self.context, self.builder, word, types.uint64, self.kind)

    def constant(self, number: int | np.uint64) -> Any:
        return self.all(ir.Constant(self.kind.element, int(number)))

    def product(self, words: Any, multiplier: np.uint64) -> Any:
        """Multiply the lower halves; with the mask the compiler takes a multiplication of 32 bits."""
        lower = self.builder.and_(words, self.constant(LOW_32))
        return self.builder.mul(lower, self.constant(multiplier))

    def mixed(self, product: Any, words: Any, key: Any) -> Any:
        upper = self.builder.lshr(product, self.constant(SHIFT_32))
        return self.builder.xor(self.builder.xor(upper, words), self.all(key))

    def next_key(self, key: Any, step: np.uint64) -> Any:
        word = self.kind.element
        following = self.builder.add(key, ir.Constant(word, int(step)))
        return self.builder.and_(following, ir.Constant(word, int(LOW_32)))


def _eight_rounds(
    typing_context: Any, c0: Any, c1: Any, c2: Any, c3: Any, key_0: Any, key_1: Any
) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        writer = _RoundWriter(context, builder, c0)
        words, keys = arguments[:4], arguments[4:]
        for _ in range(ROUNDS):
            product_0 = writer.product(words[0], MULTIPLIER_0)
            product_1 = writer.product(words[2], MULTIPLIER_1)
            # the upper halves keep their bits: nothing reads them
            words = [
                writer.mixed(product_1, words[1], keys[0]), product_1,
                writer.mixed(product_0, words[3], keys[1]), product_0,
            ]  # fmt: skip
            keys = [writer.next_key(keys[0], WEYL_0), writer.next_key(keys[1], WEYL_1)]
        return context.make_tuple(builder, signature.return_type, words)

    result = types.UniTuple(c0, 4)
    return result(c0, c1, c2, c3, types.uint64, types.uint64), generate


eight_rounds: Callable[..., Any] = intrinsic(_eight_rounds)
"""``eight_rounds(c0, c1, c2, c3, key_0, key_1)``: the four words of the counter after eight rounds, in
the lower halves. The words are `sdeopt.kernels.vectors.Words`, the keys single numbers.

The rounds of one vector are a chain, in which the processor mostly waits for the round before. A wide
value consists of several vectors, whose rounds are interleaved. All rounds are written out, because the
compiler would keep a loop over wide values a loop."""


@compiled_inline
def _mix_agents(key: np.uint64, high: np.uint64, agents: WordArray, cached: WordArray) -> None:
    """Store the part of the first two rounds that depends on the agent and the block's upper half."""
    next_key = (key + WEYL_0) & LOW_32
    for lane in range(agents.shape[0]):
        product = MULTIPLIER_1 * agents[lane]
        cached[0, lane] = (product & LOW_32) ^ next_key
        cached[1, lane] = MULTIPLIER_0 * ((product >> SHIFT_32) ^ high ^ key)


def _words_of(width: int) -> Callable[..., None]:
    """Return the function that does rounds three to ten for `width` lanes and writes their two words."""

    @compiled_inline
    def words_of_lanes(
        lane: int, block_high: np.uint64, block_low: np.uint64, key_0: np.uint64, key_1: np.uint64,
        replicas: WordArray, cached: WordArray, words: WordArray, row: int,
    ) -> None:  # fmt: skip
        mixed, product_0 = load(cached, 0, lane, width), load(cached, 1, lane, width)
        product_1 = MULTIPLIER_1 * ((load(replicas, 0, lane, width) ^ block_high) & LOW_32)
        c0, c2 = (product_1 >> SHIFT_32) ^ mixed, (product_0 >> SHIFT_32) ^ block_low
        c0, c1, c2, c3 = eight_rounds(c0, product_1, c2, product_0, key_0, key_1)
        store(words, row, lane, shift_in(c1, c0 << SHIFT_32, SHIFT_32))
        store(words, row + 1, lane, shift_in(c3, c2 << SHIFT_32, SHIFT_32))

    return words_of_lanes


_wide, _narrow = _words_of(WIDE), _words_of(NARROW)


@compiled_separately
def fill_words(
    seed: np.uint64, purpose: np.uint64, block: np.uint64, agents: WordArray, replicas: WordArray,
    cached: WordArray, cached_for: WordArray, words: WordArray, row: int, end: int,
) -> None:  # fmt: skip
    """Write the two words of some blocks for every lane, two rows a block.

    `cached` holds what the agents contribute, for the upper half of the block in `cached_for`. A
    function of its own, because the rounds take all registers.
    """
    never_inline()
    first_key, key_1 = seed & LOW_32, seed >> SHIFT_32
    second_key = (key_1 + WEYL_1) & LOW_32
    third_0 = (first_key + WEYL_0 + WEYL_0) & LOW_32
    third_1 = (second_key + WEYL_1) & LOW_32
    lanes = words.shape[1]
    while row < end:
        high = (block >> SHIFT_32) | (purpose << SHIFT_24)
        if cached_for[0] != high:
            _mix_agents(first_key, high, agents, cached)
            cached_for[0] = high
        # the first round of words 0 and 1 is the same for all lanes
        product = MULTIPLIER_0 * (block & LOW_32)
        block_high, block_low = (product >> SHIFT_32) ^ key_1, (product & LOW_32) ^ second_key
        lane = 0
        while lane + WIDE <= lanes:
            _wide(lane, block_high, block_low, third_0, third_1, replicas, cached, words, row)
            lane += WIDE
        while lane < lanes:
            _narrow(lane, block_high, block_low, third_0, third_1, replicas, cached, words, row)
            lane += NARROW
        block += ONE
        row += 2
