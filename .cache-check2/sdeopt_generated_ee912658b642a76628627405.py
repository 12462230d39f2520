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
        t0 = x0 * x0
        t1 = x0 * t0
        out[lane] = t1


@compiled
def gradient(x, parameters, out):
    for lane in range(x.shape[1]):
        x0 = x[0, lane]
        t0 = x0 * x0
        t1 = 3.0 * t0
        out[0, lane] = t1
