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
        t0 = (-0.5) + x1
        t1 = t0 * t0
        t2 = (-10.0) * t1
        t3 = x0 * x0
        t4 = fma(t3, (-1.0), t2)
        t5 = math.exp(t4)
        t6 = (-100.0) * t5
        t7 = 0.5 + x0
        t8 = t7 * t7
        t9 = (-6.5) * t8
        t10 = (-1.5) + x1
        t11 = t10 * t10
        t12 = fma((-6.5), t11, t9)
        t13 = t7 * t10
        t14 = fma(11.0, t13, t12)
        t15 = math.exp(t14)
        t16 = fma((-170.0), t15, t6)
        t17 = (-1.0) + x0
        t18 = t17 * t17
        t19 = (-1.0) * t18
        t20 = x1 * x1
        t21 = fma(t20, (-10.0), t19)
        t22 = math.exp(t21)
        t23 = fma((-200.0), t22, t16)
        t24 = 1.0 + x0
        t25 = (-1.0) + x1
        t26 = 0.6 * t24
        t27 = t26 * t25
        t28 = t24 * t24
        t29 = fma(0.7, t28, t27)
        t30 = t25 * t25
        t31 = fma(0.7, t30, t29)
        t32 = math.exp(t31)
        t33 = fma(15.0, t32, t23)
        out[lane] = t33


@compiled
def gradient(x, parameters, out):
    for lane in range(x.shape[1]):
        x0 = x[0, lane]
        x1 = x[1, lane]
        t0 = 0.5 + x0
        t1 = t0 * t0
        t2 = (-6.5) * t1
        t3 = (-1.5) + x1
        t4 = t3 * t3
        t5 = fma((-6.5), t4, t2)
        t6 = t0 * t3
        t7 = fma(11.0, t6, t5)
        t8 = math.exp(t7)
        t9 = (-13.0) * t0
        t10 = fma(11.0, t3, t9)
        t11 = (-170.0) * t8
        t12 = t11 * t10
        t13 = 1.0 + x0
        t14 = (-1.0) + x1
        t15 = 0.6 * t13
        t16 = t15 * t14
        t17 = t13 * t13
        t18 = fma(0.7, t17, t16)
        t19 = t14 * t14
        t20 = fma(0.7, t19, t18)
        t21 = math.exp(t20)
        t22 = 0.6 * t14
        t23 = fma(1.4, t13, t22)
        t24 = t21 * t23
        t25 = fma(15.0, t24, t12)
        t26 = (-0.5) + x1
        t27 = t26 * t26
        t28 = (-10.0) * t27
        t29 = x0 * x0
        t30 = fma(t29, (-1.0), t28)
        t31 = math.exp(t30)
        t32 = t31 * x0
        t33 = fma(200.0, t32, t25)
        t34 = (-1.0) + x0
        t35 = t34 * t34
        t36 = (-1.0) * t35
        t37 = x1 * x1
        t38 = fma(t37, (-10.0), t36)
        t39 = math.exp(t38)
        t40 = t39 * t34
        t41 = fma(400.0, t40, t33)
        t42 = (-13.0) * t3
        t43 = fma(11.0, t0, t42)
        t44 = t11 * t43
        t45 = fma(1.4, t14, t15)
        t46 = t21 * t45
        t47 = fma(15.0, t46, t44)
        t48 = t31 * t26
        t49 = fma(2000.0, t48, t47)
        t50 = t39 * x1
        t51 = fma(4000.0, t50, t49)
        out[0, lane] = t41
        out[1, lane] = t51
