"""Compilation of a user's functions without their source, for this process only."""

import hashlib
import re
from collections.abc import Iterable
from types import CellType, CodeType, FunctionType
from typing import Any

import numpy as np

from sdeopt.kernels.compilation import compiled
from sdeopt.user_functions.text import plain_function, values_used


def first_reason(problem: Exception) -> str:
    r"""Return the line of a numba message that gives the reason."""
    lines = [line.strip() for line in str(problem).splitlines()]
    telling = [line for line in lines if line and not line.startswith("Failed in nopython")]
    reason = telling[0] if telling else type(problem).__name__
    if reason.endswith(":") and len(telling) > 1:
        reason = f"{reason} {telling[1].removeprefix('>>> ')}"
    # numbers that a transcript put behind names
    reason = re.sub(r"__\d+\b", "", reason.split(" Raised from")[0])
    return reason.rstrip(".")


def compiled_in_memory(function: FunctionType, known: dict[int, Any] | None = None) -> Any:
    """Return the compiled function; the plain functions that it calls are compiled as well."""
    known = {} if known is None else known
    if id(function) in known:
        return known[id(function)]
    code = function.__code__
    # a copy with globals and cells of its own: the user's stay as they are
    scope = dict(function.__globals__)
    cells = {name: CellType() for name in code.co_freevars}
    closure = tuple(cells.values())
    copy = FunctionType(code, scope, function.__name__, function.__defaults__, closure)
    known[id(function)] = compiled(copy)
    for name, value in values_used(function).items():
        plain = isinstance(value, FunctionType)
        replaced = compiled_in_memory(value, known) if plain else value
        if name in cells:
            cells[name].cell_contents = replaced
        else:
            scope[name] = replaced
    return known[id(function)]


def fingerprint(functions: Iterable[FunctionType]) -> str:
    """Return a digest of what functions compute: their code and the values they use."""
    digest = hashlib.sha256()
    seen: set[int] = set()

    def add(value: Any) -> None:
        value = plain_function(value)
        if isinstance(value, FunctionType) and id(value) not in seen:
            seen.add(id(value))
            add(value.__code__)
            add(value.__defaults__)
            for name, used in sorted(values_used(value).items(), key=lambda item: item[0]):
                digest.update(name.encode())
                add(used)
        elif isinstance(value, CodeType):
            digest.update(value.co_code + repr(value.co_names).encode())
            add(value.co_consts)
        elif isinstance(value, np.ndarray):
            digest.update(value.dtype.str.encode() + repr(value.shape).encode() + value.tobytes())
        elif isinstance(value, np.generic):
            digest.update(f"{value.dtype.str} {value!r} ".encode())
        elif isinstance(value, tuple):
            digest.update(f"tuple {len(value)} ".encode())
            for entry in value:
                add(entry)
        elif isinstance(value, int | float | str | None):
            digest.update(f"{value!r} ".encode())
        else:
            digest.update(getattr(value, "__name__", type(value).__name__).encode())

    for function in functions:
        add(function)
    return digest.hexdigest()
