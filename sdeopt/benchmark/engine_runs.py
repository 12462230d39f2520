"""The engine: its speed for every way to give it a loss, and the time of its first call."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from sdeopt import losses, math, noise
from sdeopt.benchmark.timing import Array, Contender, Runner, UnavailableError, timed
from sdeopt.benchmark.workloads import Workload
from sdeopt.losses import Loss


def engine(name: str, threads: int = 1) -> Contender:
    """Return the engine with some threads: all that `sdeopt.simulate` does, after it has compiled."""

    def prepare(workload: Workload) -> Runner:
        return _prepared(workload, workload.loss(), threads)

    return Contender(name, prepare)


def _prepared(workload: Workload, loss: Loss, threads: int = 1) -> Runner:
    def run(steps: int) -> Array:
        return workload.simulate(steps, threads=threads, loss=loss)

    run(2)
    # several threads are timed by the wall clock
    return timed(run, None if threads == 1 else time.perf_counter)


def _from_sympy(workload: Workload) -> Runner:
    try:
        import sympy  # noqa: F401
    except ImportError:
        raise UnavailableError("sympy is not installed") from None
    written = workload.loss().expression()
    if written is None:
        raise UnavailableError("the loss has no sympy form")
    return _prepared(workload, losses.from_sympy(*written))


def _from_functions(workload: Workload) -> Runner:
    slopes: list[float] = workload.slopes().tolist()
    cubic, linear, constant, slope_1, slope_2, frequency_1, frequency_2 = slopes
    amplitude_1, amplitude_2 = -slope_1 / frequency_1, -slope_2 / frequency_2

    def value(x: float) -> float:
        waves = amplitude_1 * math.cos(frequency_1 * x) + amplitude_2 * math.cos(frequency_2 * x)
        return ((cubic / 4.0 * x * x + linear / 2.0) * x + constant) * x + waves

    def gradient(x: float) -> float:
        waves = slope_1 * math.sin(frequency_1 * x) + slope_2 * math.sin(frequency_2 * x)
        return (cubic * x * x + linear) * x + constant + waves

    return _prepared(workload, losses.from_functions(value, gradient))


def _student(workload: Workload) -> Runner:
    law = noise.StudentT(degrees=5.0, width=workload.scale * 0.6**0.5)

    def run(steps: int) -> Array:
        return workload.simulate(steps, noise=law)

    run(2)
    return timed(run)


ENGINE = engine("engine")
STUDENT = Contender("engine, Student's t noise of the same variance", _student)
FROM_SYMPY = Contender("engine, gradient from_sympy", _from_sympy)
FROM_FUNCTIONS = Contender("engine, gradient from_functions", _from_functions)


FIRST_CALL = """\
import time
begin = time.process_time()
from sdeopt.benchmark.workloads import WORKLOADS
imported = time.process_time()
WORKLOADS[{name!r}].simulate(2)
first = time.process_time()
WORKLOADS[{name!r}].simulate(2)
print(imported - begin, 2.0 * first - imported - time.process_time())
"""


@dataclass(frozen=True)
class Compilation:
    """Seconds of a first call, less those of a second one."""

    workload: str
    importing: float
    compiling: float
    loading: float


def measure_compilation(workload: str) -> Compilation:
    """Run a workload's first call in two new processes."""
    with tempfile.TemporaryDirectory(prefix="sdeopt-bench-") as folder:
        _, compiling = _first_call(workload, folder)
        importing, loading = _first_call(workload, folder)
    return Compilation(workload, importing, compiling, loading)


def _first_call(workload: str, cache: str) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_CALL.format(name=workload)],
        env={**os.environ, "SDEOPT_CACHE_DIR": cache},
        capture_output=True,
        text=True,
        check=True,
    )
    importing, calling = done.stdout.split()
    return float(importing), float(calling)
