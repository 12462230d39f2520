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
        t0 = abs(x0)
        t1 = 1000.0 * x0
        t2 = math.tanh(t1)
        t3 = t0 * t2
        t4 = x0 * x0
        t5 = t4 + t3
        out[lane] = t5


@compiled
def gradient(x, parameters, out):
    for lane in range(x.shape[1]):
        x0 = x[0, lane]
        t0 = 2.0 * x0
        t1 = sign(x0)
        t2 = 1000.0 * x0
        t3 = math.tanh(t2)
        t4 = fma(t1, t3, t0)
        t5 = abs(x0)
        t6 = math.sech(t2)
        t7 = t6 * t6
        t8 = t5 * t7
        t9 = fma(1000.0, t8, t4)
        out[0, lane] = t9
