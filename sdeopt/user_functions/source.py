"""Finds the source of a user's function, as a syntax tree."""

import ast
import dis
import inspect
import linecache
from types import CodeType, FunctionType

Node = ast.FunctionDef | ast.Lambda
Place = tuple[int, int]


class NotWritableError(Exception):
    """The function, or something it uses, cannot be written into a file; the text says what."""


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


def globals_read(code: CodeType) -> set[str]:
    """Return the global names that a function reads, in the functions inside it as well."""
    names = {
        str(instruction.argval)
        for instruction in dis.get_instructions(code)
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return names.union(*(globals_read(constant) for constant in inner))


def _is_of(node: Node, code: CodeType) -> bool:
    if isinstance(node, ast.FunctionDef):
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        return node.name == code.co_name and first == code.co_firstlineno
    start, end = _span(node)
    places = [(line, column) for line, _, column, _ in _positions(code)]
    return bool(places) and all(start <= place < end for place in places)


def _positions(code: CodeType) -> list[tuple[int, int, int, int]]:
    """Return the places of the instructions that stand for something written."""
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
