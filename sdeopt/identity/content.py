"""The state of an object: its attributes, its content, or what pickling would keep of it."""

import contextlib
import copyreg
import enum
import functools
import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import numpy as np

from sdeopt.identity.description import unknown_parts
from sdeopt.identity.origin import (
    UnknownIdentityError,
    is_compiled,
    is_library,
    library_name,
    module_of,
)

ATOMS = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis), type(NotImplemented))
SEQUENCES = (list, tuple)
BASES = (object, *ATOMS, *SEQUENCES, dict, set, frozenset, bytearray, range, slice, np.ndarray)
"""Classes whose content is read without asking the object for it."""

BOOKKEEPING = {
    "__module__", "__doc__", "__dict__", "__weakref__", "__qualname__", "__annotations__",
    "__dataclass_fields__", "__dataclass_params__", "__abstractmethods__", "_abc_impl", "__repr__",
    "__str__", "__orig_bases__", "__parameters__", "__firstlineno__", "__static_attributes__",
    "__slotnames__", "__annotate__", "__annotations_cache__", "__annotate_func__",
    "__replace__", "__match_args__",
}  # fmt: skip
"""Entries of a class that decide no result."""

MEMBER = {"_name_", "_value_", "__objclass__", "_sort_order_"}
"""What Python gives the members of an enumeration."""

Parts = Iterator[Any]
"""Text, bytes, or tuples with one further value, which has a digest of its own."""


def reduced(value: Any) -> Parts:
    """Yield what pickling would keep; an object that cannot be pickled cannot be known."""
    try:
        if callable(getattr(value, "untyped_storage", None)):
            yield from numbers_of(value)
            return
        registered = copyreg.dispatch_table.get(type(value))
        kept = registered(value) if registered else value.__reduce_ex__(4)
    except Exception as problem:  # a class may refuse with any error
        raise UnknownIdentityError(
            f"reads a {type(value).__name__}, whose state cannot be known"
        ) from problem
    if isinstance(kept, str):
        yield from _named(value, kept)
        return
    make, arguments, *rest = kept
    if make not in (copyreg.__newobj__, copyreg.__newobj_ex__):  # type: ignore[attr-defined]
        yield (make,)
    yield from ((part,) for part in arguments if part is not type(value))
    for part in rest[:4]:
        yield (list(part) if isinstance(part, Iterator) else part,)


def _named(value: Any, name: str) -> Parts:
    """Yield what is pickled by its name alone: only a library has nothing else there."""
    if hasattr(value, "__wrapped__"):  # a function that remembers its answers
        yield (value.__wrapped__,)
    elif not is_library(str(getattr(value, "__module__", None) or module_of(type(value)))):
        raise UnknownIdentityError(f"uses {name}, compiled code whose content is not known")
    yield name


def numbers_of(value: Any) -> Parts:
    """Yield the numbers of a tensor of torch, whose pickle differs from one process to the next."""
    torch = sys.modules["torch"]
    yield f"{value.dtype} {tuple(value.shape)} {value.requires_grad}"
    plain = value.detach().cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
    yield plain.view(torch.uint8).numpy().tobytes() if plain.numel() else b""


def ufunc(function: np.ufunc) -> Parts:
    import scipy.special

    if function not in (getattr(m, function.__name__, None) for m in (np, scipy.special)):
        raise UnknownIdentityError(f"calls {function.__name__}, a function that numpy hides")
    yield from library_name(function, "numpy")


def state(value: Any) -> dict[str, Any]:
    """Return the attributes of an object, what it remembers from its first use included.

    A cached property is computed where it was not: an object that was used and one that was not are
    the same, unless somebody changed what is remembered.
    """
    kinds = type(value).__mro__
    slots = [s for k in kinds for s in _slots(k)]
    found = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    cached = {
        name
        for kind in kinds
        for name, entry in vars(kind).items()
        if isinstance(entry, functools.cached_property)
    }
    for name in cached:
        # what cannot be computed is not remembered
        with contextlib.suppress(Exception):
            found[name] = getattr(value, name)
    held = getattr(value, "__dict__", {})
    return found | {name: entry for name, entry in held.items() if name not in cached}


def body(kind: type) -> dict[str, Any]:
    """Return the entries of a class that decide results; of an enumeration without its members."""
    entries = {name: entry for name, entry in vars(kind).items() if name not in BOOKKEEPING}
    if not isinstance(kind, enum.EnumMeta):
        return entries
    return {
        name: entry
        for name, entry in entries.items()
        if isinstance(entry, FunctionType | staticmethod | classmethod)
        # names in single underscores are what Python adds
        or (name not in kind.__members__ and not name[0] == name[-1] == "_")
    }


def added(member: enum.Enum) -> dict[str, Any]:
    """Return the attributes of a member of an enumeration besides its name and value."""
    return {name: entry for name, entry in state(member).items() if name not in MEMBER}


def _slots(kind: type) -> list[str]:
    """Return the names of the slots of a class, private ones as Python stores them."""
    given = vars(kind).get("__slots__", ())
    names = [given] if isinstance(given, str) else list(given)
    private = f"_{kind.__name__.lstrip('_')}"
    return [
        name if not name.startswith("__") or name.endswith("__") else private + name
        for name in names
        if name not in ("__dict__", "__weakref__")
    ]


def only_python(kind: type) -> bool:
    """Return whether all of an object's state is in its attributes."""
    return all(base in BASES or not is_compiled(module_of(base)) for base in kind.__mro__)


def known(description: Any) -> Any:
    """Return a description, or raise where it says that something in it is unknown."""
    for _, reason in unknown_parts(description):
        raise UnknownIdentityError(reason)
    return description
