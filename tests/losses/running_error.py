"""The running error bound of a formula: how wrong it can be when evaluated as it is written.

Every operation is rounded correctly; the errors of its operands are carried on to first order, where
they are small enough for that. Values are computed in 50 digits.
"""

import math
from dataclasses import dataclass

import mpmath
import sympy

UNIT = mpmath.mpf(2) ** -53
RANGE = mpmath.mpf("1e-300"), mpmath.mpf("1e300")
UNLIMITED = mpmath.mpf(0), mpmath.inf
DIGITS = 50


class UnknownAngleError(Exception):
    """A sine of a rounded angle that is larger than 1 over the rounding."""


@dataclass
class Bounded:
    """A number, its derivative along a coordinate, and bounds on the errors of both."""

    value: mpmath.mpf
    error: mpmath.mpf
    slope: mpmath.mpf
    slope_error: mpmath.mpf


def exact(value, slope=0):
    return Bounded(mpmath.mpf(value), mpmath.mpf(0), mpmath.mpf(slope), mpmath.mpf(0))


def digits_of(number):
    return mpmath.mpf(sympy.Float(sympy.N(number, DIGITS), DIGITS)._mpf_)


def constant(number):
    value = digits_of(number)
    rounded = 0 if value == mpmath.mpf(float(value)) else UNIT * abs(value)
    return Bounded(value, mpmath.mpf(rounded), mpmath.mpf(0), mpmath.mpf(0))


def plus(a, b):
    value, slope = a.value + b.value, a.slope + b.slope
    both = a.slope != 0 and b.slope != 0
    return Bounded(
        value,
        a.error + b.error + UNIT * abs(value),
        slope,
        a.slope_error + b.slope_error + (UNIT * abs(slope) if both else 0),
    )


def is_scale(a):
    """Return whether multiplying by the number is exact."""
    return (
        a.error == 0 and a.slope == 0 and a.value != 0 and mpmath.frexp(a.value)[0] in (0.5, -0.5)
    )


def times(a, b):
    value = a.value * b.value
    slopes = a.slope * b.value, a.value * b.slope
    unit = 0 if is_scale(a) or is_scale(b) else UNIT
    both = slopes[0] != 0 and slopes[1] != 0
    return Bounded(
        value,
        a.error * abs(b.value) + b.error * abs(a.value) + unit * abs(value),
        sum(slopes),
        a.slope_error * abs(b.value)
        + b.slope_error * abs(a.value)
        + b.error * abs(a.slope)
        + a.error * abs(b.slope)
        + unit * (abs(slopes[0]) + abs(slopes[1]))
        + (UNIT * abs(sum(slopes)) if both else 0),
    )


def applied(function, a, derivatives=None):
    """Apply a function of one number, given as the values of its Taylor coefficients."""
    if not mpmath.isfinite(a.error):
        return Bounded(*[mpmath.inf] * 4)
    first, second, third = derivatives or [
        mpmath.diff(function, a.value, n, h=mpmath.mpf(10) ** -15 * max(1, abs(a.value)))
        for n in (1, 2, 3)
    ]
    value = function(a.value)
    # the second order, so that a bound is not believed where the first says too little
    error = abs(first) * a.error + abs(second) * a.error**2
    slope = first * a.slope
    bend = abs(second) * a.error + abs(third) * a.error**2
    return Bounded(
        value,
        error + UNIT * abs(value),
        slope,
        bend * abs(a.slope) + abs(first) * a.slope_error + (2 * UNIT * abs(slope)),
    )


def power(a, exponent):
    e = digits_of(exponent)
    if (a.value == 0 and e < 3) or (a.value < 0 and e != int(e)):
        return Bounded(*[mpmath.inf] * 4)
    derivatives, factor = [], mpmath.mpf(1)
    for n in range(3):
        factor *= e - n
        derivatives.append(factor * a.value ** (e - n - 1) if factor else mpmath.mpf(0))
    return applied(lambda v: v**e, a, derivatives)


def _exp(v):
    e = mpmath.exp(v)
    return [e, e, e]


def bells(factor, v):
    """Return the derivatives of the error function times a factor of one half."""
    first = factor / mpmath.sqrt(mpmath.pi) * mpmath.exp(-v * v)
    return [first, -2 * v * first, (4 * v * v - 2) * first]


