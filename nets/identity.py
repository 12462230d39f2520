"""What decides the result of a training, as plain JSON: two trainings that differ in it are not one.

Numbers, texts and containers are written out; tensors and arrays are named by a digest of their
contents. Of users' functions and classes the compiled code counts, with all values that it reads:
defaults, closures, globals, and attributes of modules. What is part of Python, torch or numpy is named.
The project's own classes are named without their module, with their attributes; that their results
have not changed is what `FORMAT` says, so that moving a file discards no training.
What cannot be known so is marked, see `unknown_parts`.
"""

import copyreg
import dataclasses
import enum
import functools
import hashlib
import json
import math
from collections.abc import Iterator
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

import numpy as np
import torch
from torch import nn

from nets.code_read import NAMED, OWN, home_of, values_read

FORMAT = 2
"""Raised by one when the project's own code gives trainings another result."""

UNKNOWN = "unknown"
_PLUMBING = frozenset(vars(nn.Module()))
_NOT_READ = frozenset(
    {"__annotations__", "__dict__", "__doc__", "__module__", "__qualname__", "__weakref__"}
    | {"__abstractmethods__", "__dataclass_fields__", "__dataclass_params__", "__match_args__"}
    | {"_abc_impl", "__parameters__", "__orig_bases__"}
)
_BUILTIN = (
    BuiltinFunctionType,
    MethodDescriptorType,
    MethodWrapperType,
    WrapperDescriptorType,
    np.ufunc,
)
_SPELLED = (torch.dtype, torch.device, torch.Size, torch.layout, np.dtype, range, complex, bytes)


def identity_of(value: object) -> Any:
    """Return what decides what a value does."""
    return _Reader().read(value)


def module_identity(module: nn.Module) -> dict[str, Any]:
    """Return what decides the passes of a network, apart from its weights and buffers' values."""
    return _Reader().network(module, values=False)


def unknown_parts(identity: Any, place: str = "") -> Iterator[str]:
    """Yield where an identity holds something of which it cannot be known what it does."""
    if isinstance(identity, dict):
        if UNKNOWN in identity:
            yield f"{place} ({identity[UNKNOWN]})"
            return
        for key, value in identity.items():
            yield from unknown_parts(value, f"{place}.{key}" if place else str(key))
    elif isinstance(identity, list):
        for index, value in enumerate(identity):
            yield from unknown_parts(value, f"{place}[{index}]")


