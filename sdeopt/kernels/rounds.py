"""The rounds of Philox for neighbouring lanes at once.

The rounds of one vector are a chain: most of the time a processor would wait for the round before.
Here the vectors that a wide value consists of take each round side by side. All rounds are written
out, because the compiler would keep a loop of wide values a loop.
"""

from collections.abc import Callable
from typing import Any

import llvmlite.ir as ir
from numba import types
from numba.extending import intrinsic

from sdeopt.kernels.vectors import Words, broadcast

MULTIPLIER_0, MULTIPLIER_1 = 0xD2511F53, 0xCD9E8D57
WEYL_0, WEYL_1 = 0x9E3779B9, 0xBB67AE85
LOW_32, HALF = 0xFFFFFFFF, 32
ROUNDS = 8


class _Writer:
    """Writes what a round does with words."""

    def __init__(self, context: Any, builder: Any, kind: Words) -> None:
        self.context, self.builder, self.kind = context, builder, kind

    def all(self, word: Any) -> Any:
        return broadcast(self.context, self.builder, word, types.uint64, self.kind)

    def constant(self, number: int) -> Any:
        return self.all(ir.Constant(self.kind.element, number))

    def product(self, words: Any, multiplier: int) -> Any:
        """Multiply lower halves: the mask tells the compiler that no more is meant."""
        lower = self.builder.and_(words, self.constant(LOW_32))
        return self.builder.mul(lower, self.constant(multiplier))

    def mixed(self, product: Any, words: Any, key: Any) -> Any:
        upper = self.builder.lshr(product, self.constant(HALF))
        return self.builder.xor(self.builder.xor(upper, words), self.all(key))

    def next_key(self, key: Any, step: int) -> Any:
        word = self.kind.element
        following = self.builder.add(key, ir.Constant(word, step))
        return self.builder.and_(following, ir.Constant(word, LOW_32))


def _eight_rounds(
    typing_context: Any, c0: Any, c1: Any, c2: Any, c3: Any, key_0: Any, key_1: Any
) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        writer = _Writer(context, builder, c0)
        words, keys = arguments[:4], arguments[4:]
        for _ in range(ROUNDS):
            product_0 = writer.product(words[0], MULTIPLIER_0)
            product_1 = writer.product(words[2], MULTIPLIER_1)
            # the upper halves stay: nothing reads them
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
the lower halves. The words are `sdeopt.kernels.vectors.Words`, the keys plain numbers."""
