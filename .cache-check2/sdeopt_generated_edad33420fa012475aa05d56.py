from numba import njit

from sdeopt_generated_b7a2b9635dd2ccde993fb2e1 import gradient, value

entry = njit(error_model="numpy", nogil=True, cache=True)


@entry
def evaluate_value(x, parameters, out):
    value(x, parameters, out)


@entry
def evaluate_gradient(x, parameters, out):
    gradient(x, parameters, out)
