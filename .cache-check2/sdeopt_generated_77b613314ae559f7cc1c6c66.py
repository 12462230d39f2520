import numpy as np
from numba import njit

from sdeopt.kernels.philox import fill_words


@njit(error_model="numpy", nogil=True, cache=True)
def fill_streams(seed, purpose, agents, replicas, cached, cached_for, out):
    first, end = np.uint64(0), out.shape[0]
    fill_words(seed, purpose, first, agents, replicas, cached, cached_for, out, 0, end)
