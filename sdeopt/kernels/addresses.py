"""Calling compiled functions by their address, so that a driver is compiled without knowing them.

A driver receives the addresses of this run's gradient, variates and update as whole numbers, in
`sdeopt.kernels.plan.Passes`, and calls each for a whole block. No address is in the machine code, so
what is kept on disk is good for every process. What a function takes is fixed by its kind: see `KINDS`.

Arrays that differ from loss to loss in number and dimension travel as one `Pack`. What the passes of
an algorithm read lies at a place (`sdeopt.kernels.places`).
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import llvmlite.ir as ir
import numba
import numpy as np
from numba import types
from numba.core import cgutils
from numba.core.dispatcher import Dispatcher
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array
from numpy.typing import NDArray

from sdeopt.kernels.places import PLACE, WORD, uncounted

Values = NDArray[np.float64]

MOST_DIMENSIONS = 3
"""Of an array in a pack."""

ALIGNED = 8
"""Numbers: every array of a pack begins with a cache line, where the first one does."""


class Pack(NamedTuple):
    """Arrays of any dimensions, in one type."""

    values: Values  # all of them, one behind the other
    places: NDArray[np.int64]  # (arrays, 1 + MOST_DIMENSIONS) where each begins, and its shape


def packed(arrays: Sequence[Values]) -> Pack:
    """Return copies of arrays as a pack."""
    places = np.zeros((len(arrays), 1 + MOST_DIMENSIONS), np.int64)
    begin = 0
    for place, array in zip(places, arrays, strict=True):
        place[0], place[1 : 1 + array.ndim] = begin, array.shape
        begin += -(-array.size // ALIGNED) * ALIGNED
    memory = np.zeros(begin + ALIGNED)
    skipped = -memory.ctypes.data % (8 * ALIGNED) // 8
    values = memory[skipped : skipped + begin]
    for (start, *_), array in zip(places.tolist(), arrays, strict=True):
        values[start : start + array.size] = np.asarray(array, np.float64).reshape(-1)
    return Pack(values, places)


ROWS = types.Array(types.float64, 2, "C")
ROW = types.Array(types.float64, 1, "C")
NUMBER = ir.DoubleType()

CUBE = types.Array(types.float64, 3, "C")
PACK = numba.typeof(packed([]))

KINDS: dict[str, tuple[Any, ...]] = {
    "value": (ROWS, PACK, ROW),
    "gradient": (ROWS, PACK, ROWS),
    "minibatch_gradient": (PLACE, types.int64, ROWS, PACK, ROWS),
    "variates": (ROWS, types.int64, types.int64, ROW),
    "diffusion": (ROWS, PACK, ROW, ROWS, ROWS),
    "observation": (PLACE, types.int64),
    "reception": (PLACE, types.int64, CUBE),
    "update": (PLACE,),
    "rates": (PLACE, CUBE, CUBE),
    "look_ahead": (PLACE,),
    "weigh": (PLACE, ROWS, ROWS, ROWS),
    "relax": (PLACE, CUBE, ROWS, CUBE),
}
"""What a function takes, by its kind; it returns nothing."""


BY_NUMBERS = ("value", "gradient", "minibatch_gradient", "variates", "diffusion")
"""Kinds that are called in every step: their arrays are passed as few numbers, which fit in registers.

