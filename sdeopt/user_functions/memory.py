"""Compilation of a user's functions without their source, for this process only."""

import re
from types import CellType, FunctionType
from typing import Any

from numba.core.errors import NumbaError

from sdeopt.errors import SdeoptError
from sdeopt.identity.reading import values_used
from sdeopt.kernels.compilation import compiled


def raised(problem: Exception) -> str:
    """Return what a call of a user's function raised, as a clause in one line."""
    if isinstance(problem, SdeoptError):
        return f"is refused ({str(problem).rstrip('.')})"
    if not isinstance(problem, NumbaError):
        return f"raises {type(problem).__name__} ({problem})"
    return f"raises {first_reason(problem)}"


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
    copy.__kwdefaults__ = function.__kwdefaults__
    known[id(function)] = compiled(copy)
    for name, value in values_used(function).items():
        plain = isinstance(value, FunctionType)
        replaced = compiled_in_memory(value, known) if plain else value
        if name in cells:
            cells[name].cell_contents = replaced
        else:
            scope[name] = replaced
    return known[id(function)]
