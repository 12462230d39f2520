"""Formulas lose no digits: against 50-digit arithmetic, wherever the formula as written has them."""

import contextlib
import math
import re

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import sdeopt as so
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.intrinsics import choose_zero, fma
from sdeopt.kernels.waves import add_wave
from sdeopt.losses.sympy_loss import kernels
from tests.losses.running_error import RANGE, UNLIMITED, UnknownAngleError, bounded, relative

X, Y = SYMBOLS = sympy.symbols("x y", real=True)
KNOWN, WANTED = 1e-13, 1e-12
SMALLEST, LARGEST = 2.3e-308, 1.7e308


@compiled
def scalar_fma(a, b, c):
    return fma(a, b, c)


@compiled
def scalar_choice(word, zero, other):
    return choose_zero(word, zero, other)


def scalar_wave(total, wave, turns, lost):
    total, lost = add_wave(total, wave, turns, np.uint64(lost))
    return total, np.uint64(lost)


def in_python(expression):
    """Return the functions of a formula's module, run by Python: the same arithmetic, not compiled."""
    header, _, body = kernels(expression, SYMBOLS).partition("\n\n\n")
    space = {}
    exec(header, space)
    space |= {
        "compiled": lambda function: function,
        "fma": scalar_fma,
        "choose_zero": scalar_choice,
    }
    space |= {"add_wave": scalar_wave}
    # a division of Python's floats by zero would raise
    body = re.sub(r"= (.+) / (.+)", r"= np.float64(\1) / \2", body)
    exec(body, space)

    def evaluate(point):
        x = np.array(point, dtype=float)[:, None]
        value, gradient = np.empty(1), np.empty((len(point), 1))
        with np.errstate(all="ignore"):
            space["value"](x, (), value)
            space["gradient"](x, (), gradient)
        return value[0], gradient[:, 0]

    return evaluate


def true_slope(expression, symbol, point):
    # as fractions, because sympy rounds the products of floating-point numbers that it makes
    fractions = {number: sympy.Rational(number) for number in expression.atoms(sympy.Float)}
    return true_number(sympy.diff(expression.xreplace(fractions), symbol), point)


def true_number(expression, point):
    with mpmath.workdps(700):
        function = sympy.lambdify(SYMBOLS, expression, "mpmath")
        return mpmath.mpf(function(*(mpmath.mpf(c) for c in point)))


numbers = st.one_of(
    st.integers(-5, 5),
    st.sampled_from([1000, -1000, 7, sympy.Rational(1, 3), sympy.pi, sympy.sqrt(2)]),
    st.floats(-3.0, 3.0).filter(bool).map(sympy.Float),
)
leaves = st.one_of(st.sampled_from(SYMBOLS), st.sampled_from(SYMBOLS), numbers.map(sympy.sympify))
FUNCTIONS = (
    sympy.exp, sympy.log, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.tanh, sympy.atan,
    sympy.erf, sympy.erfc, sympy.Abs, sympy.sqrt, lambda u: sympy.sqrt(1 + u**2),
    lambda u: sympy.log(1 + sympy.exp(u)), lambda u: 1 / (1 + sympy.exp(-u)),
    lambda u: sympy.log(sympy.cosh(u)),
)  # fmt: skip
EXPONENTS = [sympy.Rational(7, 3), sympy.Float(-30.7), 700, sympy.Float(2000.5), -3000]


def larger(inner):
    return st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] - pair[1]),
        st.tuples(inner, inner, numbers).map(lambda three: three[0] + three[2] * three[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] / pair[1] if pair[1] != 0 else pair[0]),
        st.tuples(inner, st.integers(2, 4)).map(lambda pair: pair[0] ** pair[1]),
        st.tuples(inner, numbers, st.integers(1, 5)).map(lambda t: (t[0] - t[1]) ** t[2]),
        st.tuples(leaves, leaves, st.sampled_from(EXPONENTS)).map(
            lambda three: (three[0] ** 2 + three[1]) ** three[2]
        ),
        st.tuples(inner, st.sampled_from(FUNCTIONS)).map(lambda pair: pair[1](pair[0])),
        st.tuples(inner, inner).map(lambda pair: sympy.Max(*pair)),
    )


