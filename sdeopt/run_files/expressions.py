"""Formulas in text, read without evaluating them as Python: a run file must not run code."""

import ast
import keyword
import math
import sys
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sdeopt.errors import InvalidArgumentError, unknown_name

if TYPE_CHECKING:
    import sympy

FUNCTIONS = (
    "Abs", "Heaviside", "Max", "Min", "Piecewise", "atan", "cos", "cosh", "erf", "erfc", "exp", "log",
    "sign", "sin", "sinh", "sqrt", "tan", "tanh",
)  # fmt: skip
"""What a formula may call, under the names of sympy; ``pi`` may be used too."""

OTHER_NAMES = {"abs": "Abs", "max": "Max", "min": "Min"}
"""Python's names, taken as well."""

SEVERAL = ("Max", "Min")

COMPARISONS: dict[type, str] = {
    ast.Lt: "Lt",
    ast.LtE: "Le",
    ast.Gt: "Gt",
    ast.GtE: "Ge",
    ast.Eq: "Eq",
    ast.NotEq: "Ne",
}

LONGEST = 10_000
"""Characters of a formula."""

LARGEST_EXPONENT, MOST_BITS = 10_000, 4096
"""Of a power, and of the whole numbers in a fraction, which becomes a floating-point number beyond."""

LARGEST = sys.float_info.max


def parse_expression(
    text: str, names: Sequence[str]
) -> "tuple[sympy.Expr, tuple[sympy.Symbol, ...]]":
    """Return the sympy expression that a formula stands for, and its symbols."""
    import sympy
    from sympy.core.parameters import distribute

    _check_names(names)
    # Python's parser writes names in this normal form
    symbols = {unicodedata.normalize("NFKC", name): sympy.Symbol(name, real=True) for name in names}
    if len(text) > LONGEST:
        raise InvalidArgumentError(
            f"the expression has {len(text)} characters, but at most {LONGEST} are read; "
            "use from_sympy in Python."
        )
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        raise InvalidArgumentError(
            f"the expression '{text:.80}' is no formula; write it as in 'x**4 - 4*x**2 + cos(5*x)'."
        ) from None
    except (RecursionError, MemoryError):
        raise _too_deep(text) from None
    try:
        # a number in front of a sum stays there, as it is written
        with distribute(False):
            return _Reader(symbols).read(tree.body), tuple(symbols.values())
    except RecursionError:
        raise _too_deep(text) from None


def _too_deep(text: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"the expression '{text:.60}...' is nested too deeply; shorten it, or use from_sympy."
    )


def _check_names(names: Sequence[str]) -> None:
    """Refuse names of coordinates that a formula cannot contain, or that mean something else."""
    plain = [unicodedata.normalize("NFKC", name) for name in names]
    for name in plain:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise InvalidArgumentError(
                f"the symbol '{name}' is no name; use letters, digits and underscores, as in 'x_1'."
            )
        if name == "pi" or name in FUNCTIONS or name in OTHER_NAMES:
            raise InvalidArgumentError(
                f"the symbol '{name}' would hide what '{name}' stands for in an expression; "
                "give the coordinate another name."
            )
        if plain.count(name) > 1:
            raise InvalidArgumentError(
                f"symbols has '{name}' twice; give every coordinate a name of its own."
            )


