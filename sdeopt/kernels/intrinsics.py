"""The machine operations that numba does not name: fused multiply-add, bit casts, a double shift."""

from collections.abc import Callable
from typing import Any

import llvmlite.ir as ir
import numpy as np
from numba import types
from numba.extending import intrinsic

__all__ = ["bits_of", "float_of_bits", "fma", "shift_in", "stay_apart"]


def _fma(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    signature = types.float64(types.float64, types.float64, types.float64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return signature, generate


def _float_of_bits(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.uint64), generate


def _stay_apart(typing_context: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.void(), generate


def _bits_of(typing_context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.uint64(types.float64), generate


def _shift_in(typing_context: Any, word: Any, below: Any, count: Any) -> Any:
    signature = types.uint64(types.uint64, types.uint64, types.uint64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(64)
        name = "llvm.fshl"
        shift = builder.module.declare_intrinsic(name, [word], ir.FunctionType(word, [word] * 3))
        return builder.call(shift, arguments)

    return signature, generate


fma: Callable[[float, float, float], float] = intrinsic(_fma)
"""``a * b + c`` with one rounding."""

float_of_bits: Callable[[np.uint64], float] = intrinsic(_float_of_bits)
"""The 64 bits of an unsigned integer read as a float64."""

bits_of: Callable[[float], np.uint64] = intrinsic(_bits_of)
"""The 64 bits of a float64 read as an unsigned integer."""

shift_in: Callable[[np.uint64, np.uint64, np.uint64], np.uint64] = intrinsic(_shift_in)
"""``word << count``, with the upper bits of ``below`` moving in from the right; 0 < count < 64."""

stay_apart: Callable[[], None] = intrinsic(_stay_apart)
"""Called in a function: do not merge it into the functions that call it."""
