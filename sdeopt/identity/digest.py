"""The digest of a value: of functions the code and what they read, of objects class and state."""

import dis
import enum
import functools
import hashlib
from abc import ABCMeta
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

import numpy as np

from sdeopt.identity.content import (
    ATOMS,
    BASES,
    Parts,
    added,
    body,
    known,
    only_python,
    reduced,
    state,
    ufunc,
)
from sdeopt.identity.description import UNKNOWN
from sdeopt.identity.origin import (
    UnknownIdentityError,
    builtin_name,
    is_compiled,
    is_library,
    is_library_class,
    library_name,
    module_of,
    own_name,
    refuse_changing,
    top_of,
)
from sdeopt.identity.reading import plain_function, values_read

FORMATS: Mapping[str, int] = MappingProxyType({"sdeopt": 2})
"""By package of ours: a number that is raised by one when a change of it changes results."""

DESCRIPTORS = (
    MemberDescriptorType, GetSetDescriptorType, MethodDescriptorType, WrapperDescriptorType,
)  # fmt: skip

WORN = ("__wrapped__", "__signature__", "__isabstractmethod__")


Readers = Mapping[type, Callable[[Any], Parts]]
"""By class: what decides the objects of it, where that is more or less than their state."""

NO_READERS: Readers = MappingProxyType({})


def identity(
    value: object, formats: Mapping[str, int] = FORMATS, readers: Readers = NO_READERS
) -> str:
    """Return a digest of everything that decides what a value is and does.

    `formats` names the packages whose code counts as one number. It raises `UnknownIdentityError`
    where a part cannot be known: compiled code of the user's, generators, open files.
    """
    return Walk(formats, readers).digest(value)


def users_identity(value: object) -> str | None:
    """Return the digest of a value in which there is code of the user's, and None of any other."""
    walk = Walk(FORMATS)
    found = walk.digest(value)
    return found if walk.met_users_code else None


def identity_or_reason(
    value: object, formats: Mapping[str, int] = FORMATS, readers: Readers = NO_READERS
) -> str:
    """Return the digest, or the phrase that says why there is none; for descriptions."""
    try:
        return identity(value, formats, readers)
    except UnknownIdentityError as problem:
        return f"{UNKNOWN}{problem}"


def _hashed(*parts: bytes | str) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(f"{len(content)}:".encode() + content)
    return digest.digest()


