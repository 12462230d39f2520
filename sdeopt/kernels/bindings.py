"""The names that a driver binds to one loss, one algorithm and one noise law, with their defaults.

`sdeopt.kernels.driver` and `sdeopt.kernels.pieces` import these names. For a run,
`sdeopt.kernels.generation` replaces the imports by a header of its own: every function that the loss,
the algorithm or the law defines is imported from there, every other one from here, and the switches
are set. A switch that is off removes the branch that calls a default, so most defaults are never
called; the compiler takes the types from them.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels import variates as laws
from sdeopt.kernels.compilation import compiled

Values = NDArray[np.float64]
Scheduled = tuple[float, float, float]
"""What `sdeopt.algorithms.Algorithm.schedules` returns besides the coupling, at one time."""

# switches of the algorithm
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
# who hears whom, and when: `sdeopt.kernels.hearing`
HEARS = False
SOMETIMES = False
# step sizes (and with them the noise) that differ between agents
PER_AGENT = False
# switches of the noise law
NOISY = True
SINGLE = False
DIAGONAL = False
MATRIX = False
MINIBATCH = False
NOISE_ON_WEIGHTS = False
NOISE_ON_UPDATE = False
GIVEN = False
# whether statistics are streamed
OBSERVES = False


@compiled
def gradient(x: Values, parameters: tuple[Values, ...], out: Values) -> None:
    """Gradient of the loss, block function."""


@compiled
def value(x: Values, parameters: tuple[Values, ...], out: Values) -> None:
    """Value of the loss, block function."""


variates = laws.uniform_pair


@compiled
def drift(
    x: float,
    v: float,
    u: float,
    gradient: float,
    signal: float,
    velocity_signal: float,
    coupling: float,
    scheduled: Scheduled,
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
    coupling: float,
    scheduled: Scheduled,
) -> tuple[float, float, float]:
    """One iteration of one coordinate; where it is absent, the driver takes an Euler step of `drift`."""
    return x, v, u


@compiled
def look_ahead(x: float, v: float, scheduled: Scheduled) -> float:
    """Point at which the gradient is taken."""
    return x


@compiled
def quorum_rate(
    quorum: float, mean: float, time: float, agents: int, coupling: float, scheduled: Scheduled
) -> float:
    """Rate of one coordinate of the quorum variable."""
    return 0.0


@compiled
def quorum_vector_rate(quorum: Values, mean: Values, time: float, out: Values) -> None:
    """Rate of the whole quorum variable, for dynamics that mix coordinates."""
    out[:] = 0.0


@compiled
def weights(
    x: Values, time: float, since_epoch: int, champion: Values, coupling: float, scheduled: Scheduled,
    out: Values,
) -> None:  # fmt: skip
    """Weight k_j(x^j, t) of every lane in the quorum variable."""
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
