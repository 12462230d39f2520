import pytest
import sympy

from sdeopt.errors import InvalidArgumentError
from sdeopt.run_files.expressions import FUNCTIONS, parse_expression

x, y = sympy.symbols("x y", real=True)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("x**4 - 4*x**2", x**4 - 4 * x**2),
        (" -x + +y/2 ", -x + y / 2),
        ("0.1*cos(2*pi*x)**2", 0.1 * sympy.cos(2 * sympy.pi * x) ** 2),
        ("exp(-(x*y))", sympy.exp(-x * y)),
    ],
)
def test_formulas(text, expression):
    parsed, symbols = parse_expression(text, ["x", "y"])
    assert sympy.simplify(parsed - expression) == 0
    assert symbols == (x, y)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name):
    assert parse_expression(f"{name}(x)", ["x"])[0] == getattr(sympy, name)(x)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x +", "is no formula"),
        ("", "is no formula"),
        ("z + 1", "no symbol 'z'"),
        ("cso(x)", "no function 'cso'; did you mean 'cos'"),
        ("x^2", r"'x \^ 2' cannot stand in an expression"),
        ("x if x else 1", "cannot stand"),
        ("True", "cannot stand"),
        ("'x'", "cannot stand"),
        ("sin(x, y)", "cannot stand"),
        ("x.__class__", "cannot stand"),
        ("__import__('os').system('true')", "cannot stand"),
        ("(lambda: 1)()", "cannot stand"),
    ],
)
def test_anything_else_is_refused(text, message):
    with pytest.raises(InvalidArgumentError, match=message):
        parse_expression(text, ["x", "y"])
