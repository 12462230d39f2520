"""Formulas computed again with numbers that cannot overflow, for the few points where they did.

A number is a triple (m, e, f) that stands for m · 2^e · exp(f), with m and f of float64 and e a whole
number, so that sqrt(x² + 1) at 1e200 or sinh(x) / cosh(x) at 800 pass through their large intermediate
results. f is zero up to exp(1e14), whose digits e keeps; beyond, it keeps the argument as it is, so
that log(exp(x) + exp(2 x)) and its slope are right at 1e300 too. A formula is a table: one row for each
operation, with the rows of its operands.
"""

import math
from typing import Any

import numpy as np

from sdeopt import math as fast
from sdeopt.kernels.choices import step
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.intrinsics import fma
from sdeopt.kernels.waves import LARGEST

OPERATIONS = (
    "number", "symbol", "undefined", "sum", "product", "power", "raised", "exp", "expm1", "log",
    "log1p", "sin", "cos", "turned_sin", "turned_cos", "sinh", "cosh", "tanh", "sech", "expit",
    "softplus", "log_cosh", "atan", "erf", "abs", "sign", "step", "larger", "smaller", "pick", "select",
    "less", "at_most", "equal", "both", "either", "not", "result",
)  # fmt: skip
"""The operations by their codes."""

(
    NUMBER, SYMBOL, UNDEFINED, SUM, PRODUCT, POWER, RAISED, EXP, EXPM1, LOG,
    LOG1P, SIN, COS, TURNED_SIN, TURNED_COS, SINH, COSH, TANH, SECH, EXPIT,
    SOFTPLUS, LOG_COSH, ATAN, ERF, ABS, SIGN, STEP, LARGER, SMALLER, PICK, SELECT,
    LESS, AT_MOST, EQUAL, BOTH, EITHER, NOT, RESULT,
) = range(len(OPERATIONS))  # fmt: skip

COLUMNS = 5
"""Of the table: the operation and up to four rows of operands."""

LOG_2, LOG_2_LOW = 0.6931471805599453, 2.3190468138462996e-17
FAR = 600.0
"""Beyond this exp(u) is computed with an exponent of its own."""
FARTHEST = 1e14
"""Beyond this exp(u) keeps u."""
LARGEST_SHIFT = 2**48
"""The most that e is, a little more than that of exp(FARTHEST)."""

Wide = tuple[float, int, float]


@compiled
def near_exponential(u: float) -> tuple[float, int]:
    """Return m and e of exp(u) = m · 2^e, right up to |u| = 1e15."""
    k = np.rint(u / LOG_2)
    return math.exp(fma(-k, LOG_2_LOW, fma(-k, LOG_2, u))), int(k)


@compiled
def scaled(m: float, e: int, far: float) -> Wide:
    """Return m · 2^e · exp(far) with m in [1/2, 1), zero, infinite or NaN."""
    if m == 0.0 or not math.isfinite(m):
        return m, 0, 0.0
    mantissa, shift = math.frexp(m)
    exponent = e + shift
    if far != 0.0 and abs(far) < FARTHEST:
        factor, more = near_exponential(far)
        mantissa, shift = math.frexp(mantissa * factor)
        exponent, far = exponent + more + shift, 0.0
    if abs(exponent) > LARGEST_SHIFT:
        return mantissa, 0, far + exponent * LOG_2
    return mantissa, exponent, far


@compiled
def wide(m: float, e: int) -> Wide:
    """Return m · 2^e with m in [1/2, 1), zero, infinite or NaN."""
    return scaled(m, e, 0.0)


@compiled
def narrow(a: Wide) -> float:
    """Return the nearest float64."""
    m, e, far = a
    if abs(far) > 1e15:
        return m * (math.inf if far > 0.0 else 0.0)
    if far != 0.0:
        factor, more = near_exponential(far)
        m, e = m * factor, e + more
    return math.ldexp(m, min(max(e, -3000), 3000))


@compiled
def plus(a: Wide, b: Wide) -> Wide:
    """Return a + b."""
    if not (math.isfinite(a[0]) and math.isfinite(b[0])):
        return a[0] + b[0], 0, 0.0
    if a[0] == 0.0:
        return b
    if b[0] == 0.0:
        return a
    apart = (b[2] - a[2]) + (b[1] - a[1]) * LOG_2
    high, low = (a, b) if apart <= 0.0 else (b, a)
    if high[2] == low[2]:
        m, shift = low[0], low[1] - high[1]
    elif abs(apart) > 200.0:
        return high
    else:
        factor, more = near_exponential(low[2] - high[2])
        m, shift = low[0] * factor, low[1] - high[1] + more
    return scaled(high[0] + math.ldexp(m, max(shift, -200)), high[1], high[2])


@compiled
def times(a: Wide, b: Wide) -> Wide:
    """Return a b."""
    return scaled(a[0] * b[0], a[1] + b[1], a[2] + b[2])


@compiled
def over(a: Wide, b: Wide) -> Wide:
    """Return a / b."""
    return scaled(a[0] / b[0], a[1] - b[1], a[2] - b[2])


@compiled
def compared(a: Wide, b: Wide) -> float:
    """Return a number of the sign of a − b."""
    return plus(a, (-b[0], b[1], b[2]))[0]