def differences(first: Any, second: Any, place: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield where two identities differ, with both values in short."""
    if isinstance(first, dict) and isinstance(second, dict):
        for key in dict.fromkeys([*first, *second]):
            name = f"{place}.{key}" if place else str(key)
            yield from differences(first.get(key, "absent"), second.get(key, "absent"), name)
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for index, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from differences(one, other, f"{place}[{index}]")
    elif first != second:
        texts = (json.dumps(value, ensure_ascii=False) for value in (first, second))
        one, other = (text if len(text) <= 60 else f"{text[:57]}..." for text in texts)
        yield place, one, other


def digest_of(identity: Any) -> str:
    """Return a digest of a JSON value."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


class _Reader:
    """One reading of a value, which follows every reference once."""

    def __init__(self) -> None:
        self._open: dict[int, int] = {}
        # what is read is kept alive, so that no other object gets its id
        self._known: dict[int, tuple[object, Any]] = {}

    def read(self, value: object) -> Any:
        if value is None or (
            isinstance(value, bool | int | str) and not isinstance(value, enum.Enum)
        ):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else repr(value)
        if isinstance(value, np.generic):
            return {"scalar": value.dtype.str, "value": self.read(value.item())}
        if isinstance(value, _SPELLED):
            return repr(value)
        if id(value) in self._known:
            return self._known[id(value)][1]
        if id(value) in self._open:
            return {"again": self._open[id(value)]}
        self._open[id(value)] = len(self._open)
        try:
            found = self._follow(value)
        finally:
            del self._open[id(value)]
        self._known[id(value)] = value, found
        return found

    def _follow(self, value: Any) -> Any:
        if isinstance(value, enum.Enum):
            return {
                "member": value.name,
                "value": self.read(value.value),
                **self._class(type(value)),
            }
        if isinstance(value, torch.Tensor | np.ndarray):
            return _contents(value)
        if type(value) is dict:
            pairs = [[self.read(key), self.read(entry)] for key, entry in value.items()]
            plain = all(isinstance(key, str) for key, _ in pairs)
            return dict(pairs) if plain else {"pairs": pairs}
        if type(value) in (list, tuple):
            return [self.read(entry) for entry in value]
        if type(value) in (set, frozenset):
            return {"set": sorted(map(digest_of, map(self.read, value)))}
        if isinstance(value, functools.partial):
            parts = (value.func, value.args, value.keywords)
            return {"partial": [self.read(part) for part in parts]}
        if isinstance(value, FunctionType):
            return self._function(value)
        if isinstance(value, MethodType):
            return {"method": self.read(value.__func__), "of": self.read(value.__self__)}
        if isinstance(value, _BUILTIN):
            home = getattr(value, "__module__", None) or getattr(value, "__objclass__", "")
            return {"builtin": f"{home} {getattr(value, '__qualname__', value.__name__)}"}
        if isinstance(value, property | staticmethod | classmethod):
            inner = (getattr(value, name, None) for name in ("fget", "fset", "fdel", "__func__"))
            return {type(value).__name__: [self.read(part) for part in inner]}
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, ModuleType):
            return {"module": value.__name__}
        if isinstance(value, nn.Module):
            return self.network(value, values=True)
        return self._object(value)

    def network(self, module: nn.Module, *, values: bool) -> dict[str, Any]:
        """Return a network: classes, settings, hooks and names; `values` of its tensors for a loss."""
        own = {name: entry for name, entry in vars(module).items() if name not in _PLUMBING}
        settings = {
            name: self.read(entry)
            for name, entry in own.items()
            # what a hook computes from parameters is no setting
            if not (isinstance(entry, torch.Tensor) and _computed(module, name, entry))
        }
        hooks = [*module._forward_pre_hooks.values(), *module._forward_hooks.values()]
        tensors = {**module._parameters, **module._buffers}
        found: dict[str, Any] = {**self._class(type(module)), "settings": settings}
        found["tensors"] = {
            name: _contents(tensor)
            if values
            else [list(tensor.shape), isinstance(tensor, nn.Parameter) and tensor.requires_grad]
            for name, tensor in tensors.items()
            if tensor is not None
        }
        if hooks:
            found["hooks"] = [self.read(hook) for hook in hooks]
        found["layers"] = {
            name: self.network(child, values=values) for name, child in module.named_children()
        }
        return found

    def _class(self, kind: type) -> dict[str, Any]:
        """Return the name of a class, and the code of those of its bases that users wrote."""
        home = home_of(kind)
        if home in NAMED or home in OWN:
            # without its module, which may move
            return {
                "name": kind.__qualname__
                if home in OWN
                else f"{kind.__module__}.{kind.__qualname__}"
            }
        written = [base for base in kind.__mro__ if home_of(base) not in NAMED | OWN]
        code = {
            base.__qualname__: {
                name: self.read(entry)
                for name, entry in vars(base).items()
                if name not in _NOT_READ
            }
            for base in written
        }
        bases = [base.__qualname__ for base in kind.__mro__ if base not in written]
        return {"name": kind.__qualname__, "code": digest_of([code, bases])} | _marked(code)

    def _function(self, function: FunctionType) -> dict[str, Any]:
        home = home_of(function)
        if home in NAMED or (home in OWN and "<locals>" not in function.__qualname__):
            name = function.__qualname__
            return {"function": name if home in OWN else f"{function.__module__}.{name}"}
        code = function.__code__
        read = [
            self._code(code),
            self.read(function.__defaults__),
            self.read(function.__kwdefaults__),
            {name: self.read(entry) for name, entry in values_read(function).items()},
        ]
        return {"function": function.__name__, "code": digest_of(read)} | _marked(read)

    def _code(self, code: CodeType) -> list[Any]:
        constants = [
            self._code(entry) if isinstance(entry, CodeType) else self.read(entry)
            for entry in code.co_consts
        ]
        return [code.co_code.hex(), list(code.co_names), list(code.co_varnames), constants]

    def _object(self, value: Any) -> Any:
        kind = type(value)
        if dataclasses.is_dataclass(value) and home_of(kind) in OWN:
            # what is no field is the state of a run
            fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
            return self._class(kind) | {name: self.read(entry) for name, entry in fields.items()}
        try:
            written = copyreg.dispatch_table.get(kind)
            parts = value.__reduce_ex__(4) if written is None else written(value)
        except (
            Exception
        ):  # each kind of object has its own way to say that it cannot be written down
            return {UNKNOWN: f"{kind.__module__}.{kind.__qualname__}"}
        if isinstance(parts, str):
            return {**self._class(kind), "named": parts}
        # how it is made, its attributes or state, and the entries of containers
        maker, arguments, state, *entries = (*parts, None, None, None)[:5]
        lists = [None if each is None else list(each) for each in entries]
        found = self._class(kind) | {"attributes": self.read(state)}
        if maker is not copyreg.__newobj__ or arguments != (kind,):  # type: ignore[attr-defined]
            found["made"] = [self.read(maker), self.read(arguments)]
        if any(lists):
            found["entries"] = self.read(lists)
        return found


def _computed(module: nn.Module, name: str, tensor: torch.Tensor) -> bool:
    return not tensor.is_leaf or f"{name}_orig" in module._parameters


def _marked(parts: Any) -> dict[str, Any]:
    """Return a mark where a digest covers something unknown."""
    places = list(unknown_parts(parts))
    return {"reads": {UNKNOWN: places[0].partition("(")[2].rstrip(")")}} if places else {}


def _contents(value: Any) -> dict[str, Any]:
    array = value.detach().cpu() if isinstance(value, torch.Tensor) else value
    if isinstance(array, torch.Tensor):
        kind = str(array.dtype)
        array = array.contiguous().resolve_conj().flatten().view(torch.uint8).numpy()
    elif array.dtype.hasobject:
        return {UNKNOWN: "an array of objects"}
    else:
        kind = array.dtype.str
    if value.size if isinstance(value, np.ndarray) else value.numel():
        data = hashlib.sha256(np.ascontiguousarray(array).data.cast("B")).hexdigest()
    else:
        data = ""
    return {"type": kind, "shape": list(value.shape), "sha256": data}
