"""Things that are found by name: each is a module of its package, which nothing else lists."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from types import ModuleType
from typing import Any

from sdeopt.errors import unknown_name


def modules(package: str) -> dict[str, ModuleType]:
    """Import the modules of a package, and return them by name in alphabetical order."""
    found = pkgutil.iter_modules(importlib.import_module(package).__path__)
    names = sorted(module.name for module in found if not module.ispkg)
    return {name: importlib.import_module(f"{package}.{name}") for name in names}


def offered(package: str, function: str) -> dict[str, Callable[..., Any]]:
    """Return a function of those modules of a package that define it."""
    return {
        name: getattr(module, function)
        for name, module in modules(package).items()
        if hasattr(module, function)
    }


def find(
    package: str, kind: str, name: str, function: str, options: dict[str, Any]
) -> Callable[..., Any]:
    """Return the function of one module, which must take the options."""
    known = offered(package, function)
    if name not in known:
        raise unknown_name(kind, name, known)
    allowed = inspect.getfullargspec(known[name]).kwonlyargs
    for option in options:
        if option not in allowed:
            raise unknown_name(f"option of the {kind} '{name}'", option, allowed)
    return known[name]
