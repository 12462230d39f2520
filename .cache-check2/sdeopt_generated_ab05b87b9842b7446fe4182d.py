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
        t0 = 0.5 * x0
        t1 = t0 * x1
        t2 = x0 * x0
        t3 = fma(t2, 0.25, 1.0)
        t4 = fma(t2, t3, t1)
        t5 = x1 * x1
        t6 = t5 + t4
        out[lane] = t6


@compiled
def gradient(x, parameters, out):
    for lane in range(x.shape[1]):
        x0 = x[0, lane]
        x1 = x[1, lane]
        t0 = 2.0 * x0
        t1 = 0.5 * x1
        t2 = t0 + t1
        t3 = x0 * x0
        t4 = x0 * t3
        t5 = t4 + t2
        t6 = 2.0 * x1
        t7 = 0.5 * x0
        t8 = t6 + t7
        out[0, lane] = t5
        out[1, lane] = t8