DERIVATIVES = {
    sympy.exp: _exp,
    sympy.log: lambda v: [1 / v, -1 / v**2, 2 / v**3],
    sympy.sin: lambda v: [mpmath.cos(v), -mpmath.sin(v), -mpmath.cos(v)],
    sympy.cos: lambda v: [-mpmath.sin(v), -mpmath.cos(v), mpmath.sin(v)],
    sympy.sinh: lambda v: [mpmath.cosh(v), mpmath.sinh(v), mpmath.cosh(v)],
    sympy.cosh: lambda v: [mpmath.sinh(v), mpmath.cosh(v), mpmath.sinh(v)],
    sympy.tanh: lambda v: [
        mpmath.sech(v) ** 2,
        -2 * mpmath.tanh(v) * mpmath.sech(v) ** 2,
        mpmath.sech(v) ** 2 * (4 - 6 * mpmath.sech(v) ** 2),
    ],
    sympy.atan: lambda v: [1 / (1 + v * v), -2 * v / (1 + v * v) ** 2, 6 / (1 + v * v) ** 2],
    sympy.erf: lambda v: bells(2, v),
    sympy.erfc: lambda v: bells(-2, v),
}

NAMES = {sympy.Abs: "fabs", sympy.log: "log"}


class Walk:
    """Evaluates an expression at a point, with bounds, along one coordinate."""

    def __init__(self, point, along, limits):
        self._point, self._along, self._limits = point, along, limits

    def __call__(self, expression):
        return self._checked(self._evaluated(expression))

    def _checked(self, number):
        """Give up the bound where the arithmetic would overflow or lose digits."""
        for size in (abs(number.value), abs(number.slope)):
            if size != 0 and not self._limits[0] < size < self._limits[1]:
                number.error = number.slope_error = mpmath.inf
        return number

    def _evaluated(self, expression):
        if expression in self._point:
            return exact(self._point[expression], int(expression == self._along))
        if expression.is_number:
            return constant(expression)
        if expression.is_Add or expression.is_Mul:
            parts = [self(part) for part in expression.args]
            result = parts[0]
            for part in parts[1:]:
                result = self._checked((plus if expression.is_Add else times)(result, part))
            return result
        if expression.is_Pow and expression.exp.is_number:
            return power(self(expression.base), expression.exp)
        kind, inner = type(expression), [self(part) for part in expression.args]
        if kind is sympy.Abs:
            return inner[0] if inner[0].value >= 0 else times(exact(-1), inner[0])
        if kind in (sympy.Max, sympy.Min):
            chosen = (max if kind is sympy.Max else min)(inner, key=lambda one: one.value)
            others = [one for one in inner if one is not chosen]
            if not all(mpmath.isfinite(one.error) for one in inner):
                return Bounded(*[mpmath.inf] * 4)
            near = any(abs(one.value - chosen.value) <= one.error + chosen.error for one in others)
            return Bounded(*[mpmath.inf] * 4) if near else chosen
        if kind in (sympy.sign, sympy.Heaviside):
            if abs(inner[0].value) <= inner[0].error:
                return Bounded(*[mpmath.inf] * 4)
            side = mpmath.sign(inner[0].value)
            return exact(side if kind is sympy.sign else (1 + side) / 2)
        if not mpmath.isfinite(inner[0].value):
            return Bounded(*[mpmath.inf] * 4)
        if kind not in DERIVATIVES:
            return Bounded(*[mpmath.inf] * 4)
        if kind in (sympy.sin, sympy.cos) and inner[0].error > 0 and abs(inner[0].value) > 2**50:
            raise UnknownAngleError
        name = kind.__name__
        outside = kind is sympy.log and inner[0].value <= 0
        if outside or (kind in GROWING and abs(inner[0].value) > 1e4):
            return Bounded(*[mpmath.inf] * 4)
        return applied(getattr(mpmath, name), inner[0], DERIVATIVES[kind](inner[0].value))


GROWING = (sympy.exp, sympy.sinh, sympy.cosh, sympy.erfc)


def bounded(expression, point, along=None, limits=RANGE):
    """Return the value of an expression and its slope along a coordinate, with bounds on the errors.

    `limits` are the smallest and the largest size of a number in the arithmetic.
    """
    # enough digits for sines of large arguments and for sums that cancel
    with mpmath.workdps(DIGITS):
        return Walk(point, along, limits)(expression)


def relative(error, value):
    if not mpmath.isfinite(error) or not mpmath.isfinite(value):
        return math.inf
    return float(error / abs(value)) if value else math.inf
