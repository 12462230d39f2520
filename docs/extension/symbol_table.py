"""The table of the symbols and arrays of a theorem, with what their sources say of them."""

import ast
import functools
import inspect
import itertools
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import sympy

from docs.extension.markdown import escaped, table
from theory.proofs.dynamics import declared
from theory.symbols import PARAMETERS

if TYPE_CHECKING:
    from theory.proofs.result import Result

SIGNS = {"positive": "positive", "negative": "negative", "nonnegative": "non-negative"}
"""What symbols can be declared to be, and how a table says it."""


def symbol_table(result: "Result", module: ModuleType) -> str:
    """Return a table of the parameters and arrays in statements, assumptions and equations."""
    used = _expressions(result)
    symbols = {symbol for part in used for symbol in part.free_symbols}
    parameters = [
        [
            f"${sympy.latex(symbol)}$",
            escaped(about.words),
            f"`{about.name}`",
            about.domain or "real",
        ]
        for symbol, about in PARAMETERS.items()
        if symbol in symbols
    ]
    words = _words_of_arrays(module)
    arrays = sorted({base for part in used for base in part.atoms(sympy.IndexedBase)}, key=str)
    described = [
        [
            f"${sympy.latex(base)}$",
            escaped(words[base].rstrip(".")),
            "",
            f"{_sign(base.label)}array",
        ]
        for base in arrays
        if base in words
    ]
    others = symbols - PARAMETERS.keys() - {base.label for base in arrays}
    # what a symbol is declared to be is assumed of it, so it is shown
    narrowed = [
        [
            f"${sympy.latex(one)}$",
            escaped(words.get(one, "").rstrip(".")),
            "",
            f"{_sign(one)}number",
        ]
        for one in sorted(others, key=str)
        if one.is_Symbol and _sign(one) and not one.is_integer
    ]
    rows = [*parameters, *narrowed, *described]
    return table(["symbol", "meaning", "keyword of `bound`", "values"], rows) if rows else "None."


def _sign(symbol: Any) -> str:
    """Return the sign that a symbol is declared to have, with a space, or nothing."""
    for name, words in SIGNS.items():
        if getattr(symbol, f"is_{name}"):
            return f"{words} "
    return ""


def _expressions(result: "Result") -> list[Any]:
    relations = [each.relation for each in result.statements.values()]
    relations += [each.relation for each in result.assumptions if each.relation is not None]
    sides = [side for relation in relations for side in (relation.left, relation.right)]
    laws = [declared(result.stated_system(name)) for name in result.statements]
    return sides + [part for law in laws for motion in law.values() for part in motion.parts]


def _words_of_arrays(module: ModuleType) -> dict[Any, str]:
    """Return what the sources say of arrays; the words of the result's own module come first."""
    found: dict[Any, str] = {}
    origins = [module, *(sys.modules[name] for name in _imported(module.__name__))]
    for origin in origins:
        for name, words in _attribute_docs(origin.__name__).items():
            value = getattr(origin, name, None)
            if isinstance(value, sympy.IndexedBase | sympy.Symbol):
                found.setdefault(value, words)
    return found


@functools.cache
def _imported(name: str) -> tuple[str, ...]:
    """Return the modules of the theory that one imports and those that these import, near ones first."""
    found, ahead = [name], [name]
    while ahead:
        for other in _own_imports(ahead.pop(0)):
            if other in sys.modules and other not in found:
                found.append(other)
                ahead.append(other)
    return tuple(found[1:])


@functools.cache
def _own_imports(name: str) -> tuple[str, ...]:
    """Return the modules of the theory that one imports itself."""
    nodes = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(sys.modules[name])))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("theory")
    ]
    # `from theory.results import lemma` names a module by itself
    members = [f"{node.module}.{alias.name}" for node in nodes for alias in node.names]
    return (*(node.module or "" for node in nodes), *members)


@functools.cache
def _attribute_docs(name: str) -> dict[str, str]:
    """Return the strings below assignments, by the name that is assigned."""
    body = ast.parse(inspect.getsource(sys.modules[name])).body
    return {
        node.targets[0].id: below.value.value
        for node, below in itertools.pairwise(body)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }
