"""Formulas in text, read without evaluating them as Python: a run file must not run code."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sdeopt.errors import InvalidArgumentError, unknown_name

if TYPE_CHECKING:
    import sympy

FUNCTIONS = ("cos", "cosh", "exp", "log", "sin", "sinh", "sqrt", "tan", "tanh")
"""What a formula may call; ``pi`` may be used too."""


def parse_expression(
    text: str, names: Sequence[str]
) -> "tuple[sympy.Expr, tuple[sympy.Symbol, ...]]":
    """Return the sympy expression that a formula stands for, and its symbols."""
    import sympy

    symbols = {name: sympy.Symbol(name, real=True) for name in names}
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        raise InvalidArgumentError(
            f"the expression '{text}' is no formula; write it as in 'x**4 - 4*x**2 + cos(5*x)'."
        ) from None
    return _read(tree.body, symbols), tuple(symbols.values())


def _read(node: ast.expr, symbols: "dict[str, sympy.Symbol]") -> "sympy.Expr":
    import sympy

    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return sympy.sympify(number)
        case ast.Name(id="pi"):
            return sympy.pi
        case ast.Name(id=name):
            if name not in symbols:
                raise unknown_name("symbol", name, symbols)
            return symbols[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_read(operand, symbols)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _read(operand, symbols)
        case ast.BinOp(left=left, op=operator, right=right):
            return _combine(operator, _read(left, symbols), _read(right, symbols), node)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]):
            if name not in FUNCTIONS:
                raise unknown_name("function", name, FUNCTIONS)
            return getattr(sympy, name)(_read(argument, symbols))
    raise _unreadable(node)


def _combine(
    operator: ast.operator, left: "sympy.Expr", right: "sympy.Expr", node: ast.expr
) -> "sympy.Expr":
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.Pow():
            return left**right
    raise _unreadable(node)


def _unreadable(node: ast.expr) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"'{ast.unparse(node)}' cannot stand in an expression; use numbers, the symbols, pi, "
        f"+ - * / ** and {', '.join(FUNCTIONS)}."
    )
