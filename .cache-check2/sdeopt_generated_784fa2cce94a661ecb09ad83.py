from numba import njit

from sdeopt_generated_5f6eea996de790e918d44868 import gradient, value

entry = njit(error_model="numpy", nogil=True, cache=True)


@entry
def evaluate_value(x, parameters, out):
    value(x, parameters, out)


@entry
def evaluate_gradient(x, parameters, out):
    gradient(x, parameters, out)
