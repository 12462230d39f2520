from numba import njit

from sdeopt_generated_e085e24c12fb76ed8639db8b import gradient, value

entry = njit(error_model="numpy", nogil=True, cache=True)


@entry
def evaluate_value(x, parameters, out):
    value(x, parameters, out)


@entry
def evaluate_gradient(x, parameters, out):
    gradient(x, parameters, out)