class Walk:
    """One passage through a value and all that it leads to."""

    def __init__(self, formats: Mapping[str, int], readers: Readers = NO_READERS) -> None:
        self._formats, self._readers = formats, readers
        self.met_users_code = False
        self._open: dict[int, int] = {}
        # with the object, so that no other one gets its id
        self._done: dict[int, tuple[bytes, object]] = {}

    def digest(self, value: object) -> str:
        """Return the digest of a value as text."""
        try:
            return self.of(value).hex()
        except RecursionError:
            raise UnknownIdentityError("is nested too deeply to be read") from None

    def of(self, value: object) -> bytes:
        """Return the digest of a value."""
        if type(value) in ATOMS:
            return _hashed(type(value).__name__, repr(value))
        key = id(value)
        if key in self._done:
            return self._done[key][0]
        if key in self._open:
            return _hashed("again", str(len(self._open) - self._open[key]))
        self._open[key] = len(self._open)
        try:
            entries = [
                part if isinstance(part, bytes | str) else self.of(*part)
                for part in self._parts(value)
            ]
        finally:
            del self._open[key]
        self._done[key] = _hashed(*entries), value
        return self._done[key][0]

    def _parts(self, value: Any) -> Parts:
        """Yield what a value consists of: text, bytes, or a tuple with one further value."""
        refuse_changing(value)
        for kinds, parts in self._rules():
            if isinstance(value, kinds):
                yield kinds[0].__name__
                yield from parts(value)
                return
        if top_of(module_of(type(value))) != "numba":
            yield "object"
            yield from self._object(value)
        elif hasattr(value, "py_func"):
            yield repr(sorted(getattr(value, "targetoptions", {}).items(), key=str))
            yield (plain_function(value),)
        elif hasattr(value, "_defn") or hasattr(value, "_dispatcher"):
            # intrinsics, vectorized ones
            yield (getattr(value, "_defn", None),)
            yield (getattr(value, "_dispatcher", None),)
        else:
            yield from self._object(value)

    def _rules(self) -> list[tuple[tuple[type, ...], Callable[[Any], Parts]]]:
        return [
            *(((kind,), parts) for kind, parts in self._readers.items()),
            ((FunctionType,), self._function),
            ((CodeType,), self._code),
            ((MethodType,), lambda method: iter([(method.__func__,), (method.__self__,)])),
            ((BuiltinFunctionType,), self._builtin),
            ((ModuleType,), self._module),
            ((type,), self._class),
            ((enum.Enum,), self._member),
            (DESCRIPTORS, lambda slot: iter([slot.__name__])),
            ((property,), lambda one: iter([(one.fget,), (one.fset,), (one.fdel,)])),
            ((staticmethod, classmethod), lambda one: iter([type(one).__name__, (one.__func__,)])),
            ((functools.cached_property,), lambda one: iter([(one.func,)])),
            ((np.ufunc,), ufunc),
            ((MappingProxyType,), lambda view: iter([(dict(view),)])),
        ]

    def _function(self, function: FunctionType) -> Parts:
        module = str(function.__globals__.get("__name__", ""))
        own = own_name(module, self._formats)
        named = "<" not in function.__code__.co_qualname
        if own and named:
            yield from (*own, module.rpartition(".")[2], function.__code__.co_qualname)
        elif not own and is_library(module):
            yield from library_name(function, module)
            yield from ((cell.cell_contents,) for cell in function.__closure__ or ())
        else:
            self.met_users_code = True
            yield (function.__code__,)
            for name, read in values_read(function):
                yield name
                yield (read,)
        yield (function.__defaults__,)
        yield (function.__kwdefaults__,)
        yield ({key: entry for key, entry in vars(function).items() if key not in WORN},)

    def _code(self, code: CodeType) -> Parts:
        yield code.co_code + code.co_exceptiontable
        arguments = code.co_argcount + code.co_kwonlyargcount
        counts = code.co_posonlyargcount, code.co_argcount, code.co_kwonlyargcount, code.co_flags
        yield repr((counts, code.co_names, code.co_freevars, code.co_varnames[:arguments]))
        # a docstring is a constant that is never loaded
        loaded = {i.arg or 0 for i in dis.get_instructions(code) if i.opcode in dis.hasconst}
        yield from ((code.co_consts[number],) for number in sorted(loaded))

    def _builtin(self, function: BuiltinFunctionType) -> Parts:
        named = builtin_name(function)
        yield from named or (function.__name__, (function.__self__,))

    def _module(self, module: ModuleType) -> Parts:
        own = own_name(module.__name__, self._formats)
        if own or is_library(module.__name__):
            yield from own or library_name(module, module.__name__)
            yield module.__name__
        else:
            yield from self._entries(
                {name: entry for name, entry in vars(module).items() if not name.startswith("__")}
            )

    def _class(self, kind: type) -> Parts:
        own = own_name(module_of(kind), self._formats)
        if own and "<" not in kind.__qualname__:
            yield from (*own, kind.__qualname__)
        elif is_library_class(kind):
            yield from library_name(kind, module_of(kind))
        elif is_compiled(module_of(kind)):
            raise UnknownIdentityError(f"uses {kind.__name__}, a class of compiled code")
        else:
            self.met_users_code = True
            yield kind.__qualname__.rpartition(".")[2]
            yield from ((base,) for base in kind.__bases__)
            if type(kind) not in (type, ABCMeta, enum.EnumMeta):
                yield (type(kind),)
            if isinstance(kind, enum.EnumMeta):
                members: Mapping[str, Any] = kind.__members__
                yield ([(name, one.value, added(one)) for name, one in members.items()],)
            yield from self._entries(body(kind))

    def _member(self, member: enum.Enum) -> Parts:
        # a combination of flags may have no name
        # a combination of flags may have no name
        yield from (str(member.name), (member.value,), (type(member),))

    def _entries(self, entries: Mapping[str, Any]) -> Parts:
        for name in sorted(entries):
            yield name
            yield (entries[name],)

    def _object(self, value: Any) -> Parts:
        kind = type(value)
        yield (kind,)
        own = own_name(module_of(kind), self._formats)
        if own and is_dataclass(value):
            yield from self._entries({f.name: getattr(value, f.name) for f in fields(value)})
        elif own and callable(getattr(value, "configuration", None)):
            yield (known(value.configuration()),)
            yield from ((part,) for part in vars(value).values() if self._is_users(part))
        elif isinstance(value, BASES[1:]):
            yield from self._content(value)
            if is_library_class(kind) and kind not in BASES:
                yield from reduced(value)
            elif own:
                yield from self._entries(state(value))
        elif own or is_library_class(kind) or not only_python(kind):
            yield from reduced(value)
        if not (own or is_library_class(kind)):
            yield from self._entries(state(value))

    def _is_users(self, part: object) -> bool:
        """Return whether an attribute of an object of ours brings code of the user's."""
        plain = plain_function(part)
        if isinstance(plain, FunctionType):
            module = str(plain.__globals__.get("__name__", ""))
            return own_name(module, self._formats) is None and not is_library(module)
        kind = type(part)
        own = own_name(module_of(kind), self._formats)
        return own is None and not is_library_class(kind)

    def _content(self, value: Any) -> Parts:
        """Yield the entries of a container or an array, the number in a number."""
        if isinstance(value, np.ndarray):
            yield f"{value.dtype.str} {value.dtype.descr} {value.shape}"
            if value.dtype.hasobject:
                yield from ((entry,) for entry in value.ravel())
            else:
                yield np.ascontiguousarray(value).tobytes()
            if isinstance(value, np.ma.MaskedArray):
                yield np.ma.getmaskarray(value).tobytes()
        elif isinstance(value, dict):
            yield from (part for item in value.items() for part in ((item[0],), (item[1],)))
        elif isinstance(value, set | frozenset):
            yield from sorted(self.of(entry) for entry in value)
        elif isinstance(value, list | tuple):
            yield from ((entry,) for entry in value)
        elif isinstance(value, bytearray):
            yield bytes(value)
        elif isinstance(value, slice):
            yield ([value.start, value.stop, value.step],)
        else:
            base = next(kind for kind in type(value).__mro__ if kind in BASES)
            yield base.__repr__(value)