expressions = st.recursive(leaves, larger, max_leaves=7)
coordinates = st.one_of(
    st.floats(-5.0, 5.0),
    st.floats(-5.0, 5.0),
    st.floats(-800.0, 800.0),
    st.floats(-1e-3, 1e-3).map(lambda d: 1000.0 + d),
    st.sampled_from([0.0, 1.0, math.pi, 800.0, -800.0, 1e200, -1e200, 1e-200, 1e-10, 1e15, 1e22]),
)


def bound_of_slope(expression, point, symbol, limits):
    """Return the smaller bound: of the derivative taken operation by operation, or written out."""
    by_operation = bounded(expression, point, symbol, limits)
    written = bounded(sympy.diff(expression, symbol), point, limits=limits)
    return min(
        relative(by_operation.slope_error, by_operation.slope),
        relative(written.error, written.value),
    )


def check(expression, point, evaluate=None, limits=RANGE):
    """Compare value and gradient with the true ones where the formula as written is good."""
    value, gradient = (evaluate or in_python(expression))(point)
    at = dict(zip(SYMBOLS, point, strict=True))
    checked = 0
    whole = bounded(expression, at, limits=limits)
    if relative(whole.error, whole.value) < KNOWN:
        compare_within_range(value, true_number(expression, point), f"{expression} at {point}")
        checked += 1
    for symbol, slope in zip(SYMBOLS, gradient, strict=True):
        if bound_of_slope(expression, at, symbol, limits) < KNOWN:
            true = true_slope(expression, symbol, point)
            compare_within_range(slope, true, f"slope along {symbol} of {expression} at {point}")
            checked += 1
    return checked


def compare(found, true, where):
    assert np.isfinite(found), f"{where}: {found}, not {mpmath.nstr(true, 17)}"
    error = abs(mpmath.mpf(float(found)) - true)
    assert error <= WANTED * abs(true) + SMALLEST, f"{where}: {found}, not {mpmath.nstr(true, 17)}"


def compare_within_range(found, true, where):
    """Compare where the true number is one of float64."""
    if abs(true) <= LARGEST:
        compare(found, true, where)


@settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(expressions, st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=3))
def test_no_digits_are_lost_that_the_formula_has(expression, points):
    assume(expression.free_symbols and not expression.has(sympy.I, sympy.zoo, sympy.nan, sympy.oo))
    try:
        evaluate = in_python(expression)
    except so.errors.InvalidArgumentError:
        assume(False)
    for point in points:
        for limits in (RANGE, UNLIMITED):
            with contextlib.suppress(UnknownAngleError):
                check(expression, point, evaluate, limits)


