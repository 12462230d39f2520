"""The three machine operations that numba does not name: fused multiply-add and two bit casts."""

from collections.abc import Callable
from typing import Any

import llvmlite.ir as ir
import numpy as np
from numba import types
from numba.extending import intrinsic

__all__ = ["bits_of", "float_of_bits", "fma"]


def _fma(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    signature = types.float64(types.float64, types.float64, types.float64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return signature, generate


def _float_of_bits(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.uint64), generate


def _bits_of(typing_context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.uint64(types.float64), generate


fma: Callable[[float, float, float], float] = intrinsic(_fma)
"""``a * b + c`` with one rounding."""

float_of_bits: Callable[[np.uint64], float] = intrinsic(_float_of_bits)
"""The 64 bits of an unsigned integer read as a float64."""

bits_of: Callable[[float], np.uint64] = intrinsic(_bits_of)
"""The 64 bits of a float64 read as an unsigned integer."""
