"""Kernel functions of users' own modules: compiled anew when their code or what they read has changed.

numba keeps compiled code by the file of the function that is cached, and freezes the values that a
function reads when it compiles it. So the text of a generated module names the identity of every
function that it imports from elsewhere, and one whose identity has changed is compiled again.
"""

import importlib
import uuid
from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import Any

from numba.core.dispatcher import Dispatcher

from sdeopt.identity import FORMATS, UNKNOWN, identity_or_reason
from sdeopt.identity.origin import is_library, top_of
from sdeopt.identity.reading import plain_function, values_read
from sdeopt.kernels.modules import IN_MEMORY_PREFIX, PREFIX

Place = tuple[str, str]
"""A module and the name of a function in it."""

_COMPILED_AS: dict[int, tuple[str, Any]] = {}
"""The identity with which a function was compiled in this process, and the function, to keep its id."""


def foreign_functions(functions: Mapping[str, Place]) -> dict[str, Any]:
    """Return the functions of a driver that are neither ours nor in a generated module."""
    return {
        name: getattr(importlib.import_module(module), function)
        for name, (module, function) in functions.items()
        if not module.startswith((PREFIX, IN_MEMORY_PREFIX)) and top_of(module) not in FORMATS
    }


def foreign_code(places: Iterable[Place]) -> tuple[str, bool]:
    """Return comments that identify the functions of users' modules, and whether all are known."""
    lines, known = [], True
    named = {f"{module}.{name}": (module, name) for module, name in sorted(set(places))}
    for name, function in foreign_functions(named).items():
        identity = identity_or_reason(function)
        if identity.startswith(UNKNOWN):
            identity, known = uuid.uuid4().hex, False
        _compile_again(function, identity)
        lines.append(f"# {name}: {identity}\n")
    return "".join(lines), known


def _compile_again(function: Any, identity: str) -> None:
    """Drop the machine code of a function, and of those it calls, that was made of other values."""
    before, _ = _COMPILED_AS.get(id(function), (identity, function))
    _COMPILED_AS[id(function)] = identity, function
    if before != identity:
        for one in reversed(_dispatchers(function, [])):
            one.recompile()


def _dispatchers(function: Any, found: list[Any]) -> list[Any]:
    """Return a compiled function and those of users' that it calls, each after its callers."""
    plain = plain_function(function)
    if isinstance(plain, FunctionType) and function not in found:
        module = str(plain.__globals__.get("__name__", ""))
        if top_of(module) not in FORMATS and not is_library(module):
            found.append(function)
            for _, read in values_read(plain):
                _dispatchers(read, found)
    return [one for one in found if isinstance(one, Dispatcher)]