KINDS = [
    # shifted powers and sums of them
    ((X - 1000) ** 4 + (X - 1000) ** 2, (1000.001,)),
    (3 * (X - 1000.1) ** 2 - (X - 1000.1) ** 3 / 7, (1000.1000001,)),
    (((X - 1000) ** 2 + (Y + 500) ** 2) ** 2, (1000.001, -500.002)),
    (X - 10**6 + X**2 / 10**12, (1e6 + 0.5,)),
    (X + Y - 10**9 + sympy.sin(3 * X) / 10**9, (1e9 + 0.1, -0.0999)),
    # a derivative that sympy would multiply out
    (sympy.exp(-5 * (X - 1000.3) ** 2), (1000.3000001,)),
    # what overflows on the way
    (sympy.log(sympy.cosh(X)), (-800.0, 800.0, 1e200)),
    (sympy.log(1 + sympy.exp(X)), (800.0, 1e200)),
    (sympy.log(sympy.exp(X) + sympy.exp(2 * X) + 3), (800.0, 350.0)),
    (1 / (1 + sympy.exp(-X)), (700.0, -700.0)),
    (sympy.exp(X) / (1 + sympy.exp(X)), (800.0, -600.0)),
    (sympy.sinh(X) / sympy.cosh(X), (2.0,)),
    (sympy.log(sympy.sinh(X) ** 2), (800.0,)),
    (sympy.tanh(X), (-300.0, 300.0, 20.0)),
    (sympy.sech(X), (-600.0, 600.0)),
    (sympy.sqrt(X**2 + 1), (1e200, -1e200)),
    (1 / sympy.sqrt(X**2 + 1), (1e150, -1e100)),
    (X / sympy.sqrt(X**2 + Y**2), (1e200, 3e200)),
    (sympy.sqrt(X**2 + Y**2), (1e-200, -2e-200)),
    (sympy.log(1 + X**2 + X**4), (1e200,)),
    (sympy.log(X**2 + Y**2), (1e-200, 1e-190)),
    (sympy.exp(X) / (X + sympy.exp(X)) ** 2 * sympy.exp(X), (800.0,)),
    (sympy.log(sympy.exp(X) + sympy.exp(Y)), (-800.0, -560.0)),
    (sympy.cosh(X) * sympy.exp(-Y), (800.0, 560.0)),
    (sympy.log(1 + sympy.exp(X)) * sympy.exp(-X), (-800.0, 800.0)),
    (sympy.exp(-2 * X) * sympy.Max(sympy.exp(X), sympy.exp(2 * X)), (800.0,)),
    (sympy.exp(Y) * sympy.sinh(X) / sympy.cosh(X) ** 2, (800.0, 560.0)),
    (sympy.atan(X**2 / Y**2), (1e200, 2e200)),
    (sympy.exp(sympy.log(1 + X**2) / 2), (1e200,)),
    ((1 + X**2) ** sympy.Rational(1, 3), (1e200,)),
    ((1 + X**2) ** (1 / (2 + Y)), (1e200, 1.0)),
    # what cancels near zero
    (sympy.sinh(X), (1e-10, -1e-300, 0.3)),
    (sympy.tanh(X) + sympy.atan(X) + sympy.erf(X), (1e-10, 1e-200)),
    (sympy.log(sympy.cosh(X)), (1e-10, 1e-3)),
    (sympy.exp(X) - 1, (1e-10, -1e-300)),
    ((1 - sympy.exp(-X)) ** 2, (1e-10,)),
    (sympy.cosh(X) - 1, (1e-10,)),
    (sympy.log(1 + X), (1e-10, -1e-200)),
    (sympy.log(1 + sympy.exp(X)), (-40.0, -600.0)),
    # sines of large angles, and near their zeros
    (sympy.sin(X), (1e10, 1e15, 1e22, math.pi, -1e300, 1e-300)),
    (sympy.cos(X / 2) + 2, (1e22, 1e15)),
    (sympy.sin(X) * Y, (1e22, 3.0)),
    (sympy.tan(X), (1e22, math.pi)),
    (sympy.sin(sympy.Abs(X)) + sympy.sin(3 * Y), (-1e22, 0.3)),
]  # fmt: skip