class _Reader:
    """Reads the parts of a formula; every step is bounded in time and size."""

    def __init__(self, symbols: "dict[str, sympy.Symbol]") -> None:
        self._symbols = symbols

    def read(self, node: ast.expr) -> Any:
        import sympy

        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return _constant(number)
            case ast.Name(id=name) if name in self._symbols:
                return self._symbols[name]
            case ast.Name(id="pi"):
                return sympy.pi
            case ast.Name(id=name):
                raise unknown_name("symbol", name, self._symbols)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.read(operand)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand)
            case ast.BinOp(left=left, op=operator, right=right):
                combined = _combine(operator, self.read(left), self.read(right), node)
                return _bounded(combined, node)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(OTHER_NAMES.get(name, name), arguments, node)
        raise _unreadable(node)

    def _call(self, name: str, arguments: list[ast.expr], node: ast.expr) -> "sympy.Expr":
        import sympy

        if name not in FUNCTIONS:
            raise unknown_name("function", name, FUNCTIONS)
        if name == "Piecewise" and arguments:
            pieces = [self._piece(argument) for argument in arguments]
            return sympy.Piecewise(*pieces, evaluate=False)
        if not arguments or (len(arguments) > 1 and name not in SEVERAL):
            raise _unreadable(node)
        parts = [self.read(argument) for argument in arguments]
        if name in SEVERAL:
            # sympy would take long to find out which of them can be dropped
            return getattr(sympy, name)(*parts, evaluate=False)
        return _bounded(getattr(sympy, name)(*parts), node)

    def _piece(self, node: ast.expr) -> "tuple[sympy.Expr, Any]":
        match node:
            case ast.Tuple(elts=[value, condition]):
                return self.read(value), self._condition(condition)
        raise InvalidArgumentError(
            f"'{ast.unparse(node):.60}' is no piece of a Piecewise; write each as "
            "(value, condition), the last condition being True."
        )

    def _condition(self, node: ast.expr) -> Any:
        import sympy

        match node:
            case ast.Constant(value=bool() as known):
                return sympy.true if known else sympy.false
            case ast.Compare(left=left, ops=operators, comparators=others) if all(
                type(operator) in COMPARISONS for operator in operators
            ):
                sides = [self.read(side) for side in (left, *others)]
                pairs = zip(operators, sides, sides[1:], strict=False)
                return sympy.And(*[getattr(sympy, COMPARISONS[type(o)])(a, b) for o, a, b in pairs])
            case ast.BoolOp(op=operator, values=values):
                joined = sympy.And if isinstance(operator, ast.And) else sympy.Or
                return joined(*[self._condition(value) for value in values])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return sympy.Not(self._condition(operand))
        raise InvalidArgumentError(
            f"'{ast.unparse(node):.60}' is no condition; write one as in 'x > 0 and x <= 1'."
        )


def _constant(number: float) -> "sympy.Expr":
    import sympy

    try:
        finite = math.isfinite(float(number))
    except OverflowError:
        finite = False
    if not finite:
        raise InvalidArgumentError(
            f"the expression contains a number beyond {LARGEST:.2g}, the range of float64; scale "
            "the loss or the coordinate."
        )
    return sympy.sympify(number)


def _power(base: "sympy.Expr", exponent: "sympy.Expr", node: ast.expr) -> "sympy.Expr":
    """Return a power if its numbers are of a size that can be computed."""
    import sympy

    size = abs(sympy.N(exponent)) if exponent.is_number else sympy.Integer(1)
    if not size <= LARGEST_EXPONENT:
        raise InvalidArgumentError(
            f"the exponent of '{ast.unparse(node):.60}' is beyond {LARGEST_EXPONENT}; "
            "use a smaller one."
        )
    # a number in front is raised as well
    front, rest = base.as_coeff_Mul()
    if front not in (0, 1, -1):
        if abs(size * sympy.log(abs(sympy.N(front)))) > math.log(LARGEST):
            raise _out_of_range(node)
        if front.is_Rational and size * _bits(front) > MOST_BITS:
            base = sympy.Float(front) * rest
    result = base**exponent
    if result.is_Pow and result.exp.is_number and not abs(result.exp) <= LARGEST_EXPONENT:
        raise InvalidArgumentError(
            f"the powers in '{ast.unparse(node):.60}' together are beyond {LARGEST_EXPONENT}; "
            "use smaller ones."
        )
    return result


def _bits(number: Any) -> int:
    return max(int(number.p).bit_length(), int(number.q).bit_length())


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
            return _power(left, right, node)
        case ast.BitXor():
            raise InvalidArgumentError(
                f"'{ast.unparse(node):.60}' cannot stand in an expression: ^ is no power; did you "
                "mean **, as in 'x**2'?"
            )
    raise _unreadable(node)


def _bounded(expression: "sympy.Expr", node: ast.expr) -> "sympy.Expr":
    """Refuse what is not finite, and numbers that are or become too large to compute with."""
    import sympy

    if expression.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo):
        raise InvalidArgumentError(
            f"'{ast.unparse(node):.60}' is not a finite number; correct the expression."
        )
    front = expression if expression.is_number else expression.as_coeff_Mul()[0]
    if not abs(sympy.N(front)) <= LARGEST:
        raise _out_of_range(node)
    if expression.is_Rational and _bits(expression) > MOST_BITS:
        return sympy.Float(expression)
    return expression


def _out_of_range(node: ast.expr) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"'{ast.unparse(node):.60}' makes a number outside the range of float64; use smaller ones."
    )


def _unreadable(node: ast.expr) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"'{ast.unparse(node):.60}' cannot stand in an expression; use numbers, the symbols, pi, "
        f"+ - * / ** and {', '.join(FUNCTIONS)}."
    )
