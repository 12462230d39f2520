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


value_table = np.array([(1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (10, 0, 0, 0, 0), (4, 1, 2, 0, 0), (3, 0, 3, 0, 0), (37, 4, 0, 0, 0)])
value_numbers = np.array([0.0, -1.0])


@compiled
def value(x, parameters, out):
    again = False
    for lane in range(x.shape[1]):
        x0 = x[0, lane]
        t0 = math.log1p(x0)
        t1 = fma((-1.0), t0, x0)
        good = (abs(x0) <= LARGE) & (abs(t1) <= LARGE)
        again |= not good
        out[lane] = t1 if good else nan
    if again:
        results = np.empty(1)
        for lane in range(x.shape[1]):
            if not out[lane] == out[lane]:
                recompute(value_table, value_numbers, x, lane, results)
                out[lane] = results[0]


gradient_table = np.array([(0, 1, 0, 0, 0), (0, 2, 0, 0, 0), (1, 0, 0, 0, 0), (3, 0, 2, 0, 0), (5, 3, 3, 0, 0), (4, 1, 4, 0, 0), (3, 0, 5, 0, 0), (37, 6, 0, 0, 0)])
gradient_numbers = np.array([0.0, 1.0, -1.0, -1.0])


@compiled
def gradient(x, parameters, out):
    again = False
    for lane in range(x.shape[1]):
        x0 = x[0, lane]
        t0 = 1.0 + x0
        t1 = 1.0 / t0
        t2 = fma((-1.0), t1, 1.0)
        good = (is_within(t0)) & (abs(t2) <= LARGE)
        again |= not good
        out[0, lane] = t2 if good else nan
    if again:
        results = np.empty(1)
        for lane in range(x.shape[1]):
            if not out[0, lane] == out[0, lane]:
                recompute(gradient_table, gradient_numbers, x, lane, results)
                out[0, lane] = results[0]