# where the formula as written, correctly rounded, overflows and bounds no error
FAR_OUT = [1e8, 1e15, 1e100, 1e200, 1e300]
EXPONENTIALS = [
    sympy.log(2 * sympy.cosh(X)),
    sympy.log(3 * sympy.cosh(2 * X)),
    2 * sympy.log(sympy.cosh(X / 2)),
    sympy.log(1 + sympy.cosh(X)),
    sympy.log(1 + sympy.sinh(X) ** 2),
    sympy.log(2 * sympy.cosh(X) ** 3 + sympy.exp(X)),
    sympy.log(sympy.exp(X) + sympy.exp(2 * X)),
    sympy.log(sympy.exp(X / 3) + sympy.exp(X / 7)),
    sympy.log(sympy.exp(X) + sympy.exp(-X)),
    sympy.log(sympy.exp(2 * X) + 3 * sympy.exp(-X) + 1),
    sympy.log(sympy.exp(X) + sympy.exp(Y)),
    sympy.log(sympy.exp(X) / 3 + sympy.exp(Y) / 7 + sympy.exp(-X - Y)),
    sympy.log(1 + 2 * sympy.exp(X)),
    sympy.log(2 + sympy.exp(X)),
    sympy.log(1 + sympy.exp(1 - 3 * X)) / 3,
    sympy.log(X**2 + sympy.exp(X)),
    sympy.log(sympy.exp(X) * sympy.cosh(X)),
    # what is lost is a factor: infinite, or zero where another makes up for it
    sympy.log(sympy.cosh(X) ** 2),
    sympy.log(sympy.cosh(X) * sympy.cosh(Y)),
    sympy.exp(X) / sympy.cosh(X),
    sympy.cosh(X) * sympy.exp(-X),
    (sympy.exp(X) + sympy.exp(Y)) * sympy.exp(-X),
    sympy.log((sympy.exp(X) + sympy.exp(2 * X)) ** sympy.Rational(3, 7)),
    sympy.sqrt(sympy.log(2 * sympy.cosh(X))),
]
# arguments beyond float64, and the sizes of x where they are
BEYOND = [
    (sympy.log(sympy.exp(-(X**2)) + sympy.exp(-2 * X**2)), (1e153, 1e200, 1e300)),
    (sympy.log(sympy.exp(X**3) + sympy.exp(Y**3)) / (1 + X**3), (1e102, 1e200)),
    (sympy.exp(-(X**2)) / (sympy.exp(-(X**2)) + sympy.exp(-(X**2) / 2)), (1e200,)),
    (sympy.log(sympy.exp(sympy.exp(X)) + sympy.exp(2 * sympy.exp(X))) / sympy.exp(X), (300, 800)),
    (sympy.sinh(X**2) * sympy.exp(-(X**2)), (1e200,)),
    (sympy.log(sympy.cosh(X**3)) / (1 + X**2) ** 2, (1e102, 1e200)),
    (sympy.log(1 + sympy.exp(X**3)) / (1 + X**2) ** 2, (1e102, 1e200)),
    (sympy.log(sympy.erfc(X)), (5.0, 26.0, 100.0, 1e100)),
    (X * sympy.erfc(X) * sympy.exp(X**2), (26.3, 1000.7, 1e5 + 0.3)),
]
POWERS = [
    (1 + X**2) ** sympy.Float(2000.5) / (2 + X**2) ** 2000,
    (1 + X**2) ** 3000 / (2 + X**2) ** sympy.Float(2999.75),
    X**20000 / (1 + X**2) ** 10000,
    (3 + X**2) ** sympy.Rational(-40000, 3) * (1 + X**2) ** sympy.Rational(40000, 3),
    (1 + X**2) ** X / (2 + X**2) ** X,
]
# first terms of series, whose arguments are below float64
TINY = [
    sympy.log(sympy.cosh(X**2)) / X**4,
    sympy.sinh(X**2) / X**2 + sympy.tanh(Y**3) / Y**3,
    sympy.log(1 + X**4) / X**4 + (sympy.exp(Y**3) - 1) / Y**3,
    sympy.atan(X**4) / X**4 + sympy.erf(Y**3) / Y**3,
    sympy.sin(X**3) / X**3,
]


@pytest.mark.parametrize("expression", EXPONENTIALS, ids=str)
def test_exponentials_of_any_size_are_right_where_their_share_is(expression):
    evaluate = in_python(expression)
    for size in (1.0, 40.0, 710.0, 800.0, *FAR_OUT):
        for point in ((size, 0.7 * size), (size, -0.7 * size), (-size, -0.7 * size)):
            check(expression, point, evaluate)
            value, gradient = evaluate(point)
            if size in FAR_OUT:
                compare_within_range(value, true_number(expression, point), f"value at {point}")
                for symbol, slope in zip(SYMBOLS, gradient, strict=True):
                    true = true_slope(expression, symbol, point)
                    compare_within_range(slope, true, f"slope along {symbol} at {point}")


@pytest.mark.parametrize(("expression", "sizes"), BEYOND, ids=str)
def test_exponentials_of_what_is_beyond_float64_are_right_too(expression, sizes):
    evaluate = in_python(expression)
    for x in sizes:
        point = x, 0.7 * x
        value, gradient = evaluate(point)
        compare_within_range(value, true_number(expression, point), f"value at {point}")
        if x in (800, 1e200):
            true = true_slope(expression, X, point)
            compare_within_range(gradient[0], true, f"slope at {point}")


