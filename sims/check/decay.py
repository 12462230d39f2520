"""The flow without noise: how fast distances die out, for theorems about rates."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sims.check.case import Case
from sims.check.dynamics import Pace

__all__ = ["FINE_PULL", "ROUNDING", "Flow", "rate_between", "run_flow"]

Array = NDArray[np.float64]

FINE_PULL = 0.02
"""(largest rate)·dt of a run without noise."""

ROUNDING = FINE_PULL**2 / 5
"""The share by which the scheme, of second order without noise, can make a rate too small: z²/6."""

RELAXATIONS = 2.0
"""How many times 1/rate a run takes."""

REPLICAS = 64


@dataclass(frozen=True, eq=False)
class Flow:
    """The start and the end of runs without noise.

    Parameters
    ----------
    run : xarray.Dataset
        Of `sdeopt.simulate`, with the start and the end along ``step``.
    time : float
        From one to the other.
    """

    run: xr.Dataset
    time: float

    def agents(self) -> tuple[Array, Array]:
        """Return xⁱ at the start and at the end, (replica, agent, dim) each."""
        return self._ends("agents")

    def mean(self) -> tuple[Array, Array]:
        """Return x• at the start and at the end, (replica, dim) each."""
        return self._ends("mean")

    def quorum(self) -> tuple[Array, Array]:
        """Return x~ at the start and at the end."""
        return self._ends("quorum")

    def velocities(self) -> tuple[Array, Array]:
        """Return vⁱ, which start at 0."""
        last = np.asarray(self.run["velocities"].transpose("replica", "agent", "dim").values)
        return np.zeros_like(last), last

    def _ends(self, name: str) -> tuple[Array, Array]:
        found = self.run[name].transpose("step", "replica", ...).values
        return np.asarray(found[0]), np.asarray(found[-1])


def run_flow(case: Case, pace: Pace, rate: float, *, together: bool, box: Any = None) -> Flow:
    """Simulate the flow without noise for two relaxations.

    Parameters
    ----------
    case : Case
        The problem.
    pace : Pace
        Its largest rate, and how far out runs start.
    rate : float
        What is predicted.
    together : bool
        Whether all agents of a replica start at one point.
    box : tuple of (low, high), optional
        Where runs start; near the minimum without one.

    Returns
    -------
    Flow
        Starts and ends.
    """
    problem = case.problem
    centre: Any = case.constants.minimum
    centre = 0.0 if centre is None else centre
    start: so.start.Start = so.start.Gaussian(centre, 1.0, together=together)
    if box is not None:
        low, high = zip(*box, strict=True)
        start = so.start.Uniform(low, high, together=together)
    dt = FINE_PULL / pace.fastest
    steps = max(1, int(np.ceil(RELAXATIONS / (rate * dt))))
    run = so.simulate(
        problem.loss,
        problem.algorithm,
        steps=steps,
        step_size=problem.step_size,
        start=start,
        agents=problem.agents,
        replicas=REPLICAS,
        seed=problem.seed,
        clock=so.clock.SDE(dt, "strong_order_1.5"),
        record=so.record.At([0, steps]),
        progress=False,
    )
    return Flow(run, steps * dt)


def rate_between(start: Array, end: Array, time: float) -> float:
    """Return the slowest exponential decay from the start to the end.

    Parameters
    ----------
    start, end : numpy.ndarray
        Distances, replica by replica.
    time : float
        From one to the other.

    Returns
    -------
    float
        The least of ln(start/end)/time.

    Examples
    --------
    >>> import numpy as np
    >>> from sims.check.decay import rate_between
    >>> rate_between(np.array([1.0, 2.0]), np.exp([-2.0, -2.0]), 1.0)
    2.0
    """
    with np.errstate(divide="ignore"):
        return float(np.min(np.log(start / end)) / time)
