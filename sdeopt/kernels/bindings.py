"""The names a generated driver binds to one loss, one algorithm and one noise law.

This module is what `sdeopt.kernels.driver` imports when it is read as an ordinary file (by a type
checker, an editor, a test); the generator (`sdeopt.kernels.generation`) writes another header in its
place.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.defaults import (
    diffusion_diagonal,
    diffusion_matrix,
    drift,
    look_ahead,
    minibatch_gradient,
    quorum_rate,
    quorum_vector_rate,
    step,
    weights,
)
from sdeopt.kernels.variates import uniform_pair as variates

__all__ = [
    "AVERAGING",
    "CHAMPION",
    "DIAGONAL",
    "FILTER",
    "GIVEN",
    "HAS_STEP",
    "LOOKS_AHEAD",
    "MATRIX",
    "MINIBATCH",
    "NOISE_IN_VELOCITY",
    "NOISE_ON_UPDATE",
    "NOISE_ON_WEIGHTS",
    "NOISY",
    "OBSERVES",
    "PER_AGENT",
    "SIGNAL",
    "SINGLE",
    "USES_U",
    "USES_V",
    "VECTOR_FILTER",
    "VELOCITY_SIGNAL",
    "WEIGHTED",
    "diffusion_diagonal",
    "diffusion_matrix",
    "drift",
    "gradient",
    "look_ahead",
    "minibatch_gradient",
    "quorum_rate",
    "quorum_vector_rate",
    "step",
    "value",
    "variates",
    "weights",
]

Values = NDArray[np.float64]

# algorithm
USES_V = False
USES_U = False
HAS_STEP = False
LOOKS_AHEAD = False
SIGNAL = False
VELOCITY_SIGNAL = False
FILTER = False
VECTOR_FILTER = False
WEIGHTED = False
CHAMPION = False
AVERAGING = False
NOISE_IN_VELOCITY = False
# step sizes (and with them the noise) that differ between agents
PER_AGENT = False
# noise law
NOISY = True
SINGLE = False
DIAGONAL = False
MATRIX = False
MINIBATCH = False
NOISE_ON_WEIGHTS = False
NOISE_ON_UPDATE = False
GIVEN = False
# whether anything is streamed
OBSERVES = False


@compiled
def gradient(x: Values, parameters: tuple[Values, ...], out: Values) -> None:
    """Gradient of the loss, block function."""


@compiled
def value(x: Values, parameters: tuple[Values, ...], out: Values) -> None:
    """Value of the loss, block function."""
