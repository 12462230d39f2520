"""Timing of programs in turn, so that a shared machine treats all alike."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdeopt.benchmark.workloads import Workload

Array = NDArray[np.float64]

Runner = Callable[[int], tuple[float, Array]]
"""Runs that many steps and returns the seconds it took and the last states."""

FINE = 1e-6
"""A clock that ticks more rarely, in seconds, does not do."""

ROUND = 0.25
"""A contender that is done sooner, in seconds, runs again within its turn."""


class UnavailableError(Exception):
    """A contender cannot take part; the message gives the reason."""


@dataclass(frozen=True)
class Contender:
    """A program that can run a workload."""

    name: str
    prepare: Callable[[Workload], Runner]
    share: float = 1.0

    def steps(self, workload: Workload) -> int:
        """Return how many steps it runs."""
        return max(1, round(workload.steps * self.share))


Clock = Callable[[], float]


def busy_clock() -> Clock:
    """Return the clock for programs of one thread: the processor time of this process.

    On an idle machine it agrees with the clock on the wall. On a shared one it leaves out the
    turns of others, which would fall on the programs unevenly.
    """
    fine = time.get_clock_info("process_time").resolution <= FINE
    return time.process_time if fine else time.perf_counter


def timed(run: Callable[[int], Array], clock: Clock | None = None) -> Runner:
    """Return a runner that takes the time of a function of the number of steps."""
    now = busy_clock() if clock is None else clock

    def runner(steps: int) -> tuple[float, Array]:
        begin = now()
        states = run(steps)
        return now() - begin, states

    return runner


@dataclass(frozen=True)
class Speed:
    """How fast a contender runs a workload."""

    workload: str
    contender: str
    rate: float | None
    reason: str = ""


def measure(
    entries: Sequence[tuple[Workload, Contender]],
    repeats: int,
    say: Callable[[str], None] = lambda _: None,
) -> list[Speed]:
    """Time contenders on workloads in turn."""
    runners: list[Runner | str] = []
    for workload, contender in entries:
        say(f"{workload.name}: preparing {contender.name}")
        runners.append(_prepared(workload, contender))
    best = [float("inf")] * len(entries)
    for turn in range(repeats):
        for index, (workload, contender) in enumerate(entries):
            runner = runners[index]
            if isinstance(runner, str):
                continue
            say(f"{workload.name}: turn {turn + 1} of {repeats}, {contender.name}")
            seconds = _one_turn(runner, contender.steps(workload))
            best[index] = min(best[index], seconds)
    speeds = []
    for (workload, contender), runner, seconds in zip(entries, runners, best, strict=True):
        if isinstance(runner, str):
            speeds.append(Speed(workload.name, contender.name, None, runner))
        else:
            rate = workload.work(contender.steps(workload)) / seconds / 1e6
            speeds.append(Speed(workload.name, contender.name, rate))
    return speeds


def _prepared(workload: Workload, contender: Contender) -> Runner | str:
    """Return a runner that has run once, or why there is none."""
    try:
        runner = contender.prepare(workload)
        runner(contender.steps(workload))
    except UnavailableError as problem:
        return str(problem)
    return runner


def _one_turn(runner: Runner, steps: int) -> float:
    best, spent = float("inf"), 0.0
    while True:
        seconds, _ = runner(steps)
        best, spent = min(best, seconds), spent + seconds
        if spent >= ROUND:
            return best
