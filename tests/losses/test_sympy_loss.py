"""Losses from sympy expressions: right numbers, and refusals that name the culprit."""

import numpy as np
import pytest
import sympy

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.losses.sympy_reading import Reader
from sdeopt.losses.sympy_text import Emitter

X, Y, Z = sympy.symbols("x y z")

EXPRESSIONS = [
    X**7 - 3 * X**2 / 7 + sympy.Rational(1, 3),
    sympy.sqrt(2) * X - sympy.pi * Y + sympy.E,
    (1 + X**2) ** sympy.Rational(5, 2) + (2 + Y**2) ** sympy.Rational(-3, 2),
    1 / (1 + X**2 * Y**2) + sympy.exp(-(X**2)) / (3 + sympy.sin(Y)),
    sympy.tanh(X * Y) + sympy.cosh(X) + sympy.sinh(Y) / sympy.cosh(Y),
    sympy.log(1 + X**2) * sympy.cos(X - Y) ** 3 + sympy.tan(X / 9),
    (2 + X**2) ** 0.3 + (2 + X**2) ** Y,
    sympy.sech(X) + sympy.Float("0.1") * X * (X + Y) ** 4,
    sympy.Integer(3),
    Y,
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_numbers_are_those_of_sympy(expression):
    loss = so.losses.from_sympy(expression, [X, Y])
    points = np.random.default_rng(5).normal(size=(6, 2))
    for point in points:
        at = dict(zip((X, Y), point, strict=True))
        expected = float(expression.evalf(30, subs=at))
        slopes = [float(sympy.diff(expression, s).evalf(30, subs=at)) for s in (X, Y)]
        assert float(loss.value(point)) == pytest.approx(expected, rel=1e-13, abs=1e-14)
        np.testing.assert_allclose(loss.gradient(point), slopes, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        (X * Z, "z"),
        (sympy.gamma(X), "gamma"),
        (sympy.Function("g")(X), "g"),
        (sympy.Piecewise((X, sympy.Contains(X, sympy.S.Integers)), (0, True)), "Contains"),
        (
            sympy.Symbol("x", real=True) ** 2,
            "differ in their assumptions.*real=True.*nothing",
        ),
        (sympy.I * X, "not real"),
        (sympy.log(-2) * X, "not real"),
        (X + sympy.oo, "not real"),
        (sympy.Matrix([X]), "scalar"),
        ("x**2", "scalar"),
        (sympy.sqrt(X - 1).subs(X, sympy.Rational(1, 2)) * X, "not real"),
    ],
)
def test_what_cannot_be_a_loss_is_refused_by_name(expression, word):
    with pytest.raises(InvalidArgumentError, match=word):
        so.losses.from_sympy(expression, [X])


@pytest.mark.parametrize(
    "assumption", ["positive", "negative", "nonzero", "integer", "nonnegative"]
)
def test_symbols_declared_to_be_more_than_real_are_refused(assumption):
    symbol = sympy.Symbol("x", **{assumption: True})
    with pytest.raises(InvalidArgumentError, match=f"declared {assumption}=True.*real=True"):
        so.losses.from_sympy(sympy.Abs(symbol) ** 3, symbol)


@pytest.mark.parametrize("assumptions", [{}, {"real": True}, {"finite": True}, {"complex": True}])
def test_symbols_declared_to_be_less_are_taken(assumptions):
    symbol = sympy.Symbol("x", **assumptions)
    assert so.losses.from_sympy(symbol**2, symbol).dim == 1


@pytest.mark.parametrize("symbols", [[], [X, X], ["x"], 3, [X, sympy.Symbol("x", real=True)]])
def test_symbols_must_be_distinct_symbols(symbols):
    with pytest.raises(InvalidArgumentError, match="symbols"):
        so.losses.from_sympy(X, symbols)


def test_one_symbol_needs_no_list_and_a_number_no_symbols():
    assert so.losses.from_sympy(X**2, X).dim == 1
    assert np.array_equal(so.losses.from_sympy(2, X).gradient([5.0]), [0.0])


def test_symbols_need_not_be_declared_real():
    # without reality, the derivative of this root would stay unevaluated
    loss = so.losses.from_sympy(sympy.sqrt(X**2 + 1), X)
    assert float(loss.gradient([1.0])[0]) == pytest.approx(np.sqrt(0.5))


def test_stated_constants_are_passed_on():
    constants = so.losses.LossConstants(smoothness=2.0)
    assert so.losses.from_sympy(X**2, X, constants).constants.smoothness == 2.0


def test_close_numbers_make_different_losses():
    one, other = (so.losses.from_sympy(a * X**2, X) for a in (1.0, 1.0 + 2**-50))
    assert one.configuration() != other.configuration()


def written(expression):
    reader = Reader([X, Y])
    node = reader.read(expression)
    emitter = Emitter(["x0", "x1"], [node])
    emitter.write(node)
    return emitter


def test_common_parts_are_written_once():
    emitter = written(sympy.sin(3 * X) ** 4 + sympy.sin(3 * X))
    assert sum("add_wave" in line for line in emitter.lines) == 1
    assert len(emitter.lines) == 5


def test_a_wave_that_stands_once_is_added_with_its_amplitude():
    emitter = written(3 * sympy.sin(5 * X) + X + 2 * sympy.cos(5 * X) * (5 * sympy.cos(5 * X) + X))
    # the sine with its 3 at once, the cosine once for both
    assert sorted(emitter.waves) == ["1.0", "3.0"]
    assert sum("add_wave" in line for line in emitter.lines) == 2


def test_an_angle_too_large_to_be_known_gives_nan_in_its_place_only():
    loss = so.losses.from_sympy(X**2 + 3 * sympy.cos(7 * X) + sympy.sin(X) ** 2, X)
    points = np.array([[0.5], [1e17], [-0.5], [-1e300]])
    far = np.array([False, True, False, True])
    np.testing.assert_array_equal(np.isnan(loss.value(points)), far)
    np.testing.assert_array_equal(np.isnan(loss.gradient(points)[:, 0]), far)


def test_polynomials_are_nested():
    assert len(written(2 * X**4 - 3 * X**2 + X + 5).lines) <= 5
