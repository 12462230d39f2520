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


@compiled
def value(x, parameters, out):
    for lane in range(x.shape[1]):
        x0 = x[0, lane]
        x1 = x[1, lane]
        x2 = x[2, lane]
        t0 = 0.5 * x0
        t1 = t0 * x1
        t2 = x0 * x0
        t3 = t2 + t1
        t4 = x1 * x1
        t5 = t4 + t3
        t6 = x2 * x2
        t7 = fma(t6, 0.25, 2.0)
        t8 = fma(t6, t7, t5)
        out[lane] = t8


@compiled
def gradient(x, parameters, out):
    for lane in range(x.shape[1]):
        x0 = x[0, lane]
        x1 = x[1, lane]
        x2 = x[2, lane]
        t0 = 2.0 * x0
        t1 = 0.5 * x1
        t2 = t0 + t1
        t3 = 2.0 * x1
        t4 = 0.5 * x0
        t5 = t3 + t4
        t6 = 4.0 * x2
        t7 = x2 * x2
        t8 = x2 * t7
        t9 = t8 + t6
        out[0, lane] = t2
        out[1, lane] = t5
        out[2, lane] = t9
