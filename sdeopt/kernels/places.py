"""Tuples in memory, which kernel functions read by one number: the place where the tuple begins.

A driver's tuple of arrays has some hundred members. Passed to a function, each would be an argument of
its own; read at a place, only those are loaded that the function names.
"""

from collections.abc import Callable
from typing import Any

import llvmlite.ir as ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import intrinsic, lower_cast, lower_getattr_generic, models, register_model

PLACE = types.int64
WORD = ir.IntType(64)


class InMemory(types.Type):  # type: ignore[misc]
    """The type of a named tuple that lies in memory; its members are loaded when they are named."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind
        super().__init__(f"InMemory({kind})")

    def position(self, name: str) -> int | None:
        """Return which member has a name."""
        names = self.kind.fields
        return names.index(name) if name in names else None


def uncounted(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """Return arrays without their owner, whose references therefore nobody counts.

    The caller of the kernel keeps them alive. A count is an atomic operation, and threads that share an
    array would wait for each other.
    """
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo = cgutils.get_null_value(array.meminfo.type)
        array.parent = cgutils.get_null_value(array.parent.type)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        for position, member in enumerate(kind.types):
            part = uncounted(context, builder, member, builder.extract_value(value, position))
            value = builder.insert_value(value, part, position)
    return value


@register_model(InMemory)
class _PlaceModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: InMemory) -> None:
        super().__init__(manager, kind, WORD)


@infer_getattr
class _Members(AttributeTemplate):  # type: ignore[misc]
    key = InMemory

    def generic_resolve(self, at: InMemory, name: str) -> Any:
        position = at.position(name)
        if position is None:
            return None
        member = at.kind.types[position]
        return InMemory(member) if isinstance(member, types.NamedTuple) else member


@lower_getattr_generic(InMemory)  # type: ignore[untyped-decorator]
def _member(context: Any, builder: Any, at: InMemory, value: Any, name: str) -> Any:
    position = at.position(name)
    pointer = builder.inttoptr(value, context.get_value_type(at.kind).as_pointer())
    member = cgutils.gep_inbounds(builder, pointer, 0, position)
    if isinstance(at.kind.types[position], types.NamedTuple):
        return builder.ptrtoint(member, WORD)
    return uncounted(context, builder, at.kind.types[position], builder.load(member))


@lower_cast(InMemory, types.NamedTuple)  # type: ignore[untyped-decorator]
def _whole(context: Any, builder: Any, at: InMemory, kind: Any, value: Any) -> Any:
    pointer = builder.inttoptr(value, context.get_value_type(kind).as_pointer())
    return uncounted(context, builder, kind, builder.load(pointer))


def _place_of(typing_context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kept = cgutils.alloca_once(builder, context.get_value_type(value))
        _store(builder, value, arguments[0], kept)
        return builder.ptrtoint(kept, WORD)

    return PLACE(value), generate


def _store(builder: Any, kind: Any, value: Any, pointer: Any) -> None:
    """Store a tuple member by member: as one value it would take the compiler long."""
    if not isinstance(kind, types.BaseTuple):
        builder.store(value, pointer)
        return
    for position, member in enumerate(kind.types):
        where = cgutils.gep_inbounds(builder, pointer, 0, position)
        _store(builder, member, builder.extract_value(value, position), where)


def reader(kind: Any) -> Callable[[int], Any]:
    """Return the kernel function that reads named tuples of one numba type at a place."""

    def typed(typing_context: Any, place: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return arguments[0]

        return InMemory(kind)(PLACE), generate

    read: Callable[[int], Any] = intrinsic(typed)
    return read


place_of: Callable[[Any], int] = intrinsic(_place_of)
"""``place_of(value)``: where a copy of a tuple lies, until the function that calls it returns."""