@pytest.mark.parametrize("expression", POWERS, ids=str)
def test_large_powers_are_right_where_their_quotient_is(expression):
    evaluate = in_python(expression)
    for x in (0.3, 2.0, 1e4, *FAR_OUT):
        value, gradient = evaluate((x, 0.5))
        true = true_number(expression, (x, 0.5))
        # a base below 1e16 is rounded, and that raised to the power
        wanted = WANTED if x > 1e8 else 3e-8
        error = abs(value - true) - SMALLEST
        assert error <= wanted * abs(true), f"value at {x}: {value}, not {true}"
        assert np.isfinite(gradient).all()


@pytest.mark.parametrize("expression", TINY, ids=str)
def test_functions_of_tiny_numbers_are_right_where_their_quotient_is(expression):
    evaluate = in_python(expression)
    for size in (1e-60, 1e-110, 1e-160):
        point = size, 0.7 * size
        compare(evaluate(point)[0], true_number(expression, point), f"value at {point}")


def points_of(expression, numbers):
    both = Y in expression.free_symbols
    return [tuple(numbers)] if both else [(number, 0.5) for number in numbers]


@pytest.mark.parametrize(
    ("expression", "point"),
    [
        (expression, point)
        for expression, numbers in KINDS
        for point in points_of(expression, numbers)
    ],
    ids=str,
)
def test_kinds_of_formulas_that_lost_their_digits(expression, point):
    value, gradient = in_python(expression)(point)
    compare(value, true_number(expression, point), "value")
    for symbol, slope in zip(SYMBOLS, gradient, strict=True):
        compare(slope, true_slope(expression, symbol, point), f"slope along {symbol}")


def test_the_bound_of_a_formula_that_cancels_is_large():
    at = {X: 1e-10, Y: 0.0}
    cancelling = bounded(sympy.cosh(X) - 1, at)
    assert relative(cancelling.error, cancelling.value) > 1.0
    shifted = bounded((X - 1000) ** 4, {X: 1000.001, Y: 0.0})
    assert 1e-17 < relative(shifted.error, shifted.value) < 1e-15
    assert bounded(sympy.sqrt(X**2 + 1), {X: 1e200, Y: 0.0}).error == mpmath.inf


EVERYTHING = (
    sympy.log(1 + sympy.exp(X)) + sympy.sqrt(1 + Y**2) + sympy.sin(X) + sympy.cos(3 * Y) / 7
    + sympy.Max(X, Y, 1) * sympy.erf(X) - sympy.Min(X, Y) + sympy.Abs(X - Y) * sympy.sign(Y)
    + sympy.atan(X / (1 + Y**2)) + sympy.Heaviside(X - 2) * X + (X + Y + 1) ** 2 / (2 + X**2) ** Y
    + sympy.Piecewise((X**2, (X < 1) & (Y >= 0)), (Y**3, sympy.Eq(X, 3) | (Y < -1)), (X, True))
)  # fmt: skip


def test_compiled_and_in_python_the_numbers_are_the_same():
    points = np.random.default_rng(2).normal(size=(40, 2)) * np.geomspace(1e-3, 1e3, 40)[:, None]
    points = np.concatenate([points, [(800.0, -3.0), (1e15, 2.0), (-1e200, 1e-5), (3.0, 1e200)]])
    loss, evaluate = so.losses.from_sympy(EVERYTHING, SYMBOLS), in_python(EVERYTHING)
    by_python = [evaluate(point) for point in points]
    np.testing.assert_array_equal(loss.value(points), [value for value, _ in by_python])
    np.testing.assert_array_equal(loss.gradient(points), [slope for _, slope in by_python])
    assert np.isfinite(loss.value(points)).sum() >= 35


def test_a_lane_does_not_depend_on_its_neighbours():
    loss = so.losses.from_sympy(sympy.sqrt(1 + X**2) + sympy.sin(X), X)
    ordinary = np.linspace(-3.0, 3.0, 37)[:, None]
    among = np.concatenate([ordinary, [[1e200], [1e16], [np.nan]]])
    np.testing.assert_array_equal(loss.gradient(among)[:37], loss.gradient(ordinary))
    assert np.isfinite(loss.gradient(among)[37:39]).all()
    assert np.isnan(loss.value(among)[39])
