from math import nan

import numpy as np

from sdeopt import math
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.choices import (
    LARGE, is_within, is_within_or_zero, larger, pick, rounding, sign, smaller, step,
)
from sdeopt.kernels.intrinsics import choose_zero, fma
from sdeopt.kernels.recomputation import recompute
from sdeopt.kernels.waves import add_wave, is_lost, wave


value_table = np.array([(0, 1, 0, 0, 0), (0, 2, 0, 0, 0), (1, 0, 0, 0, 0), (5, 2, 3, 0, 0), (3, 1, 3, 0, 0), (5, 4, 4, 0, 0), (4, 0, 5, 0, 0), (7, 6, 0, 0, 0), (37, 7, 0, 0, 0)])
value_numbers = np.array([0.0, -1.0, 0.01, 2.0, -1.0])


@compiled
def value(x, parameters, out):
    again = False
    for lane in range(x.shape[1]):
        x0 = x[0, lane]
        t0 = x0 * x0
        t1 = t0 + 0.01
        t2 = (-1.0) / t1
        t3 = math.exp(t2)
        good = (is_within(t1)) & (abs(t3) <= LARGE)
        again |= not good
        out[lane] = t3 if good else nan
    if again:
        results = np.empty(1)
        for lane in range(x.shape[1]):
            if not out[lane] == out[lane]:
                recompute(value_table, value_numbers, x, lane, results)
                out[lane] = results[0]


gradient_table = np.array([(0, 1, 0, 0, 0), (0, 2, 0, 0, 0), (0, 3, 0, 0, 0), (1, 0, 0, 0, 0), (5, 3, 4, 0, 0), (3, 2, 4, 0, 0), (5, 5, 5, 0, 0), (4, 1, 6, 0, 0), (7, 7, 0, 0, 0), (5, 5, 6, 0, 0), (4, 0, 8, 0, 0), (4, 10, 9, 0, 0), (4, 11, 3, 0, 0), (37, 12, 0, 0, 0)])
gradient_numbers = np.array([0.0, 2.0, -1.0, 0.01, 2.0, -1.0, -2.0])


@compiled
def gradient(x, parameters, out):
    again = False
    for lane in range(x.shape[1]):
        x0 = x[0, lane]
        t0 = x0 * x0
        t1 = t0 + 0.01
        t2 = t1 * t1
        t3 = (-1.0) / t1
        t4 = math.exp(t3)
        t5 = 2.0 * t4
        t6 = t5 * x0
        t7 = t6 / t2
        good = (is_within(t1)) & (is_within(t2)) & (is_within_or_zero(t6)) & (abs(t7) <= LARGE)
        again |= not good
        out[0, lane] = t7 if good else nan
    if again:
        results = np.empty(1)
        for lane in range(x.shape[1]):
            if not out[0, lane] == out[0, lane]:
                recompute(gradient_table, gradient_numbers, x, lane, results)
                out[0, lane] = results[0]
