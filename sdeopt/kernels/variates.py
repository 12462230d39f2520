"""From random words to standard random variates, and to drawn examples.

Every law uses a fixed number of words per variate and rejects none, so that a counter addresses each
draw. A law is one function ``(drawn, row, shape)``. It reads the two words of a Philox block from rows
``row`` and ``row + 1`` of ``drawn``, as the bits of floats, and overwrites them with two variates, or
with one (then the second row is not used). In place, because a step that uses less memory stays in the
first-level cache.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled, compiled_inline
from sdeopt.kernels.intrinsics import bits_of, float_of_bits, fma, log_of_normal, shift_in
from sdeopt.kernels.philox import MINIBATCH, fill_words
from sdeopt.kernels.plan import Work
from sdeopt.math import cos, exp, expm1, log, sin

Values = NDArray[np.float64]

ONE_BITS = np.uint64(0x3FF0000000000000)
ONE_EXPONENT, MANTISSA_BITS = np.uint64(0x3FF), np.uint64(52)
SIGN_BIT = np.uint64(0x8000000000000000)
DROP_62, DROP_63 = np.uint64(62), np.uint64(63)
TWO, ONE = np.uint64(2), np.uint64(1)
BELOW_ONE = 1.0 - 2.0**-53
HALF_PI = math.pi / 2.0


@compiled
def unit_interval(word: np.uint64) -> float:
    """Return the centre of one of 2**52 equal cells of (0, 1): never 0, never 1, mean exactly 1/2."""
    return float_of_bits(shift_in(ONE_EXPONENT, word, MANTISSA_BITS)) - BELOW_ONE


@compiled_inline
def uniform_pair(drawn: Values, row: int, shape: Values) -> None:
    """Uniform on (-1, 1)."""
    for each in range(row, row + 2):
        for lane in range(drawn.shape[1]):
            drawn[each, lane] = fma(2.0, unit_interval(bits_of(drawn[each, lane])), -1.0)


@compiled_inline
def rademacher_pair(drawn: Values, row: int, shape: Values) -> None:
    """Either sign with probability one half."""
    for each in range(row, row + 2):
        for lane in range(drawn.shape[1]):
            drawn[each, lane] = float_of_bits((bits_of(drawn[each, lane]) & SIGN_BIT) | ONE_BITS)


@compiled
def _sine_eighth(r: float) -> float:
    """Return sin(r) for |r| <= pi/4."""
    s = r * r
    p = fma(s, 1.589606280091844e-10, -2.5050744947047926e-08)
    p = fma(s, p, 2.755731360386528e-06)
    p = fma(s, p, -0.0001984126982954037)
    p = fma(s, p, 0.00833333333332206)
    p = fma(s, p, -0.1666666666666663)
    return fma(r * s, p, r)


@compiled
def _cosine_eighth(r: float) -> float:
    """Return cos(r) for |r| <= pi/4."""
    s = r * r
    p = fma(s, -1.1358421795996047e-11, 2.087569867228951e-09)
    p = fma(s, p, -2.7557314163682206e-07)
    p = fma(s, p, 2.4801587288798883e-05)
    p = fma(s, p, -0.0013888888888872973)
    p = fma(s, p, 0.041666666666666595)
    return fma(s * s, p, fma(-0.5, s, 1.0))


@compiled
def _direction(word: np.uint64) -> tuple[float, float]:
    """Return cosine and sine of a uniform angle: two bits choose the quadrant, 52 the place in it."""
    angle = (unit_interval(word << TWO) - 0.5) * HALF_PI
    sine = _sine_eighth(angle)
    cosine = _cosine_eighth(angle)
    quadrant = word >> DROP_62
    odd = (quadrant & ONE) != np.uint64(0)
    x = sine if odd else cosine
    y = cosine if odd else sine
    x_sign = ((quadrant + ONE) >> ONE) << DROP_63
    y_sign = (quadrant >> ONE) << DROP_63
    return float_of_bits(bits_of(x) ^ x_sign), float_of_bits(bits_of(y) ^ y_sign)


@compiled_inline
def gaussian_pair(drawn: Values, row: int, shape: Values) -> None:
    """Two independent standard normals by Box and Muller's polar form without rejection."""
    for lane in range(drawn.shape[1]):
        radius = math.sqrt(-2.0 * log_of_normal(unit_interval(bits_of(drawn[row, lane]))))
        x, y = _direction(bits_of(drawn[row + 1, lane]))
        drawn[row, lane] = radius * x
        drawn[row + 1, lane] = radius * y


@compiled_inline
def student_single(drawn: Values, row: int, shape: Values) -> None:
    """One Student-t with ``shape[0]`` degrees of freedom (Bailey 1994, with a fixed word count).

    √(ν(u^(−2/ν) − 1)) cos(2πv), exact without rejection. The sine would share the radius, so it is not
    independent: not used.
    """
    degrees = shape[0]
    for lane in range(drawn.shape[1]):
        logarithm = log_of_normal(unit_interval(bits_of(drawn[row, lane])))
        x, _ = _direction(bits_of(drawn[row + 1, lane]))
        drawn[row, lane] = math.sqrt(degrees * expm1(-2.0 / degrees * logarithm)) * x


@compiled_inline
def laplace_pair(drawn: Values, row: int, shape: Values) -> None:
    """Density exp(-|z|) / 2: one bit chooses the side, 52 the distance."""
    for each in range(row, row + 2):
        for lane in range(drawn.shape[1]):
            word = bits_of(drawn[each, lane])
            distance = -log_of_normal(unit_interval(word << ONE))
            drawn[each, lane] = float_of_bits(bits_of(distance) ^ (word & SIGN_BIT))


@compiled_inline
def stable_single(drawn: Values, row: int, shape: Values) -> None:
    """One symmetric stable variate of index ``shape[0]`` (Chambers, Mallows and Stuck 1976).

    With a uniform angle v and an exponential e: sin(αv) cos(v)^(−1/α) (cos((1−α)v) / e)^((1−α)/α).
    All factors but the first are positive, and are multiplied by their logarithms.
    """
    index = shape[0]
    rest = (1.0 - index) / index
    for lane in range(drawn.shape[1]):
        angle = math.pi * (unit_interval(bits_of(drawn[row, lane])) - 0.5)
        wait = -log_of_normal(unit_interval(bits_of(drawn[row + 1, lane])))
        powers = rest * (log(cos(rest * index * angle)) - log(wait)) - log(cos(angle)) / index
        drawn[row, lane] = sin(index * angle) * exp(powers)


@compiled_inline
def draw_examples(work: Work, t: int) -> None:
    """Draw the minibatch of every lane: element t * batch + m of its minibatch stream."""
    plan, buffers, purpose = work.plan, work.buffers, np.uint64(MINIBATCH)
    words, out = buffers.words, buffers.drawn
    agents, replicas = buffers.agent_of, buffers.replica_of
    cached, cached_for = buffers.cached, buffers.cached_for
    for m in range(plan.batch):
        element = t * plan.batch + m
        block = np.uint64(element // 2)
        fill_words(plan.seed, purpose, block, agents, replicas, cached, cached_for, words, 0, 2)
        row = element % 2
        limit = plan.examples if plan.replacement else plan.examples - plan.batch + m + 1
        for lane in range(out.shape[1]):
            drawn = min(int(unit_interval(words[row, lane]) * limit), limit - 1)
            if not plan.replacement:
                # Floyd's sampling: a repeated draw is replaced by the newest index
                for earlier in range(m):
                    if out[earlier, lane] == drawn:
                        drawn = limit - 1
                        break
            out[m, lane] = drawn
