"""The range of each function over an interval holds every value that mpmath finds in it."""

import math
from fractions import Fraction

import mpmath
import pytest
import sympy
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.certify import balls
from theory.certify.expressions import Deadline, Reader
from theory.certify.tape import Tape

x = sympy.Symbol("x", real=True)
FOREVER = Deadline(math.inf)
ends = st.tuples(st.fractions(-4, 4, max_denominator=64), st.fractions(-4, 4, max_denominator=64))
POWERS = [2, 3, -1, -2, sympy.Rational(1, 2), sympy.Rational(-3, 2), sympy.Rational(2, 3), sympy.pi]


def tape_of(expression):
    """Return a tape for an expression in x."""
    return Tape([Reader({}, FOREVER)(expression)], [x], balls.CONTINUOUS, FOREVER)


def exact_values(expression, low, high):
    """Return values over the interval; none when they are not all finite real numbers."""
    function = sympy.lambdify(x, expression, "mpmath")
    values = []
    for place in range(9):
        with mpmath.workprec(200):
            point = low + (high - low) * Fraction(place, 8)
            try:
                value = function(mpmath.mpf(point.numerator) / point.denominator)
            except ZeroDivisionError:
                return None
            if (isinstance(value, mpmath.mpc) and value.imag != 0) or not mpmath.isfinite(value):
                return None
            values.append(mpmath.re(value))
    return values


def holds(range_, value):
    """Return whether a ball holds a number known to 200 bits."""
    return balls.down(range_) <= Fraction(str(mpmath.nstr(value, 40))) + Fraction(1, 10**15) and (
        Fraction(str(mpmath.nstr(value, 40))) - Fraction(1, 10**15) <= balls.up(range_)
    )


@pytest.mark.parametrize(
    "expression",
    [
        *(getattr(sympy, name)(x) for name in balls.CONTINUOUS),
        *(x**power for power in POWERS),
        sympy.Max(x, 1, -x),
        sympy.Min(x, 1 - x),
        1 / (x**2 + sympy.EulerGamma),
        sympy.E * x - x / 3,
    ],
    ids=str,
)
@settings(max_examples=20, deadline=None)
@given(ends=ends)
def test_ranges_hold_all_values(expression, ends):
    low, high = sorted(ends)
    tape = tape_of(expression)
    values = exact_values(expression, low, high)
    for enclosed in (balls.ball, balls.interval):
        (range_,) = tape([enclosed(low, high)])
        if values is None:
            assert not range_.is_finite()
        elif range_.is_finite():
            assert all(holds(range_, value) for value in values)


@pytest.mark.parametrize("name", balls.CONTINUOUS)
def test_what_is_defined_at_a_point_is_found_to_be(name):
    value = balls.CONTINUOUS[name](arb(0.5) if name != "acosh" else arb(2))
    assert value.is_finite()


def test_monotone_functions_are_enclosed_tightly():
    wide = balls.ball(Fraction(-2), Fraction(2))
    assert float(balls.CONTINUOUS["exp"](wide).lower()) == pytest.approx(mpmath.exp(-2), abs=1e-7)
    assert float(balls.even_power(wide, 2).lower()) == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize(
    "expression",
    [
        sympy.log(x),
        sympy.sqrt(x),
        1 / x,
        sympy.cot(x),
        x**sympy.pi,
        sympy.acosh(x),
        1 / x**2,
        sympy.asin(x + sympy.Rational(3, 2)),
        sympy.log(x) * 0 + x ** sympy.Rational(-1, 3),
        sympy.asin(sympy.log(x)),
        sympy.Max(sympy.log(x), 0),
        sympy.Abs(1 / x),
        sympy.exp(-1 / x**2),
    ],
    ids=str,
)
def test_a_value_is_never_made_of_an_undefined_one(expression):
    for enclosed in (balls.ball, balls.interval):
        (range_,) = tape_of(expression)([enclosed(Fraction(-1), Fraction(1))])
        assert not range_.is_finite()


def test_steps_take_all_values_where_they_jump():
    for enclosed in (balls.ball, balls.interval):
        across = enclosed(Fraction(-1), Fraction(1))
        assert balls.step(across).contains(arb(0))
        assert balls.step(across).contains(arb(1))
        assert balls.step(across + 2) == 1
        assert balls.step(-(across + 2)) == 0


def test_intervals_end_where_the_numbers_do():
    """A ball around [0, 1] reaches below 0."""
    unit = balls.interval(Fraction(0), Fraction(1))
    assert not balls.ball(Fraction(0), Fraction(1)).lower() >= 0
    assert (unit.lower(), unit.upper()) == (0, 1)
    square = balls.even_power(balls.interval(Fraction(-1), Fraction(1)), 2)
    assert (square.lower(), square.upper()) == (0, 1)
    product = (unit - 2) * 3 * unit
    assert (product.lower(), product.upper()) == (-6, 0)


@pytest.mark.parametrize("sign", [1, -1])
def test_numbers_with_too_many_digits_are_rounded_to_the_safe_side(sign):
    huge = sign * arb(2) ** 10**18
    safe, beyond = (balls.down, balls.up) if sign > 0 else (balls.up, balls.down)
    assert beyond(huge) is None
    assert 1e300 < sign * safe(huge) < 2**10**5
    assert balls.down(1 / huge) <= 0 <= balls.up(1 / huge)
    assert balls.down(1 / huge) < balls.up(1 / huge)


@given(number=st.fractions(max_denominator=10**30))
def test_floats_are_rounded_to_the_safe_side(number):
    assert Fraction(balls.float_below(number)) <= number <= Fraction(balls.float_above(number))


def test_floats_beyond_the_range_are_rounded_to_the_safe_side():
    huge = Fraction(10) ** 400
    assert balls.float_above(huge) == float("inf")
    assert balls.float_below(huge) < float("inf")
    assert balls.float_below(-huge) == -float("inf")
    assert balls.float_above(-huge) > -float("inf")
