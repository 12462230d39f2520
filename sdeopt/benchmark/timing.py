"""Timing contenders in turn, so that a slow minute of the machine falls on all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sdeopt.benchmark.contender import Contender, Runner, UnavailableError
from sdeopt.benchmark.workloads import Workload

__all__ = ["Speed", "measure"]

ROUND = 0.25
"""A contender that is done sooner, in seconds, runs again within its turn."""


@dataclass(frozen=True)
class Speed:
    """How fast a contender runs a workload.

    Parameters
    ----------
    workload, contender : str
        Their names.
    rate : float or None
        Million agent-steps (coordinate-steps) per second, the best of all repeats; None where it
        did not take part.
    reason : str
        Why it did not.
    """

    workload: str
    contender: str
    rate: float | None
    reason: str = ""


def measure(
    entries: Sequence[tuple[Workload, Contender]],
    repeats: int,
    say: Callable[[str], None] = lambda _: None,
) -> list[Speed]:
    """Time contenders on workloads in turn.

    Parameters
    ----------
    entries : sequence of (Workload, Contender)
        Who runs what. All of them take one turn, then all of them another, and so on.
    repeats : int
        Number of turns.
    say : callable
        Told what is going on.

    Returns
    -------
    list of Speed
        In the order of `entries`.
    """
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
