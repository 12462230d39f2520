"""Writes a user's functions, and all that they use, as the text of a module.

numba caches compiled code of functions that live in files, not of those that capture variables. So
the function is copied into a generated file with the values it uses beside it: numbers, arrays and
other functions, as they are when the loss is made.
"""

import ast
import inspect
import linecache
import math
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

import sdeopt.math
from sdeopt.identity.reading import plain_function, values_used

IMPORTS = "import numpy as np\n\nfrom sdeopt.kernels.compilation import compiled"

MODULES = ("math", "numpy", "numpy.linalg", "sdeopt", "sdeopt.math")

Node = ast.FunctionDef | ast.Lambda
Place = tuple[int, int]


class NotWritableError(Exception):
    """The function, or something it uses, cannot be written into a file; the message names it."""


def syntax_of(function: FunctionType) -> Node:
    """Return the syntax tree of the definition that made this function."""
    code = function.__code__
    file = inspect.getsourcefile(function) or code.co_filename
    text = "".join(linecache.getlines(file, function.__globals__))
    try:
        tree = ast.parse(text)
    except SyntaxError:
        raise NotWritableError(f"the source of {function.__name__} cannot be read") from None
    wanted = ast.Lambda if code.co_name == "<lambda>" else ast.FunctionDef
    found = [node for node in ast.walk(tree) if isinstance(node, wanted) and _is_of(node, code)]
    if not found:
        raise NotWritableError(f"the source of {function.__name__} cannot be found")
    # Nested lambdas contain each other's columns: the innermost is the one.
    return min(found, key=_length)


def _is_of(node: Node, code: CodeType) -> bool:
    if isinstance(node, ast.FunctionDef):
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        return node.name == code.co_name and first == code.co_firstlineno
    start, end = _span(node)
    places = [(line, column) for line, _, column, _ in _positions(code)]
    return bool(places) and all(start <= place < end for place in places)


def _positions(code: CodeType) -> list[tuple[int, int, int, int]]:
    """Return the places of the instructions that have source text."""
    return [
        (line, end_line, column, end_column)
        for line, end_line, column, end_column in code.co_positions()
        if line is not None and end_line is not None and column is not None
        if end_column is not None and (line, column) < (end_line, end_column)
    ]


def _span(node: Node) -> tuple[Place, Place]:
    return (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)


def _length(node: Node) -> Place:
    (first, start), (last, end) = _span(node)
    return last - first, end - start


class Transcript:
    """The growing text of a module that holds copies of functions."""

    def __init__(self) -> None:
        self.lines = [IMPORTS]
        self._names: dict[int, str] = {}
        self._open: set[int] = set()
        # keeps what is named alive, so that no other object gets its id
        self._kept: list[Any] = []

    def add(self, function: FunctionType) -> str:
        """Write a function and what it uses."""
        if id(function) in self._names:
            return self._names[id(function)]
        if id(function) in self._open:
            # numba crashes on loading a recursive function from its cache
            raise NotWritableError(f"{function.__name__} calls itself")
        self._open.add(id(function))
        node = syntax_of(function)
        used = {key: self._name_of(key, value) for key, value in values_used(function).items()}
        if used.keys() & _names_bound(node):
            raise NotWritableError(f"{function.__name__} uses one name for two variables")
        arguments = self._arguments(function, node.args)
        body = [ast.Return(node.body)] if isinstance(node, ast.Lambda) else node.body
        text = "\n".join(ast.unparse(_Renamed(used).visit(statement)) for statement in body)
        indented = "\n".join(f"    {line}" for line in text.splitlines())
        name = self._register(function, "function")
        self.lines.append(f"\n\n@compiled\ndef {name}({arguments}):\n{indented}\n")
        return name

    def _register(self, value: Any, stem: str) -> str:
        name = f"{stem}__{len(self._names)}"
        self._names[id(value)] = name
        self._kept.append(value)
        return name

    def _arguments(self, function: FunctionType, given: ast.arguments) -> str:
        """Return the parameters, with the values that defaults have now."""
        if given.vararg or given.kwarg or given.kwonlyargs:
            raise NotWritableError(f"{function.__name__} takes a variable number of arguments")
        names = [argument.arg for argument in [*given.posonlyargs, *given.args]]
        defaults = function.__defaults__ or ()
        first = len(names) - len(defaults)
        written = [
            f"{name}={self._name_of('default', value)}"
            for name, value in zip(names[first:], defaults, strict=True)
        ]
        return ", ".join(names[:first] + written)

    def _name_of(self, stem: str, value: Any) -> str:
        """Return the name of a value in the text, writing it first where it is new."""
        if id(value) in self._names:
            return self._names[id(value)]
        imported = _import_of(value)
        if imported is None and isinstance(plain_function(value), FunctionType):
            return self.add(plain_function(value))
        text = _literal(value) if imported is None else ""
        name = self._register(value, stem)
        self.lines.append(f"{name} = {text}" if imported is None else f"{imported} as {name}")
        return name


class _Renamed(ast.NodeTransformer):
    """Puts the names of the transcript in place of those of the user."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._names.get(node.id, node.id), node.ctx)


def _names_bound(node: ast.AST) -> set[str]:
    """Return the names of variables and arguments anywhere inside a function."""
    arguments = {item.arg for item in ast.walk(node) if isinstance(item, ast.arg)}
    return arguments.union(
        item.id
        for item in ast.walk(node)
        if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load)
    )


def _import_of(value: Any) -> str | None:
    """Return the import that brings a module or a library function, or None."""
    if isinstance(value, ModuleType):
        if value.__name__ not in MODULES:
            raise NotWritableError(f"the module {value.__name__} cannot be compiled")
        return f"import {value.__name__}"
    name = getattr(value, "__name__", None)
    for module in (math, np, np.linalg, sdeopt.math):
        if isinstance(name, str) and getattr(module, name, None) is value:
            return f"from {module.__name__} import {name}"
    return None


def _literal(value: Any) -> str:
    """Return Python text that makes an equal value."""
    if isinstance(value, bool | np.bool_ | int | np.integer):
        return repr(value.item() if isinstance(value, np.generic) else value)
    if isinstance(value, float | np.floating):
        return repr(float(value)) if math.isfinite(value) else f"float({str(float(value))!r})"
    if isinstance(value, tuple):
        return f"({', '.join(_literal(entry) for entry in value)}{',' if len(value) == 1 else ''})"
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        data = np.ascontiguousarray(value)
        read = f"np.frombuffer(bytes.fromhex({data.tobytes().hex()!r}), {data.dtype.str!r})"
        return f"{read}.reshape({data.shape})"
    raise NotWritableError(f"a value of type {type(value).__name__} cannot be written")
