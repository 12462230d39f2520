"""The names that the rules of an algorithm bind, with their defaults.

`sdeopt.kernels.rules` imports these names. For a run, `sdeopt.kernels.generation` replaces the imports
by a header of its own: every function that the algorithm defines is imported from there, every other one
from here, and the switches are set. A switch that is off removes the branch that calls a default, so
most defaults are never called; the compiler takes the types from them. Switches that a driver reads
while it runs are in `sdeopt.kernels.plan.Options`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled

Values = NDArray[np.float64]
Lanes = tuple[Any, ...]
"""One coordinate of each of some vectors: numbers, or vectors of neighbouring lanes."""

Scheduled = tuple[float, float, float]
"""What `sdeopt.algorithms.Algorithm.schedules` returns besides the coupling, at one time."""

# switches of the algorithm
SIGNAL = False
FILTER = False
ITERATES = False
WEIGHTED = False
CHAMPION = False
AVERAGING = False
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


# how many vectors every agent and every replica has that the algorithm declares, the agent's position
# too, and how many more are written to every lane for its rule
AGENT_VECTORS = 1
REPLICA_VECTORS = 0
SHOWN = 0


@compiled
def drift(gradient: float) -> float:
    """Rate of one coordinate of an agent that is pulled nowhere."""
    return -gradient


@compiled
def moved(
    old: Lanes, gradient: float, increment: float, noise: float, signal: float, shown: Lanes,
    step_size: float, coupling: float, scheduled: Scheduled,
) -> Lanes:  # fmt: skip
    """One step of one coordinate of an agent's vectors: the rule `step`, or Euler's of `drift`."""
    return old


@compiled
def rates_of(
    old: Lanes, gradient: float, signal: float, shown: Lanes, coupling: float, scheduled: Scheduled
) -> Lanes:
    """Rates of one coordinate of an agent's vectors."""
    return old


@compiled
def point_ahead(old: Lanes, scheduled: Scheduled) -> Lanes:
    """Point at which the gradient is taken."""
    return old


@compiled
def relaxed(
    old: Lanes, mean: float, time: float, agents: int, step_size: float, coupling: float,
    scheduled: Scheduled,
) -> Lanes:  # fmt: skip
    """Rates of one coordinate of a replica's vectors, or what they become."""
    return old


@compiled
def replica_vector_drift(vectors: Values, mean: Values, time: float, out: Values) -> None:
    """Rates of all coordinates of a replica's vectors, for dynamics that mix coordinates."""
    out[:] = 0.0


@compiled
def weights(
    x: Values, time: float, since_epoch: int, champion: Values, coupling: float, scheduled: Scheduled,
    out: Values,
) -> None:  # fmt: skip
    """Weight k_j(x^j, t) of every lane in the mean that its replica is pulled towards."""
    out[:] = coupling
