"""What a program must offer to be timed."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdeopt.benchmark.workloads import Workload

__all__ = ["Contender", "Runner", "UnavailableError", "busy_clock", "timed"]

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


FINE = 1e-6
"""A clock that ticks more rarely, in seconds, does not do."""

Clock = Callable[[], float]


def busy_clock() -> Clock:
    """Return the clock for programs of one thread: the processor time of this process.

    On an idle machine it agrees with the clock on the wall. On a shared one it leaves out the
    turns of others, which would fall on the programs unevenly.

    Returns
    -------
    callable
        Seconds since some moment; of the wall's clock where processor time is known too coarsely.
    """
    fine = time.get_clock_info("process_time").resolution <= FINE
    return time.process_time if fine else time.perf_counter


def timed(run: Callable[[int], Array], clock: Clock | None = None) -> Runner:
    """Return a runner that takes the time of a function of the number of steps.

    Parameters
    ----------
    run : callable
        From steps to the last states.
    clock : callable, optional
        `busy_clock` by default.

    Returns
    -------
    Runner
        The same with seconds.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.benchmark.contender import timed
    >>> seconds, states = timed(np.zeros)(3)
    >>> seconds >= 0.0, states.size
    (True, 3)
    """
    now = busy_clock() if clock is None else clock

    def runner(steps: int) -> tuple[float, Array]:
        begin = now()
        states = run(steps)
        return now() - begin, states

    return runner
