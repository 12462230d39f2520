"""Formulas computed again with numbers that cannot overflow, for the few points where they did.

With numbers of `sdeopt.kernels.wide_numbers`, sqrt(x² + 1) at 1e200 or sinh(x) / cosh(x) at 800 pass
through their large intermediate results. A formula is a table: one row for each operation, with the
rows of its operands.
"""

import math
from typing import Any

import numpy as np

from sdeopt.kernels.choices import step
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.waves import LARGEST
from sdeopt.kernels.wide_numbers import (
    LOG_2,
    Wide,
    compared,
    exponential,
    is_near_one,
    logarithm,
    narrow,
    plus,
    raised,
    times,
    wide,
)

OPERATIONS = (
    "number", "symbol", "undefined", "sum", "product", "power", "raised", "exp", "expm1", "log",
    "log1p", "sin", "cos", "turned_sin", "turned_cos", "sinh", "cosh", "tanh", "sech", "expit",
    "softplus", "log_cosh", "atan", "erf", "erfc", "abs", "sign", "step", "larger", "smaller", "pick",
    "select", "less", "at_most", "equal", "both", "either", "not", "result",
)  # fmt: skip
"""The operations by their codes."""

(
    NUMBER, SYMBOL, UNDEFINED, SUM, PRODUCT, POWER, RAISED, EXP, EXPM1, LOG,
    LOG1P, SIN, COS, TURNED_SIN, TURNED_COS, SINH, COSH, TANH, SECH, EXPIT,
    SOFTPLUS, LOG_COSH, ATAN, ERF, ERFC, ABS, SIGN, STEP, LARGER, SMALLER, PICK, SELECT,
    LESS, AT_MOST, EQUAL, BOTH, EITHER, NOT, RESULT,
) = range(len(OPERATIONS))  # fmt: skip

COLUMNS = 5
"""Of the table: the operation and up to four rows of operands."""

FAR = 600.0
"""Beyond this exp(u) is computed with an exponent of its own."""
TINY = -500
"""Below 2 to this, a function is the first term of its series."""


@compiled
def sine(operation: int, angle: float) -> float:
    """Return the sine or cosine; that of a rounded angle only as far as it is known."""
    if operation >= TURNED_SIN and not abs(angle / math.pi) < LARGEST:
        return math.nan
    if not math.isfinite(angle):
        return math.nan
    return math.sin(angle) if operation in (SIN, TURNED_SIN) else math.cos(angle)


@compiled
def exponential_of_kind(operation: int, a: Wide) -> Wide:
    """Return a function that is a share of an exponential where its operand is large."""
    u = narrow(a)
    if operation == EXP or (operation == EXPM1 and u > FAR):
        return exponential(a)
    if abs(u) <= FAR:
        return wide(moderate(operation, u), 0)
    size, other = (abs(a[0]), a[1], a[2], a[3]), (-abs(a[0]), a[1], a[2], a[3])
    if operation in (SINH, COSH):
        sign = -0.5 if operation == SINH and u < 0.0 else 0.5
        return times(wide(sign, 0), exponential(size))
    if operation == SECH:
        return times(wide(2.0, 0), exponential(other))
    if operation == LOG_COSH:
        return plus(size, wide(-LOG_2, 0))
    if operation in (EXPIT, SOFTPLUS) and u < 0.0:
        return exponential(a)
    return a if operation == SOFTPLUS else wide(moderate(operation, u), 0)


@compiled
def moderate(operation: int, u: float) -> float:
    """Return a function of a number whose exponential is within the range of float64."""
    size = abs(u)
    shrunk = math.exp(-size)
    if operation == EXPM1:
        return math.expm1(u)
    if operation == SINH:
        return math.sinh(u)
    if operation == COSH:
        return math.cosh(u)
    if operation == SECH:
        return 1.0 / math.cosh(u)
    if operation == EXPIT:
        return (1.0 if u >= 0.0 else shrunk) / (1.0 + shrunk)
    if operation == SOFTPLUS:
        return max(u, 0.0) + math.log1p(shrunk)
    if size < 1.0:
        return math.log1p(2.0 * math.sinh(0.5 * u) ** 2)
    return size - LOG_2 + math.log1p(shrunk * shrunk)


