"""Ratios of two programs that do the same steps: where the engine used to lose its speed.

Both take turns and the best turn of each counts, in processor time of one thread.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sdeopt import graphs, losses, noise, record, start
from sdeopt.algorithms import QSGD
from sdeopt.benchmark import array_rivals
from sdeopt.benchmark.outcome import Verdict
from sdeopt.benchmark.rivals import NUMBA
from sdeopt.benchmark.timing import busy_clock
from sdeopt.benchmark.workloads import SEED, WORKLOADS
from sdeopt.losses import Loss
from sdeopt.losses.finite_sum import FiniteSum
from sdeopt.simulation.engine import simulate

Program = Callable[[], object]


@dataclass(frozen=True)
class Pair:
    """Two programs; the ratio is the first one's speed over the second one's."""

    what: str
    target: float
    prepare: Callable[[], tuple[Program, Program]]


def _run(loss: Loss, algorithm: QSGD, law: noise.NoiseLaw | None, **settings: Any) -> Program:
    """Return a program that simulates on one thread."""
    given: dict[str, Any] = {"start": start.Point(0.0), "seed": SEED} | settings
    return lambda: simulate(loss, algorithm, noise=law, threads=1, progress=False, **given)


def _one_replica(agents: int) -> Callable[[], tuple[Program, Program]]:
    def prepare() -> tuple[Program, Program]:
        steps = 1_000_000 // agents
        workload = replace(WORKLOADS["W1"], replicas=1, agents=agents, steps=steps)
        loop = NUMBA.prepare(workload)
        return lambda: workload.simulate(steps), lambda: loop(steps)

    return prepare


PLACES = {"agents": 10, "replicas": 10, "step_size": 0.01}
SHAPE = (10, 10)


def _dense(dim: int, steps: int) -> Callable[[], tuple[Program, Program]]:
    def prepare() -> tuple[Program, Program]:
        random = np.random.default_rng(SEED).normal(size=(dim, dim))
        loss = losses.Quadratic(random @ random.T / dim + np.eye(dim))
        gradient = array_rivals.quadratic(loss, 1.0)
        return (
            _run(loss, QSGD(1.0), noise.Gaussian(1.0), steps=steps, **PLACES),
            lambda: array_rivals.descend(gradient, (*SHAPE, dim), steps, 0.01, 1.0),
        )

    return prepare


def regression(kind: str, dim: int, examples: int = 2000) -> FiniteSum:
    """Return a loss on random data."""
    random = np.random.default_rng(SEED)
    features = random.normal(size=(examples, dim))
    targets = features @ random.normal(size=dim) + random.normal(size=examples)
    if kind == "logistic":
        return losses.LogisticRegression(features, np.sign(targets))
    return losses.LeastSquares(features, targets)


def _sums(
    kind: str, dim: int, batch: int | None, steps: int
) -> Callable[[], tuple[Program, Program]]:
    def prepare() -> tuple[Program, Program]:
        loss = regression(kind, dim)
        law: noise.NoiseLaw = noise.Gaussian(1.0) if batch is None else noise.Minibatch(batch)
        gradient = (
            array_rivals.whole_sum(loss, 1.0)
            if batch is None
            else array_rivals.minibatch(loss, batch)
        )
        return (
            _run(loss, QSGD(1.0), law, steps=steps, **PLACES),
            lambda: array_rivals.descend(gradient, (*SHAPE, dim), steps, 0.01, 1.0),
        )

    return prepare


WIDE: dict[str, Any] = {"agents": 100, "replicas": 200, "step_size": 0.04, "steps": 2000}


def _laws() -> tuple[Program, Program]:
    loss = losses.Quadratic(1.0)
    return (
        _run(loss, QSGD(8.0), noise.StudentT(5.0), **WIDE),
        _run(loss, QSGD(8.0), noise.Gaussian(1.0), **WIDE),
    )


def _recorded() -> tuple[Program, Program]:
    loss, law = losses.RuggedWell(), noise.Uniform(7.0)
    kept = {"record": record.Every(10), "statistics": ["loss"]}
    return _run(loss, QSGD(8.0), law, **WIDE, **kept), _run(loss, QSGD(8.0), law, **WIDE)


def _observed() -> tuple[Program, Program]:
    loss, law = regression("logistic", 30, 569), noise.Minibatch(16)
    settings = {"agents": 8, "replicas": 16, "steps": 1000, "step_size": 0.1}
    return (
        _run(loss, QSGD(0.5), law, statistics=["loss"], **settings),
        _run(loss, QSGD(0.5), law, **settings),
    )


def _ring() -> tuple[Program, Program]:
    loss, law = losses.RuggedWell(), noise.Uniform(7.0)
    settings = {"agents": 1000, "replicas": 20, "steps": 1000, "step_size": 0.04}
    return (
        _run(loss, QSGD(8.0, graph=graphs.Ring()), law, **settings),
        _run(loss, QSGD(8.0), law, **settings),
    )


def _delayed() -> tuple[Program, Program]:
    loss, law = losses.RuggedWell(), noise.Uniform(7.0)
    return _run(loss, QSGD(2.0, delay=10), law, **WIDE), _run(loss, QSGD(2.0), law, **WIDE)


PAIRS: Mapping[str, Sequence[Pair]] = {
    "few": (
        Pair("one replica, p = 1: engine / numba loop", 1.0, _one_replica(1)),
        Pair("one replica, p = 4: engine / numba loop", 1.5, _one_replica(4)),
    ),
    "dense": tuple(
        Pair(f"dense quadratic, n = {dim}: engine / numpy", target, _dense(dim, steps))
        for dim, target, steps in ((100, 1.5, 400), (500, 0.8, 30), (1000, 0.8, 8))
    ),
    "sums": tuple(
        Pair(
            f"{kind}, d = {dim}, {'all data' if batch is None else f'batch {batch}'}: engine / numpy",
            target,
            _sums(kind, dim, batch, steps),
        )
        for kind in ("least squares", "logistic")
        for dim, batch, target, steps in (
            (20, 32, 3.0, 300),
            (200, 32, 3.0, 40),
            (20, None, 2.5, 100),
            (200, None, 1.3, 20),
        )
    ),
    "laws": (Pair("Student's t / Gaussian", 0.5, _laws),),
    "observed": (
        Pair("recorded every 10 steps, losses each step / nothing", 0.6, _recorded),
        Pair("logistic, 569 × 30, batch 16: loss of all data / nothing", 0.6, _observed),
    ),
    "links": (
        Pair("ring of 1,000 agents / complete graph", 0.7, _ring),
        Pair("delay 10 / no delay", 0.8, _delayed),
    ),
}
"""All pairs, by the names that ``sdeopt bench`` takes beside those of workloads."""


def compare(pair: Pair, repeats: int) -> Verdict:
    """Let both programs of a pair take turns."""
    programs, now = pair.prepare(), busy_clock()
    best = [float("inf")] * 2
    for program in programs:
        program()  # compiled
    for _ in range(repeats):
        for index, program in enumerate(programs):
            begin = now()
            program()
            best[index] = min(best[index], now() - begin)
    return Verdict(pair.what, best[1] / best[0], pair.target)
