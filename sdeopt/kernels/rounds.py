"""The rounds of Philox for many lanes side by side, as vectors of LLVM.

A loop over lanes would vectorize by itself, but take one vector after another, and the rounds of one
vector are a chain: most of the time a processor would wait for the round before. Here a few vectors
go through each round together, and the compiler is spared the search for the vectors.
"""

from collections.abc import Callable
from typing import Any

import llvmlite.binding
import llvmlite.ir as ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = [
    "MULTIPLIER_0",
    "MULTIPLIER_1",
    "NARROW",
    "WEYL_0",
    "WEYL_1",
    "WIDE",
    "narrow_rounds",
    "wide_rounds",
]

MULTIPLIER_0, MULTIPLIER_1 = 0xD2511F53, 0xCD9E8D57
WEYL_0, WEYL_1 = 0x9E3779B9, 0xBB67AE85
LOW_32, HALF = 0xFFFFFFFF, 32
ROUNDS = 8
"""How many are left when the agent, the replica and the block have met."""

NARROW = 8
"""Lanes that every caller has a multiple of."""
WIDE = 32 if llvmlite.binding.get_host_cpu_features().get("avx512f") else NARROW
"""Lanes that fill about half of the registers; the words do not depend on it."""

WORD = ir.IntType(64)

Value = Any


class _Lanes:
    """Writes operations on the 64-bit words of neighbouring lanes."""

    def __init__(self, builder: Value, width: int) -> None:
        self.builder, self.width = builder, width
        self.type = ir.VectorType(WORD, width)
        self.half = self.constant(HALF)

    def constant(self, number: int) -> Value:
        return ir.Constant(self.type, [ir.Constant(WORD, number)] * self.width)

    def all(self, word: Value) -> Value:
        nothing = ir.Constant(self.type, ir.Undefined)
        first = self.builder.insert_element(nothing, word, ir.Constant(ir.IntType(32), 0))
        places = ir.Constant(ir.VectorType(ir.IntType(32), self.width), None)
        return self.builder.shuffle_vector(first, nothing, places)

    def at(self, address: Value) -> Value:
        return self.builder.bitcast(address, self.type.as_pointer())

    def load(self, address: Value) -> Value:
        loaded = self.builder.load(self.at(address))
        loaded.align = WORD.width // 8
        return loaded

    def store(self, words: Value, address: Value) -> None:
        self.builder.store(words, self.at(address)).align = WORD.width // 8

    def product(self, words: Value, multiplier: int) -> Value:
        """Multiply lower halves: the mask tells the compiler that no more is meant."""
        lower = self.builder.and_(words, self.constant(LOW_32))
        return self.builder.mul(lower, self.constant(multiplier))

    def upper(self, words: Value) -> Value:
        return self.builder.lshr(words, self.half)

    def mix(self, *words: Value) -> Value:
        result = words[0]
        for each in words[1:]:
            result = self.builder.xor(result, each)
        return result

    def join(self, first: Value, second: Value) -> Value:
        """Make a word of two lower halves, the second above the first."""
        name = f"llvm.fshl.v{self.width}i64"
        shift = cgutils.get_or_insert_function(
            self.builder.module, ir.FunctionType(self.type, [self.type] * 3), name
        )
        return self.builder.call(shift, [second, self.builder.shl(first, self.half), self.half])


def _rounds(width: int) -> Callable[..., None]:
    def typed(
        typing_context: Any, kept: Any, replicas: Any, words: Any, row: Any, lane: Any,
        block_high: Any, block_low: Any, key_0: Any, key_1: Any,
    ) -> Any:  # fmt: skip
        scalars = (types.uint64,) * 6
        signature = types.void(kept, replicas, words, *scalars)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            def address(array: int, *indices: Value) -> Value:
                kind = signature.args[array]
                made = context.make_array(kind)(context, builder, arguments[array])
                return cgutils.get_item_pointer(context, builder, kind, made, list(indices))

            row, lane, block_high, block_low, *keys = arguments[3:]
            zero, one, low = (ir.Constant(WORD, number) for number in (0, 1, LOW_32))
            lanes = _Lanes(builder, width)
            product_0 = lanes.load(address(0, one, lane))
            replica = lanes.mix(lanes.load(address(1, lane)), lanes.all(block_high))
            product_1 = lanes.product(replica, MULTIPLIER_1)
            c0 = lanes.mix(lanes.upper(product_1), lanes.load(address(0, zero, lane)))
            c2 = lanes.mix(lanes.upper(product_0), lanes.all(block_low))
            # the upper halves of c1 and c3 stay: nothing reads them
            c1, c3 = product_1, product_0
            for _ in range(ROUNDS):
                product_0 = lanes.product(c0, MULTIPLIER_0)
                product_1 = lanes.product(c2, MULTIPLIER_1)
                c0 = lanes.mix(lanes.upper(product_1), c1, lanes.all(keys[0]))
                c2 = lanes.mix(lanes.upper(product_0), c3, lanes.all(keys[1]))
                c1, c3 = product_1, product_0
                keys = [
                    builder.and_(builder.add(key, ir.Constant(WORD, step)), low)
                    for key, step in zip(keys, (WEYL_0, WEYL_1), strict=True)
                ]
            lanes.store(lanes.join(c0, c1), address(2, row, lane))
            lanes.store(lanes.join(c2, c3), address(2, builder.add(row, one), lane))
            return context.get_dummy_value()

        return signature, generate

    made: Callable[..., None] = intrinsic(typed)
    return made


narrow_rounds = _rounds(NARROW)
"""``(kept, replicas, words, row, lane, block_high, block_low, key_0, key_1)``: write the words of
lanes ``lane`` to ``lane + NARROW - 1`` into rows ``row`` and ``row + 1``."""

wide_rounds = _rounds(WIDE)
"""The same for ``WIDE`` lanes."""
