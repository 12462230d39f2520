"""Things that are found by looking: a module of a package each, under the module's name."""

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

from sdeopt.errors import unknown_name

NOT_LISTED = "registry"


def listing(package: str) -> list[str]:
    """Return the names that a package offers; nothing of it is imported."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    found = pkgutil.iter_modules(spec.submodule_search_locations)
    return sorted(module.name for module in found if not module.ispkg and module.name != NOT_LISTED)


def find(
    package: str, kind: str, name: str, function: str, options: dict[str, Any]
) -> Callable[..., Any]:
    """Return the function by which a module offers what it holds."""
    known = listing(package)
    if name not in known:
        raise unknown_name(kind, name, known)
    module = importlib.import_module(f"{package}.{name}")
    found: Callable[..., Any] = getattr(module, function)
    allowed = inspect.getfullargspec(found).kwonlyargs
    for option in options:
        if option not in allowed:
            raise unknown_name(f"option of the {kind} '{name}'", option, allowed)
    return found
