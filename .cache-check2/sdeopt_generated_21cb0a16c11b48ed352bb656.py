from numba import njit

from sdeopt_generated_60a61267530d772d895550d0 import gradient, value

entry = njit(error_model="numpy", nogil=True, cache=True)


@entry
def evaluate_value(x, parameters, out):
    value(x, parameters, out)


@entry
def evaluate_gradient(x, parameters, out):
    gradient(x, parameters, out)
