"""Reading the rules of an algorithm: how a pass may call them, and where one cannot be compiled."""

import dis
import inspect
import linecache
import re
from types import FunctionType
from typing import Any

from numba.core.dispatcher import Dispatcher

from sdeopt.errors import InvalidArgumentError
from sdeopt.kernels import intrinsics

ARITHMETIC = ("+", "-", "*", "+=", "-=", "*=")

HARMLESS = (
    "LOAD_", "STORE_FAST", "BUILD_TUPLE", "UNPACK_SEQUENCE", "RETURN_", "RESUME", "UNARY_NEGATIVE",
    "BINARY_SUBSCR", "CALL", "PRECALL", "PUSH_NULL", "COPY", "SWAP", "NOP", "CACHE", "POP_TOP",
)  # fmt: skip
"""Beginnings of the names of instructions that a vector of lanes goes through as a number does."""

PLACES = re.compile(r'File "([^"\n]+)", line (\d+)|at ([^\n]+?) \((\d+)\)')
"""Where an error of the compiler says that something is."""

UNDEFINED = re.compile(r"name '(\w+)' is not defined")

ALLOWED = (
    "a rule works on single numbers: use arithmetic, comparisons, `a if b else c`, abs, min, max, the "
    "functions of sdeopt.math, and what the rule is given"
)


def plain_rule(rule: Any) -> FunctionType | None:
    """Return the Python function of a rule, or None where it is none."""
    found = rule.py_func if isinstance(rule, Dispatcher) else rule
    return found if isinstance(found, FunctionType) else None


def takes_vectors(rule: Any) -> bool:
    """Return whether a rule consists of sums and products only, which vectors of lanes have too."""
    function = plain_rule(rule)
    if function is None:
        return False
    for instruction in dis.get_instructions(function):
        name, shown = instruction.opname, instruction.argrepr
        if name in ("LOAD_GLOBAL", "LOAD_DEREF", "LOAD_NAME"):
            read = shown.removeprefix("NULL + ")
            if not _is_harmless(function.__globals__.get(read)):
                return False
        elif name in ("LOAD_ATTR", "LOAD_METHOD"):
            return False
        elif name == "BINARY_OP":
            if shown not in ARITHMETIC:
                return False
        elif not name.startswith(HARMLESS):
            return False
    return True


def _is_harmless(value: Any) -> bool:
    """Return whether a value that a rule reads is a number, or a function that takes vectors."""
    if isinstance(value, int | float):
        return True
    if value in (intrinsics.fma, intrinsics.bits_of, intrinsics.float_of_bits):
        return True
    return isinstance(value, Dispatcher) and takes_vectors(value)


def uncompilable(name: str, rule: Any, problem: Exception, returned: str) -> InvalidArgumentError:
    """Return the error for a rule that cannot be compiled, with its line and none of numba's text."""
    function = plain_rule(rule)
    if function is None:
        return InvalidArgumentError(
            f"the rule {name} is {rule!r:.60}, but must be a function made by def."
        )
    lines, first = inspect.getsourcelines(function)
    file = function.__code__.co_filename
    own = range(first, first + len(lines))
    found = [
        int(line or other)
        for path, line, place, other in PLACES.findall(str(problem))
        if int(line or other) in own and file.endswith((path or place).rpartition("/")[2])
    ]
    missing = UNDEFINED.search(str(problem))
    if missing and not found:
        found = [at for at, line in zip(own, lines, strict=True) if missing[1] in line]
    where = found[-1] if found else function.__code__.co_firstlineno
    text = linecache.getline(file, where).strip()
    short = file.rpartition("/")[2]
    return InvalidArgumentError(
        f"the rule {name} cannot be compiled, because of line {where} of {short}, `{text}`; {ALLOWED}."
        if found
        else f"the rule {name}, line {where} of {short}, cannot be compiled: it must return "
        f"{returned}; {ALLOWED}."
    )