@compiled
def complement(a: Wide) -> Wide:
    """Return erfc(a)."""
    u = narrow(a)
    if u < 25.0:
        return wide(math.erfc(u), 0)
    # the asymptotic series; its seventh term is below 1e-17
    z = 0.5 / u / u
    share = 1.0 - z * (1.0 - z * (3.0 - z * (15.0 - z * (105.0 - z * (945.0 - z * 10395.0)))))
    m, e, f, g = raised(a, wide(2.0, 0))
    below = wide(math.sqrt(math.pi) / share, 0)
    return times(exponential((-m, e, f, g)), raised(times(a, below), wide(-1.0, 0)))


@compiled
def function(operation: int, a: Wide) -> Wide:
    """Return a function of one operand."""
    if a[2] < 0.0 or (a[2] == 0.0 and a[1] < TINY):
        if operation in (EXPM1, LOG1P, SIN, TURNED_SIN, SINH, TANH, ATAN):
            return a
        if operation == ERF:
            return times(wide(2.0 / math.sqrt(math.pi), 0), a)
        if operation == LOG_COSH:
            return times(wide(0.5, 0), times(a, a))
    if operation in (EXP, EXPM1, SINH, COSH, SECH, EXPIT, SOFTPLUS, LOG_COSH):
        return exponential_of_kind(operation, a)
    u = narrow(a)
    if operation in (SIN, COS, TURNED_SIN, TURNED_COS):
        return wide(sine(operation, u), 0)
    if operation == LOG:
        return logarithm(a)
    if operation == LOG1P:
        return wide(math.log1p(u), 0) if is_near_one(a) else logarithm(plus(a, wide(1.0, 0)))
    if operation == TANH:
        return wide(math.tanh(u), 0)
    if operation == ATAN:
        return wide(math.atan(u), 0)
    if operation == ERF:
        return wide(math.erf(u), 0)
    if operation == ERFC:
        return complement(a)
    if operation == ABS:
        return abs(a[0]), a[1], a[2], a[3]
    if operation == STEP:
        return wide(step(a[0]), 0)
    if operation == SIGN:
        return wide(2.0 * step(a[0]) - 1.0, 0)
    return wide(1.0 - a[0], 0) if operation == NOT else wide(math.nan, 0)


@compiled
def choice(operation: int, a: Wide, b: Wide, c: Wide, d: Wide) -> Wide:
    """Return a comparison of operands, or one of them."""
    if operation == SELECT:
        return b if a[0] != 0.0 else c
    if operation == BOTH:
        return times(a, b)
    if operation == EITHER:
        return a if a[0] != 0.0 else b
    difference = compared(a, b)
    if operation == LESS:
        return wide(1.0 if difference < 0.0 else 0.0, 0)
    if operation == AT_MOST:
        return wide(1.0 if difference <= 0.0 else 0.0, 0)
    if operation == EQUAL:
        return wide(1.0 if difference == 0.0 else 0.0, 0)
    if difference != difference:
        return wide(math.nan, 0)
    if operation == LARGER:
        return a if difference > 0.0 else b
    if operation == SMALLER:
        return a if difference < 0.0 else b
    if difference == 0.0:
        return times(wide(0.5, 0), plus(c, d))
    return c if difference > 0.0 else d


@compiled
def recompute(program: Any, numbers: Any, x: Any, lane: int, results: Any) -> None:
    """Write the results of a table of operations at one point."""
    mantissas, fars = np.empty(program.shape[0]), np.empty(program.shape[0])
    exponents = np.empty((2, program.shape[0]), np.int64)
    for row in range(program.shape[0]):
        operation, first, second, third, fourth = program[row]
        a = mantissas[first], exponents[0, first], fars[first], exponents[1, first]
        b = mantissas[second], exponents[0, second], fars[second], exponents[1, second]
        if operation == NUMBER:
            found = wide(numbers[first], 0)
        elif operation == SYMBOL:
            found = wide(x[first, lane], 0)
        elif operation == SUM:
            found = plus(a, b)
        elif operation == PRODUCT:
            found = times(a, b)
        elif operation == POWER:
            found = raised(a, wide(numbers[second], 0))
        elif operation == RAISED:
            found = raised(a, b)
        elif operation == RESULT:
            results[second] = narrow(a)
            found = a
        elif operation == UNDEFINED:
            found = wide(math.nan, 0)
        elif operation >= LARGER and operation != NOT:
            c = mantissas[third], exponents[0, third], fars[third], exponents[1, third]
            d = mantissas[fourth], exponents[0, fourth], fars[fourth], exponents[1, fourth]
            found = choice(operation, a, b, c, d)
        else:
            found = function(operation, a)
        mantissas[row], exponents[0, row], fars[row], exponents[1, row] = found
