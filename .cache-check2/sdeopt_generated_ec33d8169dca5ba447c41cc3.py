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
    wave_0 = wave(1.0)
    for lane in range(x.shape[1]):
        x0 = x[0, lane]
        lost = np.uint64(0)
        t0 = 3.1830988618379066 * x0
        t1, lost = add_wave(0.0, wave_0, t0, lost)
        t2 = x0 * x0
        t3 = fma(t2, 0.1, t1)
        out[lane] = choose_zero(is_lost(lost), t3, nan)


@compiled
def gradient(x, parameters, out):
    wave_0 = wave(10.0)
    for lane in range(x.shape[1]):
        x0 = x[0, lane]
        lost = np.uint64(0)
        t0 = 3.1830988618379066 * x0
        t1, lost = add_wave(0.0, wave_0, t0 + 0.5, lost)
        t2 = fma(x0, 0.2, t1)
        out[0, lane] = choose_zero(is_lost(lost), t2, nan)
