"""The driver of one loss, one algorithm and one noise law, written as a module that numba can cache.

numba caches a function only if everything it calls is found by name in a file. So the text of
`sdeopt.kernels.pieces` and of the loop is copied, with a header that imports this loss's gradient,
this algorithm's rules and this law's variates; the loop over blocks is cached.
"""

import ast
import functools
import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType

from numba.core.dispatcher import Dispatcher

from sdeopt.kernels import bindings, driver, pieces, strong
from sdeopt.kernels.foreign import foreign_code
from sdeopt.kernels.modules import IN_MEMORY_PREFIX, PREFIX, is_compiled, load_source, memory_module

REPLACED = (bindings.__name__, pieces.__name__)
FUNCTIONS = tuple(name for name, bound in vars(bindings).items() if isinstance(bound, Dispatcher))
SWITCHES = tuple(name for name, bound in vars(bindings).items() if isinstance(bound, bool))
# The loop itself is cached: a function around it would have all of it optimized once more.
CACHED = """@numba.njit(
    error_model="numpy", nogil=True, cache=True, no_cfunc_wrapper=True, _nrt=False,
    forceinline=False,
)
def """
"""The decorators of `sdeopt.kernels.compilation`, with the cache on disk."""


@dataclass(frozen=True)
class Bindings:
    """The functions that the names of a driver are bound to, and the switches that are on."""

    functions: Mapping[str, tuple[str, str]]
    switches: frozenset[str]
    strong: bool = False

    def header(self) -> str:
        """Return the import lines and switches as text."""
        unknown = (set(self.functions) - set(FUNCTIONS)) | (self.switches - set(SWITCHES))
        if unknown:
            raise KeyError(f"a driver has no names {sorted(unknown)}")
        lines = ["import numba"]
        for name in FUNCTIONS:
            module, function = self.functions.get(name, (bindings.__name__, name))
            lines.append(f"from {module} import {function} as {name}")
        lines += [f"{name} = {name in self.switches}" for name in SWITCHES]
        return "\n".join(lines) + "\n"


def load_driver(chosen: Bindings) -> tuple[Callable[..., None], bool]:
    """Return the entry point of a driver, and whether it is compiled already."""
    loop = strong if chosen.strong else driver
    comments, known = foreign_code(chosen.functions.values())
    text = comments + (
        chosen.header() + _body(pieces) + _body(loop).replace("@compiled_separately\ndef ", CACHED)
    )
    modules = {module for module, _ in chosen.functions.values()}
    if not known or any(module.startswith(IN_MEMORY_PREFIX) for module in modules):
        # another process could not import a module that exists in this one only
        name = IN_MEMORY_PREFIX + hashlib.sha256(text.encode()).hexdigest()[:24]
        module = memory_module(name, text.replace("cache=True", "cache=False"))
        return module.advance, bool(module.advance.signatures)
    generated = load_source(text, tuple(name for name in modules if name.startswith(PREFIX)))
    return generated.advance, bool(generated.advance.signatures) or is_compiled(generated)


@functools.cache
def _body(module: ModuleType) -> str:
    """Return the source of a module without the imports that the header replaces."""
    lines = inspect.getsource(module).splitlines(keepends=True)
    for statement in ast.parse("".join(lines)).body:
        if isinstance(statement, ast.ImportFrom) and statement.module in REPLACED:
            for number in range(statement.lineno - 1, statement.end_lineno or statement.lineno):
                lines[number] = ""
    return "".join(lines)
