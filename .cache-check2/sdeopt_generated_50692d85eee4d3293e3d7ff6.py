import numpy as np

from sdeopt.kernels.compilation import compiled


@compiled
def function__0(x):
    return x * x + max(x - 0.3, 0.0)



@compiled
def function__1(x):
    return 2.0 * x + (1.0 if x > 0.3 else 0.0)


@compiled
def value(x, parameters, out):
    for lane in range(x.shape[1]):
        out[lane] = function__0(x[0, lane])


@compiled
def gradient(x, parameters, out):
    for lane in range(x.shape[1]):
        out[0, lane] = function__1(x[0, lane])
