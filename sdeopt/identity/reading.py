"""What a function reads besides its arguments: globals, closures, and values reached through modules."""

import builtins
import contextlib
import dis
import importlib
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

GLOBALS = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")
CELLS = ("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF")
ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")

Chain = tuple[str, ...]
"""A variable, and the attributes that are read one after another from it."""


def plain_function(given: Any) -> Any:
    """Return the Python function inside a compiled one, or what was given."""
    return getattr(given, "py_func", given)


def inner_codes(code: CodeType) -> list[CodeType]:
    """Return the code of the functions inside one."""
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def globals_read(code: CodeType) -> set[str]:
    """Return the global names that a function reads, in the functions inside it as well."""
    return {chain[0] for chain in _chains(code, GLOBALS)}


def values_used(function: FunctionType) -> dict[str, Any]:
    """Return the globals and closure variables of a function, as far as they exist."""
    code, scope = function.__code__, function.__globals__
    # in one order, so that every process writes the same text
    used = {name: scope[name] for name in sorted(globals_read(code)) if name in scope}
    return used | _closure(function)


def values_read(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield every value that decides what a function gives, with the name under which it is read.

    Of a module that is the attribute at the end of the chain, of any other object all of it.
    """
    code = function.__code__
    yield from _closure(function).items()
    for variable, *attributes in sorted(_chains(code, GLOBALS)):
        if variable in function.__globals__:
            yield _through_modules(function.__globals__[variable], variable, attributes)
        elif hasattr(builtins, variable):
            yield variable, getattr(builtins, variable)
    closure = _closure(function)
    for variable, *attributes in sorted(_chains(code, CELLS)):
        if isinstance(closure.get(variable), ModuleType):
            yield _through_modules(closure[variable], variable, attributes)
    yield from _imported(code, function.__globals__)


def _closure(function: FunctionType) -> dict[str, Any]:
    used = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        # an empty cell is a variable that has not been set yet
        with contextlib.suppress(ValueError):
            used[name] = cell.cell_contents
    return used


def _chains(code: CodeType, first: tuple[str, ...]) -> set[Chain]:
    """Return the chains that begin with one of some instructions, in functions inside it as well."""
    found: set[Chain] = set()
    chain: Chain = ()
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("EXTENDED_ARG", "PUSH_NULL"):
            continue
        if chain and instruction.opname in ATTRIBUTES:
            chain = (*chain, str(instruction.argval))
            continue
        if chain:
            found.add(chain)
        chain = (str(instruction.argval),) if instruction.opname in first else ()
    return found.union(*(_chains(inner, first) for inner in inner_codes(code)))


def _through_modules(value: Any, name: str, attributes: list[str]) -> tuple[str, Any]:
    """Follow attributes as long as what they are read from is a module."""
    for attribute in attributes:
        if not isinstance(value, ModuleType):
            break
        name = f"{name}.{attribute}"
        value = getattr(value, attribute, None)
    return name, value


def _imported(code: CodeType, scope: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what a function imports when it runs: names out of a module, or the module."""
    package = str(scope.get("__package__") or "")
    instructions = [i for i in dis.get_instructions(code) if i.opname != "EXTENDED_ARG"]
    for number, instruction in enumerate(instructions):
        if instruction.opname != "IMPORT_NAME":
            continue
        level = instructions[number - 2].argval or 0
        names = instructions[number - 1].argval or ()
        full = "." * level + str(instruction.argval)
        try:
            module = importlib.import_module(full, package or None)
        except ImportError:
            yield full, None
            continue
        yield from ((f"{full}.{name}", getattr(module, name, None)) for name in names)
        if not names:
            yield full, module
    for inner in inner_codes(code):
        yield from _imported(inner, scope)
