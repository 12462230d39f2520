"""Stand-ins for the parts that a loss, an algorithm or a noise law leaves out.

The driver (`sdeopt.kernels.driver`) is written against a fixed set of names. Whoever brings no
function of its own for one of them gets the one here. A constant beside it switches the branch off,
so most of these are never called; they give the compiler something to type.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled

Values = NDArray[np.float64]
Gains = tuple[float, float, float]


@compiled
def drift(
    x: float,
    v: float,
    u: float,
    gradient: float,
    signal: float,
    velocity_signal: float,
    pull: float,
    gains: Gains,
) -> tuple[float, float, float]:
    """Rates of position, velocity and own filter of one coordinate of one agent."""
    return -gradient, 0.0, 0.0


@compiled
def step(
    x: float,
    v: float,
    u: float,
    gradient: float,
    increment: float,
    signal: float,
    velocity_signal: float,
    step_size: float,
    pull: float,
    gains: Gains,
) -> tuple[float, float, float]:
    """One discrete iteration of one coordinate; the driver's Euler step of `drift` if absent."""
    return x, v, u


@compiled
def look_ahead(x: float, v: float, gains: Gains) -> float:
    """Point at which the gradient is taken."""
    return x


@compiled
def quorum_rate(
    quorum: float, mean: float, time: float, agents: int, coupling: float, gains: Gains
) -> float:
    """Rate of one coordinate of the quorum variable."""
    return 0.0


@compiled
def quorum_vector_rate(quorum: Values, mean: Values, time: float, out: Values) -> None:
    """Rate of the whole quorum variable, for dynamics that mix coordinates."""
    out[:] = 0.0


@compiled
def weights(
    x: Values, time: float, since_epoch: int, champion: Values, coupling: float, gains: Gains,
    out: Values,
) -> None:  # fmt: skip
    """Coupling gain k_j(x^j, t) that every lane broadcasts."""
    out[:] = coupling


@compiled
def diffusion_diagonal(x: Values, parameters: tuple[Values, ...], noise: Values) -> None:
    """Multiply the noise of every lane by its diagonal B(x)."""


@compiled
def diffusion_matrix(
    x: Values, parameters: tuple[Values, ...], column: Values, matrix: Values, noise: Values
) -> None:
    """Multiply the noise of every lane by its matrix B(x)."""


@compiled
def minibatch_gradient(
    x: Values, examples: NDArray[np.int64], parameters: tuple[Values, ...], out: Values
) -> None:
    """Mean gradient over the drawn examples, for losses that are finite sums."""
