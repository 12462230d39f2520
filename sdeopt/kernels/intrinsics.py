"""Machine operations that numba does not offer, and a logarithm for positive normal numbers.

All of them take single numbers and the vectors of `sdeopt.kernels.vectors`.
"""

import math
from collections.abc import Callable
from typing import Any

import llvmlite.ir as ir
import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.vectors import Numbers, Words, broadcast, widest

LOG_2_HIGH = math.log(2.0)

LOG_2_LOW = 2.3190468138462996e-17

MANTISSA_SHIFT = np.uint64(52)

ONE_BITS = np.uint64(0x3FF0000000000000)

SQRT_HALF_BITS = np.uint64(0x3FE6A09E667F3BCD)

MANTISSA_MASK = np.uint64(0x000FFFFFFFFFFFFF)

TWO_52_BITS = np.uint64(0x4330000000000000)

TWO_52_AND_BIAS = 2.0**52 + 1023.0


def _like(given: Any, scalar: Any, of: Any) -> Any:
    """Return the type of a result computed from `given`: a vector of the same width, or a scalar."""
    return of(given.width) if isinstance(given, (Numbers, Words)) else scalar


def _call(builder: Any, name: str, values: list[Any]) -> Any:
    """Call an LLVM intrinsic in its version for the type of the values."""
    kind = values[0].type
    scalar = kind.element if isinstance(kind, ir.VectorType) else kind
    suffix = "f64" if isinstance(scalar, ir.DoubleType) else "i64"
    lanes = f"v{kind.count}" if isinstance(kind, ir.VectorType) else ""
    declared = ir.FunctionType(kind, [kind] * len(values))
    function = cgutils.get_or_insert_function(builder.module, declared, f"{name}.{lanes}{suffix}")
    return builder.call(function, values)


def _operation(name: str, scalar: Any) -> Any:
    """Return the typing of an operation on three values of one type."""

    def typed(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
        kind = widest(a, b, c)
        given = [each if each == kind else scalar for each in (a, b, c)]

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            values = list(arguments)
            if kind is not None:
                pairs = zip(arguments, signature.args, strict=True)
                values = [broadcast(context, builder, *pair, kind) for pair in pairs]
            return _call(builder, name, values)

        return (kind or scalar)(*given), generate

    return typed


def _float_of_bits(typing_context: Any, word: Any) -> Any:
    result = _like(word, types.float64, Numbers)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(result))

    return result(word if isinstance(word, Words) else types.uint64), generate


def _bits_of(typing_context: Any, value: Any) -> Any:
    result = _like(value, types.uint64, Words)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(result))

    return result(value if isinstance(value, Numbers) else types.float64), generate


def _choice(condition: Callable[[Any, Any], Any]) -> Any:
    """Return the typing of a choice between two numbers by a condition on a word."""

    def typed(typing_context: Any, word: Any, first: Any, second: Any) -> Any:
        result = _like(word, types.float64, Numbers)
        given = [each if each == result else types.float64 for each in (first, second)]

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            word, *values = arguments
            if isinstance(result, Numbers):
                pairs = zip(values, signature.args[1:], strict=True)
                values = [broadcast(context, builder, *pair, result) for pair in pairs]
            return builder.select(condition(builder, word), *values)

        return result(word if isinstance(word, Words) else types.uint64, *given), generate

    return typed


def _is_odd(builder: Any, word: Any) -> Any:
    bit = ir.IntType(1)
    vector = isinstance(word.type, ir.VectorType)
    return builder.trunc(word, ir.VectorType(bit, word.type.count) if vector else bit)


def _is_zero(builder: Any, word: Any) -> Any:
    return builder.icmp_unsigned("==", word, ir.Constant(word.type, None))


def _any_of(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = builder.icmp_unsigned("!=", arguments[0], ir.Constant(arguments[0].type, None))
        if isinstance(word, Words):
            bits = ir.IntType(word.width)
            found = builder.icmp_unsigned("!=", builder.bitcast(found, bits), ir.Constant(bits, 0))
        return found

    return types.boolean(word if isinstance(word, Words) else types.uint64), generate


def _never_inline(typing_context: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.void(), generate


fma: Callable[[float, float, float], float] = intrinsic(_operation("llvm.fma", types.float64))
"""``a * b + c`` with one rounding."""

float_of_bits: Callable[[np.uint64], float] = intrinsic(_float_of_bits)
"""The 64 bits of an unsigned integer read as a float64."""

bits_of: Callable[[float], np.uint64] = intrinsic(_bits_of)
"""The 64 bits of a float64 read as an unsigned integer."""

shift_in: Callable[[np.uint64, np.uint64, np.uint64], np.uint64] = intrinsic(
    _operation("llvm.fshl", types.uint64)
)
"""``word << count``, with the upper bits of ``below`` moving in from the right; 0 < count < 64."""

choose_odd: Callable[[np.uint64, float, float], float] = intrinsic(_choice(_is_odd))
"""``choose_odd(word, odd, even)``: one of two numbers, by the last bit of a word."""

choose_zero: Callable[[np.uint64, float, float], float] = intrinsic(_choice(_is_zero))
"""``choose_zero(word, zero, other)``: one of two numbers, by whether a word is zero."""

any_of: Callable[[np.uint64], bool] = intrinsic(_any_of)
"""Whether a word is not zero, in one lane at least."""

never_inline: Callable[[], None] = intrinsic(_never_inline)
"""Called in a function: the compiler never inlines that function."""


@compiled
def log_of_normal(x: float) -> float:
    """Return log(x) for a positive, normal, finite x; other arguments are not checked."""
    # x = 2**k m with m in [sqrt(1/2), sqrt(2)); log m = 2 atanh((m - 1) / (m + 1))
    shifted = bits_of(x) + (ONE_BITS - SQRT_HALF_BITS)
    k = float_of_bits((shifted >> MANTISSA_SHIFT) | TWO_52_BITS) - TWO_52_AND_BIAS
    f = float_of_bits((shifted & MANTISSA_MASK) + SQRT_HALF_BITS) - 1.0
    s = f / (2.0 + f)
    z = s * s
    p = fma(z, 0.14798599208587612, 0.15313803304254786)
    p = fma(z, p, 0.18183573273102596)
    p = fma(z, p, 0.22222198415508973)
    p = fma(z, p, 0.28571428743775346)
    p = fma(z, p, 0.39999999999409147)
    p = fma(z, p, 0.6666666666666735)
    # 2 s is written as f - s f, so that the leading term f is free of the rounding of the division
    return fma(k, LOG_2_HIGH, f - s * (f - z * p)) + k * LOG_2_LOW
