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
from tests.losses.running_error import UnknownAngleError, bounded, relative

X, Y = SYMBOLS = sympy.symbols("x y", real=True)
KNOWN, WANTED = 1e-13, 1e-12


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
    space |= {"compiled": lambda function: function, "fma": scalar_fma, "choose_zero": scalar_choice}
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


def true_number(expression, point):
    with mpmath.workdps(400):
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
    sympy.erf, sympy.Abs, sympy.sqrt, lambda u: sympy.sqrt(1 + u**2),
    lambda u: sympy.log(1 + sympy.exp(u)), lambda u: 1 / (1 + sympy.exp(-u)),
    lambda u: sympy.log(sympy.cosh(u)),
)  # fmt: skip


def larger(inner):
    return st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] - pair[1]),
        st.tuples(inner, inner, numbers).map(lambda three: three[0] + three[2] * three[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] / pair[1] if pair[1] != 0 else pair[0]),
        st.tuples(inner, st.integers(2, 4)).map(lambda pair: pair[0] ** pair[1]),
        st.tuples(inner, numbers, st.integers(1, 5)).map(lambda t: (t[0] - t[1]) ** t[2]),
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


def bound_of_slope(expression, point, symbol):
    """Return the smaller bound: of the derivative taken operation by operation, or written out."""
    by_operation = bounded(expression, point, symbol)
    written = bounded(sympy.diff(expression, symbol), point)
    return min(
        relative(by_operation.slope_error, by_operation.slope),
        relative(written.error, written.value),
    )


def check(expression, point, evaluate=None):
    """Compare value and gradient with the true ones where the formula as written is good."""
    value, gradient = (evaluate or in_python(expression))(point)
    at = dict(zip(SYMBOLS, point, strict=True))
    checked = 0
    whole = bounded(expression, at)
    if relative(whole.error, whole.value) < KNOWN:
        compare(value, true_number(expression, point), f"{expression} at {point}")
        checked += 1
    for symbol, slope in zip(SYMBOLS, gradient, strict=True):
        if bound_of_slope(expression, at, symbol) < KNOWN:
            true = true_number(sympy.diff(expression, symbol), point)
            compare(slope, true, f"slope along {symbol} of {expression} at {point}")
            checked += 1
    return checked


def compare(found, true, where):
    assert np.isfinite(found), f"{where}: {found}, not {mpmath.nstr(true, 17)}"
    error = abs(mpmath.mpf(float(found)) - true)
    assert error <= WANTED * abs(true), f"{where}: {found}, not {mpmath.nstr(true, 17)}"


@settings(
    max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(expressions, st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=3))
def test_no_digits_are_lost_that_the_formula_has(expression, points):
    assume(expression.free_symbols and not expression.has(sympy.I, sympy.zoo, sympy.nan, sympy.oo))
    try:
        evaluate = in_python(expression)
    except so.errors.InvalidArgumentError:
        assume(False)
    for point in points:
        with contextlib.suppress(UnknownAngleError):
            check(expression, point, evaluate)
