"""Noise whose coordinates have scales of their own, or are correlated, the same at every x."""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.passes import matrix_times_noise

__all__ = ["constant_diagonal", "constant_matrix"]

Values = NDArray[np.float64]


@compiled
def constant_diagonal(x: Values, parameters: tuple[Values, ...], noise: Values) -> None:
    """Multiply coordinate d of the noise by parameters[0][d]."""
    scales = parameters[0]
    for d in range(noise.shape[0]):
        scale = scales[d]
        for lane in range(noise.shape[1]):
            noise[d, lane] *= scale


@compiled
def constant_matrix(
    x: Values, parameters: tuple[Values, ...], column: Values, matrix: Values, noise: Values
) -> None:
    """Multiply the noise vector of every lane by the matrix in parameters[0]."""
    factor = parameters[0].reshape(noise.shape[0], noise.shape[0])
    for lane in range(noise.shape[1]):
        matrix_times_noise(factor, noise, lane, column)
