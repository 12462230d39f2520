"""Which code is the project's own or a library's, and which values a user's function reads."""

import sys
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

OWN = frozenset({"nets", "sdeopt", "sims", "theory"})
NAMED = frozenset(sys.stdlib_module_names - {"__main__"}) | {"numpy", "torch"}


def home_of(thing: Any) -> str:
    """Return the package that something was written in."""
    return str(getattr(thing, "__module__", None) or "").partition(".")[0]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def values_read(function: FunctionType) -> dict[str, Any]:
    """Return globals, closure variables, and attributes of users' modules that a function may read."""
    code, scope = function.__code__, function.__globals__
    names = {name for inner in _codes(code) for name in inner.co_names}
    found = {name: scope[name] for name in sorted(names) if name in scope}
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # a variable that has no value yet
            continue
    reached = {}
    queue = list(found.items())
    seen: set[int] = set()
    while queue:
        place, value = queue.pop()
        if not isinstance(value, ModuleType) or id(value) in seen:
            continue
        seen.add(id(value))
        if value.__name__.partition(".")[0] in NAMED | OWN:
            continue
        for name in sorted(names):
            if hasattr(value, name):
                reached[f"{place}.{name}"] = getattr(value, name)
                queue.append((f"{place}.{name}", getattr(value, name)))
    return found | dict(sorted(reached.items()))