@compiled
def to_power(a: Wide, exponent: float) -> Wide:
    """Return a to a float64 power."""
    if exponent == np.floor(exponent) and abs(exponent) <= 1024.0:
        left, factor, result = int(abs(exponent)), a, wide(1.0, 0)
        while left > 0:
            if left & 1:
                result = times(result, factor)
            factor = times(factor, factor)
            left >>= 1
        return over(wide(1.0, 0), result) if exponent < 0.0 else result
    if a[0] == 0.0 or not math.isfinite(a[0]):
        return wide(a[0] ** exponent, 0)
    total, far = a[1] * exponent, a[2] * exponent
    if not abs(total) < 1e15:
        total, far = 0.0, far + total * LOG_2
    if not math.isfinite(far):
        return wide(math.inf if far > 0.0 else 0.0, 0)
    whole = np.floor(total)
    return scaled(a[0] ** exponent * 2.0 ** (total - whole), int(whole), far)


@compiled
def exponential(u: float) -> Wide:
    """Return exp(u)."""
    if not math.isfinite(u):
        return wide(math.exp(u), 0)
    if not abs(u) < FARTHEST:
        return scaled(1.0, 0, u)
    m, e = near_exponential(u)
    return wide(m, e)


@compiled
def is_near_one(a: Wide) -> bool:
    """Return whether a number is far from the limits of float64."""
    return abs(a[1]) < 1000 and a[2] == 0.0


@compiled
def logarithm(a: Wide) -> float:
    """Return log(a)."""
    if a[0] < 0.0:
        return math.nan
    if is_near_one(a):
        return fast.log(narrow(a))
    return math.log(a[0]) + a[1] * LOG_2 + a[2]


@compiled
def sine(operation: int, angle: float) -> float:
    """Return the sine or cosine; that of a rounded angle only as far as it is known."""
    if operation >= TURNED_SIN and not abs(angle / math.pi) < LARGEST:
        return math.nan
    if not math.isfinite(angle):
        return math.nan
    return math.sin(angle) if operation in (SIN, TURNED_SIN) else math.cos(angle)


@compiled
def exponential_of_kind(operation: int, u: float) -> Wide:
    """Return a function that is a share of an exponential where u is large."""
    size = abs(u)
    if operation == EXP or (operation == EXPM1 and u > FAR):
        return exponential(u)
    if operation in (SINH, COSH) and size > FAR:
        sign = -0.5 if operation == SINH and u < 0.0 else 0.5
        return times(wide(sign, 0), exponential(size))
    if operation == SECH and size > FAR:
        return times(wide(2.0, 0), exponential(-size))
    if operation in (EXPIT, SOFTPLUS) and u < -FAR:
        return exponential(u)
    if operation == EXPM1:
        return wide(fast.expm1(u), 0)
    if operation == SINH:
        return wide(fast.sinh(u), 0)
    if operation == COSH:
        return wide(fast.cosh(u), 0)
    if operation == SECH:
        return wide(fast.sech(u), 0)
    return wide(fast.expit(u) if operation == EXPIT else fast.softplus(u), 0)


@compiled
def function(operation: int, a: Wide) -> Wide:
    """Return a function of one operand."""
    u = narrow(a)
    if operation in (EXP, EXPM1, SINH, COSH, SECH, EXPIT, SOFTPLUS):
        return exponential_of_kind(operation, u)
    if operation in (SIN, COS, TURNED_SIN, TURNED_COS):
        return wide(sine(operation, u), 0)
    if operation == LOG:
        return wide(logarithm(a), 0)
    if operation == LOG1P:
        return wide(fast.log1p(u) if is_near_one(a) else logarithm(plus(a, wide(1.0, 0))), 0)
    if operation == TANH:
        return wide(fast.tanh(u), 0)
    if operation == LOG_COSH:
        return wide(fast.log_cosh(u), 0)
    if operation == ATAN:
        return wide(math.atan(u), 0)
    if operation == ERF:
        return wide(math.erf(u), 0)
    if operation == ABS:
        return abs(a[0]), a[1], a[2]
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
    mantissas = np.empty(program.shape[0])
    exponents = np.empty(program.shape[0], np.int64)
    fars = np.empty(program.shape[0])
    for row in range(program.shape[0]):
        operation, first, second, third, fourth = program[row]
        a = mantissas[first], exponents[first], fars[first]
        b = mantissas[second], exponents[second], fars[second]
        if operation == NUMBER:
            found = wide(numbers[first], 0)
        elif operation == SYMBOL:
            found = wide(x[first, lane], 0)
        elif operation == SUM:
            found = plus(a, b)
        elif operation == PRODUCT:
            found = times(a, b)
        elif operation == POWER:
            found = to_power(a, numbers[second])
        elif operation == RAISED:
            found = to_power(a, narrow(b))
        elif operation == RESULT:
            results[second] = narrow(a)
            found = a
        elif operation == UNDEFINED:
            found = wide(math.nan, 0)
        elif operation >= LARGER and operation != NOT:
            c = mantissas[third], exponents[third], fars[third]
            d = mantissas[fourth], exponents[fourth], fars[fourth]
            found = choice(operation, a, b, c, d)
        else:
            found = function(operation, a)
        mantissas[row], exponents[row], fars[row] = found
