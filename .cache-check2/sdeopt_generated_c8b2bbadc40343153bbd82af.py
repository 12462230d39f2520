from numba import njit

from sdeopt_generated_a5c6c0ba5d675c71d27e66b3 import gradient, value

entry = njit(error_model="numpy", nogil=True, cache=True)


@entry
def evaluate_value(x, parameters, out):
    value(x, parameters, out)


@entry
def evaluate_gradient(x, parameters, out):
    gradient(x, parameters, out)
