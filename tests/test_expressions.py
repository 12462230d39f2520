import time

import pytest
import sympy

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.run_files.expressions import FUNCTIONS, SEVERAL, parse_expression

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


@pytest.mark.parametrize(
    "name", [name for name in FUNCTIONS if name not in (*SEVERAL, "Piecewise")]
)
def test_functions(name):
    assert parse_expression(f"{name}(x)", ["x"])[0] == getattr(sympy, name)(x)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x +", "is no formula"),
        ("", "is no formula"),
        ("z + 1", "no symbol 'z'"),
        ("cso(x)", "no function 'cso'; did you mean 'cos'"),
        ("x^2", r"'x \^ 2' cannot stand in an expression.*did you mean \*\*"),
        ("2*(x^2 + 1)", r"did you mean \*\*"),
        ("x if x else 1", "cannot stand"),
        ("True", "cannot stand"),
        ("'x'", "cannot stand"),
        ("sin(x, y)", "cannot stand"),
        ("x.__class__", "cannot stand"),
        ("__import__('os').system('true')", "cannot stand"),
        ("(lambda: 1)()", "cannot stand"),
        ("Max()", "cannot stand"),
        ("Piecewise(x)", "'x' is no piece"),
        ("Piecewise((x, y), (1, True))", "'y' is no condition"),
        ("1/(x - x)", "not a finite number"),
        ("log(0)*x", "not a finite number"),
    ],
)
def test_anything_else_is_refused(text, message):
    with pytest.raises(InvalidArgumentError, match=message):
        parse_expression(text, ["x", "y"])


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("Max(x, y, 1) - Min(x, y)", sympy.Max(x, y, 1) - sympy.Min(x, y)),
        ("max(x, -x) + abs(y)", sympy.Max(x, -x) + abs(y)),
        (
            "Piecewise((x**2, 0 < x <= 1 and y != 2), (y, not x < 3 or y >= 0), (1, True))",
            sympy.Piecewise(
                (x**2, (x > 0) & (x <= 1) & sympy.Ne(y, 2)), (y, (x >= 3) | (y >= 0)), (1, True)
            ),
        ),
    ],
)
def test_choices(text, expression):
    parsed, _ = parse_expression(text, ["x", "y"])
    for at in ({x: 0.5, y: 1}, {x: -2, y: -1}, {x: 4, y: 2}, {x: 0.5, y: 2}):
        assert parsed.subs(at) == expression.subs(at)


TOO_LARGE = [
    "9**9**9**9*x", "x**9**9**9", "((x**99)**99)**99", "10**400*x", "1e400*x", "2**-9999*x",
    "exp(exp(exp(9)))*x", "(1 + 10**-300)**99999*x", "(10**300*x)**9999", "9" * 400 + "*x",
    "1e300*1e300*x", "cosh(10**8)*x",
]  # fmt: skip


@pytest.mark.parametrize("text", TOO_LARGE, ids=lambda text: text[:30])
def test_large_numbers_are_refused_at_once(text):
    began = time.perf_counter()
    with pytest.raises(InvalidArgumentError, match=r"beyond|outside the range"):
        parse_expression(text, ["x"])
    assert time.perf_counter() - began < 5.0


@pytest.mark.parametrize("text", ["(" * 150 + "x" + ")" * 150, "-" * 5000 + "x", "x" + "+x" * 4000])
def test_long_formulas_are_one_sentence(text):
    with pytest.raises(InvalidArgumentError, match=r"nested too deeply|no formula"):
        parse_expression(f"{text} + ? " if text.startswith("(") else text, ["x"])


def test_numbers_that_could_be_computed_but_not_quickly_become_floating_point():
    parsed, _ = parse_expression("(1 + 10**-300)**9999*x", ["x"])
    assert float(parsed.subs(x, 2)) == 2.0


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["x", "x"], "'x' twice"),
        (["pi"], "'pi' would hide"),
        (["sin"], "'sin' would hide"),
        (["abs"], "'abs' would hide"),
        (["x.y"], "'x.y' is no name"),
        (["lambda"], "'lambda' is no name"),
        ([""], "'' is no name"),
        (["\u00b5", "\u03bc"], "twice"),
    ],
)
def test_names_that_a_formula_would_lose_are_refused(names, message):
    with pytest.raises(InvalidArgumentError, match=message):
        parse_expression("1", names)


def test_names_that_sympy_uses_are_names_of_coordinates():
    parsed, symbols = parse_expression("E*I + S*N + Q", ["E", "I", "S", "N", "Q"])
    assert parsed.free_symbols == set(symbols)
    assert len(symbols) == 5


def test_a_name_may_have_another_normal_form_in_the_formula():
    micro = "\u00b5"
    parsed, (symbol,) = parse_expression(f"{micro}**2", [micro])
    assert parsed == symbol**2


def test_a_number_in_front_of_a_sum_stays_there():
    loss = so.losses.from_sympy(*parse_expression("3*(x - 1000.1)", ["x"]))
    at = 1000.1 + 1e-9
    assert float(loss.value([at])) == 3 * (at - 1000.1)
