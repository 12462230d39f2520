"""Vectors of neighbouring lanes, for loops that are vectorized by hand.

A plain loop over lanes is vectorized by the compiler, which then handles one vector after another,
keeps intermediate results of a coordinate in memory, and takes long to compile. With `load` and
`store` a kernel says it directly: a loaded vector is one value in registers, and arithmetic combines
it with vectors of the same width and with single numbers.

Functions of single numbers that use + - * & ^ << >> and `sdeopt.kernels.intrinsics` take vectors
too, with the same bits in every lane.
"""

import operator
from collections.abc import Callable
from typing import Any

import llvmlite.binding
import llvmlite.ir as ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

NARROW = 8
"""Lanes of a block are a multiple of this."""
WIDE = 32 if llvmlite.binding.get_host_cpu_features().get("avx512f") else NARROW
"""Lanes of a vector where each lane is a long chain of operations; no result depends on it."""

BYTES = 8
"""The alignment that a load or store assumes."""

Value = Any


class Lanes(types.Type):  # type: ignore[misc]
    """The type of a vector of `width` lanes: `Numbers` or `Words`."""

    scalar: Any
    """The type of one value, for numba."""
    element: Value
    """The type of one value, for LLVM."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(f"{type(self).__name__}({width})")

    @property
    def vector(self) -> Value:
        """The type of the whole vector, for LLVM."""
        return ir.VectorType(self.element, self.width)


class Numbers(Lanes):
    """A vector of float64."""

    scalar, element = types.float64, ir.DoubleType()


class Words(Lanes):
    """A vector of uint64."""

    scalar, element = types.uint64, ir.IntType(64)


@register_model(Numbers)
@register_model(Words)
class _Model(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Lanes) -> None:
        super().__init__(manager, kind, kind.vector)


def broadcast(context: Any, builder: Value, value: Value, given: Any, wanted: Lanes) -> Value:
    """Return a vector unchanged, and a single number repeated in all lanes."""
    if isinstance(given, Lanes):
        return value
    nothing = ir.Constant(wanted.vector, ir.Undefined)
    scalar = context.cast(builder, value, given, wanted.scalar)
    first = builder.insert_element(nothing, scalar, ir.Constant(ir.IntType(32), 0))
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), wanted.width), None)
    return builder.shuffle_vector(first, nothing, everywhere)


def widest(*given: Any) -> Lanes | None:
    """Return the vector type among the arguments of an operation."""
    lanes = {each for each in given if isinstance(each, Lanes)}
    return lanes.pop() if len(lanes) == 1 else None


def _pointer(context: Any, builder: Value, kinds: Any, values: Any, kind: Lanes) -> Value:
    array = context.make_array(kinds[0])(context, builder, values[0])
    # a one-dimensional array is its own only row
    pairs = list(zip(values[1:3], kinds[1:3], strict=True))[-kinds[0].ndim :]
    indices = [context.cast(builder, value, each, types.intp) for value, each in pairs]
    address = cgutils.get_item_pointer(context, builder, kinds[0], array, indices)
    return builder.bitcast(address, kind.vector.as_pointer())


def _load(typing_context: Any, array: Any, row: Any, lane: Any, width: Any) -> Any:
    of = Numbers if array.dtype == types.float64 else Words
    kind = of(width.literal_value)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        loaded = builder.load(_pointer(context, builder, signature.args, arguments, kind))
        loaded.align = BYTES
        return loaded

    return kind(array, row, lane, width), generate


def _store(typing_context: Any, array: Any, row: Any, lane: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature.args, arguments, value)
        builder.store(arguments[3], pointer).align = BYTES
        return context.get_dummy_value()

    return types.void(array, row, lane, value), generate


def _element(
    context: Any, builder: Value, kinds: Any, values: Any, which: int, behind: int, kind: Any
) -> Any:
    """Return an address in one of some arrays, whose row and lane are the values from `behind` on."""
    array = context.make_array(kinds[0])(context, builder, values[0])
    pairs = zip(values[behind : behind + 2], kinds[behind : behind + 2], strict=True)
    places = [context.cast(builder, value, each, types.intp) for value, each in pairs]
    places.insert(0, context.get_constant(types.intp, which))
    address = cgutils.get_item_pointer(context, builder, kinds[0], array, places)
    return builder.bitcast(address, context.get_value_type(kind).as_pointer())


def _load_all(
    typing_context: Any, array: Any, first: Any, count: Any, row: Any, lane: Any, width: Any
) -> Any:
    lanes, begin = width.literal_value, first.literal_value
    kind = types.float64 if lanes == 1 else Numbers(lanes)
    result = types.Tuple([kind] * count.literal_value)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        loaded = []
        for which in range(begin, begin + count.literal_value):
            pointer = _element(context, builder, signature.args, arguments, which, 3, kind)
            loaded.append(builder.load(pointer))
            loaded[-1].align = BYTES
        return context.make_tuple(builder, result, loaded)

    return result(array, first, count, row, lane, width), generate


def _store_all(
    typing_context: Any, array: Any, first: Any, row: Any, lane: Any, width: Any, values: Any
) -> Any:
    lanes, begin = width.literal_value, first.literal_value
    kind = types.float64 if lanes == 1 else Numbers(lanes)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        for which, given in enumerate(values.types):
            value = builder.extract_value(arguments[5], which)
            pointer = _element(context, builder, signature.args, arguments, begin + which, 2, kind)
            if lanes == 1:
                value = context.cast(builder, value, given, kind)
            else:
                value = broadcast(context, builder, value, given, kind)
            builder.store(value, pointer).align = BYTES
        return context.get_dummy_value()

    return types.void(array, first, row, lane, width, values), generate


def _splat(typing_context: Any, number: Any, width: Any) -> Any:
    kind = Numbers(width.literal_value)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return broadcast(context, builder, arguments[0], signature.args[0], kind)

    return kind(number, width), generate


def _no_words(typing_context: Any, width: Any) -> Any:
    kind = Words(width.literal_value)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(kind.vector, None)

    return kind(width), generate


def _first_of(typing_context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.extract_element(arguments[0], ir.Constant(ir.IntType(32), 0))

    return value.scalar(value), generate


def _moved_down(typing_context: Any, value: Any, count: Any) -> Any:
    by = count.literal_value

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        nothing = ir.Constant(value.vector, None)
        number = ir.IntType(32)
        places = [ir.Constant(number, by + lane) for lane in range(value.width)]
        chosen = ir.Constant(ir.VectorType(number, value.width), places)
        return builder.shuffle_vector(arguments[0], nothing, chosen)

    return value(value, count), generate


load: Callable[..., Any] = intrinsic(prefer_literal=True)(_load)
"""``load(array, row, lane, width)``: ``array[row, lane : lane + width]`` as one value; the width is a
constant. A one-dimensional array is its own only row."""

store: Callable[..., None] = intrinsic(_store)
"""``store(array, row, lane, value)``: write a vector to ``array[row, lane : lane + width]``."""

load_all: Callable[..., Any] = intrinsic(prefer_literal=True)(_load_all)
"""``load_all(arrays, first, count, row, lane, width)``: the same of some arrays behind one another, as a
tuple; of single numbers where the width is 1. The first, their count and the width are constants."""

store_all: Callable[..., None] = intrinsic(prefer_literal=True)(_store_all)
"""``store_all(arrays, first, row, lane, width, values)``: write a tuple of them, or of numbers."""

splat: Callable[..., Any] = intrinsic(prefer_literal=True)(_splat)
"""``splat(number, width)``: a number in every lane."""

first_of: Callable[[Any], Any] = intrinsic(_first_of)
"""``first_of(vector)``: the number in its first lane."""

moved_down: Callable[..., Any] = intrinsic(prefer_literal=True)(_moved_down)
"""``moved_down(vector, count)``: lane i holds what was in lane i + count, the last ones zero; the count
is a constant."""

no_words: Callable[..., Any] = intrinsic(prefer_literal=True)(_no_words)
"""``no_words(width)``: words that are zero in every lane."""


def _define(name: str, of: type[Lanes], method: str) -> None:
    """Define an operation on vectors, among each other and with single numbers."""

    class Template(AbstractTemplate):  # type: ignore[misc]
        def generic(self, given: Any, named: Any) -> Any:
            kind = widest(*given)
            return signature(kind, *given) if isinstance(kind, of) else None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values = [
            broadcast(context, builder, value, given, signature.return_type)
            for value, given in zip(arguments, signature.args, strict=True)
        ]
        return getattr(builder, method)(*values)

    # a += b is a separate operation
    for operation in (getattr(operator, name), getattr(operator, "i" + name.strip("_"))):
        infer_global(operation)(Template)
        for pair in ((of, of), (of, types.Number), (types.Number, of)):
            lower_builtin(operation, *pair)(generate)


@lower_builtin(operator.neg, Numbers)  # type: ignore[untyped-decorator]
def _negative(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.fneg(arguments[0])


@infer_global(operator.neg)
class _Negative(AbstractTemplate):  # type: ignore[misc]
    def generic(self, given: Any, named: Any) -> Any:
        return signature(*given, *given) if isinstance(given[0], Numbers) else None


for _name, _method in (("add", "fadd"), ("sub", "fsub"), ("mul", "fmul")):
    _define(_name, Numbers, _method)
for _name, _method in (
    ("add", "add"), ("mul", "mul"), ("and_", "and_"), ("or_", "or_"), ("xor", "xor"),
    ("lshift", "shl"), ("rshift", "lshr"),
):  # fmt: skip
    _define(_name, Words, _method)
