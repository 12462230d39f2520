"""Whose code something is: the project's, a library's, or the user's; and what cannot be known."""

import functools
import importlib.metadata
import importlib.util
import json
import random
import sys
from collections.abc import Iterator, Mapping
from importlib.machinery import BuiltinImporter, ExtensionFileLoader
from types import BuiltinFunctionType, ModuleType
from typing import Any

import numpy as np

UNREADABLE = {
    "builtins": {"eval", "exec", "globals", "locals", "open", "input", "__import__", "id"},
    "io": {"open"},
    "os": {"getenv", "urandom", "getpid"},
}
"""Functions that read what no inspection of code can find."""

STATEFUL_MODULES = ("random", "secrets", "time", "uuid", "socket", "subprocess", "importlib")
"""Modules of the standard library whose functions give another answer every time."""

TORCH_SOURCE = ("torch._C", "Generator")

RANDOM = (random.Random, np.random.Generator, np.random.RandomState, np.random.BitGenerator)

HEAP_TYPE = 1 << 9
"""The flag of classes that are made while a program runs."""

SITE = ("site-packages", "dist-packages")


class UnknownIdentityError(Exception):
    """What something does cannot be known; the message is a phrase that says what and why."""


def top_of(module: str) -> str:
    """Return the package of a module."""
    return module.partition(".")[0]


def module_of(kind: type) -> str:
    """Return the module in which a class was made."""
    stated = vars(kind).get("__module__")
    # some compiled classes have a descriptor there; without any, it is of the language
    return stated if isinstance(stated, str) else "builtins"


def is_library_class(kind: type) -> bool:
    """Return whether a class is one of a library; not one that a function of a library made."""
    module = module_of(kind)
    made_in_python = bool(kind.__flags__ & HEAP_TYPE)
    return is_library(module) and (not made_in_python or _is_at_its_place(kind, module))


def _is_at_its_place(kind: type, module: str) -> bool:
    found: Any = sys.modules.get(module)
    for name in kind.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is kind or is_compiled(module)


def is_library(module: str) -> bool:
    """Return whether a module is of the standard library, or was installed from an index."""
    top = top_of(module)
    if top == "__main__":
        return False
    return top in sys.stdlib_module_names or _installed(top)


@functools.cache
def _installed(top: str) -> bool:
    places = _places(top)
    return any(site in place for site in SITE for place in places) and not _from_a_folder(top)


def _places(top: str) -> list[str]:
    module = sys.modules.get(top)
    file = getattr(module, "__file__", None)
    return [str(file)] if file else [str(place) for place in getattr(module, "__path__", ())]


def _from_a_folder(top: str) -> bool:
    """Return whether a package was installed from a folder: then it is code under the user's hands."""
    try:
        distribution = importlib.metadata.distribution(top)
    except importlib.metadata.PackageNotFoundError:
        names = importlib.metadata.packages_distributions().get(top, [])
        if not names:
            return False
        distribution = importlib.metadata.distribution(names[0])
    return "dir_info" in json.loads(distribution.read_text("direct_url.json") or "{}")


@functools.cache
def version_of(top: str) -> str:
    """Return the version of an installed package; the standard library has none of its own."""
    if top in sys.stdlib_module_names:
        return ""
    stated = getattr(sys.modules.get(top), "__version__", None)
    if isinstance(stated, str):
        return stated
    try:
        return importlib.metadata.version(top)
    except importlib.metadata.PackageNotFoundError:
        return ""


def is_compiled(module: str) -> bool:
    """Return whether a module was written in another language than Python."""
    loaded = sys.modules.get(module)
    loader = getattr(getattr(loaded, "__spec__", None), "loader", None)
    return loader is BuiltinImporter or isinstance(loader, ExtensionFileLoader)


def library_name(value: Any, module: str) -> tuple[str, ...]:
    """Return what names a function or class of a library, or raise where its answer is not its own."""
    name = str(getattr(value, "__qualname__", getattr(value, "__name__", type(value).__name__)))
    if module in STATEFUL_MODULES or name in UNREADABLE.get(module, ()):
        raise UnknownIdentityError(f"calls {module}.{name}, whose answers change")
    return ("library", module, name, version_of(top_of(module)))


def builtin_name(value: BuiltinFunctionType) -> tuple[str, ...] | None:
    """Return what names a function that is not written in Python; None for a method of an object."""
    owner = value.__self__
    if owner is not None and not isinstance(owner, ModuleType | type):
        return None
    module = str(value.__module__ or getattr(owner, "__module__", "") or "builtins")
    if isinstance(owner, ModuleType):
        module = owner.__name__
    elif isinstance(owner, type):
        module = owner.__module__
    module = {"_operator": "operator", "posix": "os", "nt": "os", "_io": "builtins"}.get(
        module, module
    )
    if not is_library(module):
        raise UnknownIdentityError(
            f"calls {module}.{value.__name__}, which is compiled code whose content is not known"
        )
    return library_name(value, module)


def refuse_changing(value: object) -> None:
    """Raise for what changes by being read: generators, iterators, sources of random numbers."""
    owner = None if isinstance(value, type) else getattr(value, "__self__", None)
    for source in (value, owner):
        kind = type(source)
        if isinstance(source, RANDOM) or (kind.__module__, kind.__qualname__) == TORCH_SOURCE:
            raise UnknownIdentityError(f"draws from a {type(source).__name__}, whose state changes")
    if isinstance(value, Iterator):
        raise UnknownIdentityError(f"reads a {type(value).__name__}, which is used up by reading")


def own_name(module: str, formats: Mapping[str, int]) -> tuple[str, ...] | None:
    """Return the package and its format number for the project's own code, else None."""
    top = top_of(module)
    return (top, str(formats[top])) if top in formats else None
