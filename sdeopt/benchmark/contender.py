"""What a program must offer to be timed."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdeopt.benchmark.workloads import Workload

__all__ = ["Contender", "Runner", "UnavailableError", "timed"]

Array = NDArray[np.float64]
Runner = Callable[[int], tuple[float, Array]]
"""Runs that many steps and returns the seconds it took and the last states."""


class UnavailableError(Exception):
    """A contender cannot take part; the message says why."""


@dataclass(frozen=True)
class Contender:
    """A program that can run a workload.

    Parameters
    ----------
    name : str
        As the tables show it.
    prepare : callable
        Takes a `Workload` and returns a `Runner`, with everything compiled that has to be; raises
        `UnavailableError` where it cannot.
    share : float
        Which part of the workload's steps it is given, so that a slow program does not hold up
        the others. Time is proportional to steps.
    """

    name: str
    prepare: Callable[[Workload], Runner]
    share: float = 1.0

    def steps(self, workload: Workload) -> int:
        """Return how many steps it runs."""
        return max(1, round(workload.steps * self.share))


def timed(run: Callable[[int], Array]) -> Runner:
    """Return a runner that takes the time of a function of the number of steps.

    Parameters
    ----------
    run : callable
        From steps to the last states.

    Returns
    -------
    Runner
        The same with seconds.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.benchmark.contender import timed
    >>> seconds, states = timed(np.zeros)(3)
    >>> seconds > 0, states.size
    (True, 3)
    """

    def runner(steps: int) -> tuple[float, Array]:
        begin = time.perf_counter()
        states = run(steps)
        return time.perf_counter() - begin, states

    return runner