Of an array, its address and its lengths (numba itself would pass up to nine numbers); of a pack, the
addresses of its two arrays.
"""


def numbers_of(kind: Any) -> int:
    """Return how many numbers stand for an argument of a type; 0 where it is one already."""
    if kind == PACK:
        return 2
    return 1 + int(kind.ndim) if isinstance(kind, types.Array) else 0


def _passed(kind: str) -> tuple[Any, ...]:
    """Return the types of the arguments of a kind, as they are passed."""
    if kind not in BY_NUMBERS:
        return KINDS[kind]
    split = [[types.int64] * numbers_of(each) or [each] for each in KINDS[kind]]
    return tuple(each for numbers in split for each in numbers)


def address_of(function: Dispatcher, kind: str) -> int:
    """Compile a function for the arguments of its kind and return its address.

    It stays valid as long as the function is not compiled again.
    """
    given = _passed(kind)
    if given not in function.overloads:
        function.compile(given)
    done = function.overloads[given]
    return int(done.library.get_pointer_to_function(done.fndesc.llvm_func_name))


def is_compiled(function: Dispatcher, kind: str) -> bool:
    """Return whether this process has the machine code already."""
    return _passed(kind) in function.overloads


def _numbers(context: Any, builder: Any, kind: Any, value: Any) -> list[Any]:
    """Return the numbers that stand for an argument."""
    if kind == PACK:
        arrays = [builder.extract_value(value, index) for index in range(2)]
        pairs = zip(kind.types, arrays, strict=True)
        return [_numbers(context, builder, *pair)[0] for pair in pairs]
    if not isinstance(kind, types.Array):
        return [value]
    array = context.make_array(kind)(context, builder, value)
    lengths = cgutils.unpack_tuple(builder, array.shape, kind.ndim)
    return [builder.ptrtoint(array.data, WORD), *lengths]


def _call(kind: str) -> Any:
    """Return the typing of a call of an address, given before the arguments of a kind."""
    given, types_passed = KINDS[kind], _passed(kind)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        convention = context.call_conv
        pointer = convention.get_function_type(types.none, types_passed).as_pointer()
        function = builder.inttoptr(arguments[0], pointer)
        pairs = list(zip(given, arguments[1:], strict=True))
        if kind in BY_NUMBERS:
            passed = [number for pair in pairs for number in _numbers(context, builder, *pair)]
        else:
            passed = [uncounted(context, builder, *pair) for pair in pairs]
        status, _ = convention.call_function(builder, function, types.none, types_passed, passed)
        with cgutils.if_unlikely(builder, status.is_error):
            convention.return_status_propagate(builder, status)
        return context.get_dummy_value()

    return types.none(types.int64, *given), generate


# an intrinsic has as many parameters as its function


def _value(typing_context: Any, address: Any, x: Any, pack: Any, out: Any) -> Any:
    return _call("value")


def _gradient(typing_context: Any, address: Any, x: Any, pack: Any, out: Any) -> Any:
    return _call("gradient")


def _minibatch_gradient(
    typing_context: Any, address: Any, place: Any, t: Any, x: Any, pack: Any, out: Any
) -> Any:
    return _call("minibatch_gradient")


def _variates(
    typing_context: Any, address: Any, drawn: Any, first: Any, end: Any, shape: Any
) -> Any:
    return _call("variates")


def _diffusion(
    typing_context: Any, address: Any, x: Any, pack: Any, column: Any, matrix: Any, noise: Any
) -> Any:
    return _call("diffusion")


def _update(typing_context: Any, address: Any, place: Any) -> Any:
    return _call("update")


def _rates(typing_context: Any, address: Any, place: Any, agents: Any, rates: Any) -> Any:
    return _call("rates")


def _look_ahead(typing_context: Any, address: Any, place: Any) -> Any:
    return _call("look_ahead")


def _weigh(typing_context: Any, address: Any, place: Any, x: Any, mean: Any, out: Any) -> Any:
    return _call("weigh")


def _relax(typing_context: Any, address: Any, place: Any, old: Any, mean: Any, out: Any) -> Any:
    return _call("relax")


def _observation(typing_context: Any, address: Any, place: Any, block: Any) -> Any:
    return _call("observation")


def _reception(typing_context: Any, address: Any, place: Any, t: Any, history: Any) -> Any:
    return _call("reception")


def _view(context: Any, builder: Any, kind: Any, data: Any, shape: list[Any]) -> Any:
    """Return an array at an address."""
    size = ir.Constant(WORD, 8)
    strides = [size]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    view = context.make_array(kind)(context, builder)
    populate_array(view, data=data, shape=shape, strides=strides, itemsize=size, meminfo=None)
    return view._getvalue()


def _row_at(typing_context: Any, address: Any, length: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = builder.inttoptr(arguments[0], NUMBER.as_pointer())
        return _view(context, builder, ROW, data, arguments[1:])

    return ROW(types.int64, types.int64), generate


def _rows_at(typing_context: Any, address: Any, count: Any, length: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = builder.inttoptr(arguments[0], NUMBER.as_pointer())
        return _view(context, builder, ROWS, data, arguments[1:])

    return ROWS(types.int64, types.int64, types.int64), generate


def _array_in(typing_context: Any, values: Any, places: Any, which: Any, dimensions: Any) -> Any:
    row, count = which.literal_value, dimensions.literal_value
    kind = types.Array(types.float64, count, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table = builder.inttoptr(arguments[1], WORD.as_pointer())

        def number(column: int) -> Any:
            where = ir.Constant(WORD, row * (1 + MOST_DIMENSIONS) + column)
            return builder.load(builder.gep(table, [where]))

        first = builder.inttoptr(arguments[0], NUMBER.as_pointer())
        shape = [number(1 + axis) for axis in range(count)]
        return _view(context, builder, kind, builder.gep(first, [number(0)]), shape)

    return kind(types.int64, types.int64, which, dimensions), generate


call_value: Callable[..., None] = intrinsic(_value)
call_gradient: Callable[..., None] = intrinsic(_gradient)
call_minibatch_gradient: Callable[..., None] = intrinsic(_minibatch_gradient)
call_variates: Callable[..., None] = intrinsic(_variates)
call_diffusion: Callable[..., None] = intrinsic(_diffusion)
call_update: Callable[..., None] = intrinsic(_update)
call_rates: Callable[..., None] = intrinsic(_rates)
call_look_ahead: Callable[..., None] = intrinsic(_look_ahead)
call_weigh: Callable[..., None] = intrinsic(_weigh)
call_relax: Callable[..., None] = intrinsic(_relax)
call_observation: Callable[..., None] = intrinsic(_observation)
call_reception: Callable[..., None] = intrinsic(_reception)

row_at: Callable[..., Values] = intrinsic(_row_at)
"""``row_at(address, length)``: an array of one dimension; whoever calls keeps it alive, as below."""

rows_at: Callable[..., Values] = intrinsic(_rows_at)
"""``rows_at(address, count, length)``: one of two dimensions."""

array_in: Callable[..., Values] = intrinsic(prefer_literal=True)(_array_in)
"""``array_in(values, places, which, dimensions)``: an array of the pack with these addresses; the last
two are constants."""
