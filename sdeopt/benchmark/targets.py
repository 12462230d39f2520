"""What the engine should reach, as ratios of speeds measured in one run."""

from collections.abc import Sequence
from dataclasses import dataclass

from sdeopt.benchmark.engine_runs import ENGINE, FROM_FUNCTIONS, FROM_SYMPY
from sdeopt.benchmark.limit_program import LIMIT
from sdeopt.benchmark.numpy_rival import NUMPY
from sdeopt.benchmark.timing import Speed

__all__ = ["FEW_AGENTS", "LONGEST_COMPILATION", "Verdict", "judge", "threads_name"]

FEW_AGENTS = (1, 4, 10)
"""Numbers of agents whose speed is compared with that of the workload's many."""

LONGEST_COMPILATION = 15.0
"""Seconds that a first call may take to compile."""

OF_LIMIT = {"W1": 0.75, "W1g": 0.7, "W3": 0.7, "W2": 0.7}
OF_NUMPY = {"W1": 12.0, "W1g": 8.0, "W3": 2.5, "W2": 8.0}
OF_THREADS = 0.8
OF_MANY_AGENTS = 1.0 / 1.5
OF_BUILT_IN = 0.9


@dataclass(frozen=True)
class Verdict:
    """One ratio and its target.

    Parameters
    ----------
    what : str
        The ratio in words.
    value : float or None
        What was measured; None where a side did not take part.
    target : float
        The least that is wanted.
    """

    what: str
    value: float | None
    target: float

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where nothing was measured."""
        return None if self.value is None else self.value >= self.target


def threads_name(threads: int) -> str:
    """Return the name of the engine with several threads."""
    return f"engine, {threads} threads"


def judge(speeds: Sequence[Speed], threads: int) -> list[Verdict]:
    """Compare speeds with the targets.

    Parameters
    ----------
    speeds : sequence of Speed
        As measured, of some workloads or all.
    threads : int
        How many threads the threaded run had.

    Returns
    -------
    list of Verdict
        For the workloads that are there.

    Examples
    --------
    >>> from sdeopt.benchmark.timing import Speed
    >>> from sdeopt.benchmark.targets import judge
    >>> verdict = judge([Speed("W2", "engine", 90.0), Speed("W2", "numpy", 10.0)], threads=2)[1]
    >>> verdict.what, verdict.value, verdict.met
    ('W2: engine / numpy', 9.0, True)
    """
    rates = {(speed.workload, speed.contender): speed.rate for speed in speeds}

    def ratio(workload: str, contender: str, base: str, of: str = ENGINE.name) -> float | None:
        above, below = rates.get((workload, contender)), rates.get((base, of))
        return above / below if above is not None and below is not None else None

    verdicts = []
    for name in dict.fromkeys(workload for workload, _ in rates if workload in OF_LIMIT):
        for rival, target in ((LIMIT.name, OF_LIMIT[name]), (NUMPY.name, OF_NUMPY[name])):
            value = ratio(name, ENGINE.name, name, rival)
            verdicts.append(Verdict(f"{name}: engine / {rival}", value, target))
        value = ratio(name, threads_name(threads), name)
        what = f"{name}: {threads} threads / 1 thread"
        verdicts.append(Verdict(what, value, OF_THREADS * threads))
    if ("W1", ENGINE.name) in rates:
        for agents in FEW_AGENTS:
            value = ratio(f"W1, p = {agents}", ENGINE.name, "W1")
            verdicts.append(Verdict(f"W1: {agents} agents / 100 agents", value, OF_MANY_AGENTS))
        for contender in (FROM_SYMPY.name, FROM_FUNCTIONS.name):
            what = f"W1: {contender.removeprefix('engine, ')} / built in"
            verdicts.append(Verdict(what, ratio("W1", contender, "W1"), OF_BUILT_IN))
    return verdicts
