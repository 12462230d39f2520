"""The names that the rules of an algorithm bind, with their defaults.

`sdeopt.kernels.rules` imports these names. For a run, `sdeopt.kernels.generation` replaces the imports
by a header of its own: every function that the algorithm defines is imported from there, every other one
from here, and the switches are set. A switch that is off removes the branch that calls a default, so
most defaults are never called; the compiler takes the types from them. Switches that a driver reads
while it runs are in `sdeopt.kernels.plan.Options`.
"""

import numpy as np
from numpy.typing import NDArray

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
# who receives from whom, and when: `sdeopt.kernels.reception`
RECEIVES = False
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
