"""The result of a benchmark against its targets, as tables and as JSON."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
import numpy as np
from rich.console import Console
from rich.table import Table

from sdeopt.benchmark.engine_runs import ENGINE, FROM_FUNCTIONS, FROM_SYMPY, STUDENT, Compilation
from sdeopt.benchmark.limit_program import LIMIT
from sdeopt.benchmark.rivals import NUMPY
from sdeopt.benchmark.timing import Speed
from sdeopt.benchmark.workloads import WORKLOADS
from sdeopt.files import atomic_path
from sdeopt.version import __version__

FEW_AGENTS = (1, 4, 10)
"""Numbers of agents whose speed is compared with that of the workload's many."""

LONGEST_COMPILATION = 15.0
"""Seconds that a first call may take to compile."""

OF_LIMIT = {"W1": 0.75, "W1g": 0.7, "W3": 0.7, "W2": 0.7}
OF_NUMPY = {"W1": 12.0, "W1g": 8.0, "W3": 2.5, "W2": 8.0}
OF_THREADS = 0.8
OF_MANY_AGENTS = 1.0 / 1.5
OF_BUILT_IN = 0.9
OF_GAUSSIAN = 0.5


@dataclass(frozen=True)
class Verdict:
    """One ratio and its target."""

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
    """Compare speeds with the targets."""
    rates = {(speed.workload, speed.contender): speed.rate for speed in speeds}

    def ratio(workload: str, contender: str, base: str, of: str = ENGINE.name) -> float | None:
        above, below = rates.get((workload, contender)), rates.get((base, of))
        return above / below if above is not None and below is not None else None

    verdicts = []
    for name in dict.fromkeys(workload for workload, _ in rates if workload in OF_LIMIT):
        for rival, target in ((LIMIT.name, OF_LIMIT[name]), (NUMPY.name, OF_NUMPY[name])):
            value = ratio(name, ENGINE.name, name, rival)
            verdicts.append(Verdict(f"{name}: engine / {rival}", value, target))
        if WORKLOADS[name].law == "gaussian":
            what = f"{name}: Student's t / Gaussian noise"
            verdicts.append(Verdict(what, ratio(name, STUDENT.name, name), OF_GAUSSIAN))
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


def processor() -> str:
    """Return the processor's name, with the name of its kind that compilers use."""
    name = platform.processor() or platform.machine()
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text().splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    return f"{name} ({llvmlite.binding.get_host_cpu_name()})"


@dataclass(frozen=True)
class Report:
    """What a benchmark measured."""

    speeds: Sequence[Speed]
    verdicts: Sequence[Verdict]
    compilations: Sequence[Compilation]

    def as_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        return {
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "processor": processor(),
            "processors": os.cpu_count(),
            "versions": {
                "sdeopt": __version__,
                "python": platform.python_version(),
                "numpy": np.__version__,
                "numba": numba.__version__,
            },
            "unit": "million agent-steps (W2: coordinate-steps) per second",
            "speeds": [asdict(speed) for speed in self.speeds],
            "targets": [asdict(verdict) | {"met": verdict.met} for verdict in self.verdicts],
            "compilation": [asdict(compilation) for compilation in self.compilations],
        }

    def write(self, path: Path) -> None:
        """Write the JSON form."""
        with atomic_path(path) as temporary:
            temporary.write_text(json.dumps(self.as_dict(), indent=2) + "\n", encoding="utf-8")

    def show(self, console: Console) -> None:
        """Print the tables."""
        console.print(f"{processor()}, sdeopt {__version__}, numba {numba.__version__}")
        console.print(self._speed_table())
        for reason in self._skips():
            console.print(reason)
        console.print(self._verdict_table())
        for compilation in self.compilations:
            console.print(_sentence(compilation))

    def _speed_table(self) -> Table:
        table = Table(title="million agent-steps (W2: coordinate-steps) per second")
        table.add_column("workload")
        table.add_column("program")
        table.add_column("speed", justify="right")
        table.add_column("of the engine's", justify="right")
        engine = {
            speed.workload: speed.rate for speed in self.speeds if speed.contender == ENGINE.name
        }
        before = ""
        for speed in self.speeds:
            title = WORKLOADS[speed.workload].title if speed.workload in WORKLOADS else ""
            label = f"{speed.workload}: {title}" if title else speed.workload
            if before not in ("", speed.workload):
                table.add_section()
            first = label if speed.workload != before else ""
            before = speed.workload
            base = engine.get(speed.workload)
            if speed.rate is None:
                table.add_row(first, speed.contender, "skipped", "")
            else:
                part = f"{speed.rate / base:.2f}" if base else ""
                table.add_row(first, speed.contender, f"{speed.rate:.1f}", part)
        return table

    def _skips(self) -> list[str]:
        """Return one sentence for each reason to skip, with all that it applies to."""
        where: dict[tuple[str, str], list[str]] = {}
        for speed in self.speeds:
            if speed.rate is None:
                where.setdefault((speed.contender, speed.reason), []).append(speed.workload)
        return [
            f"{contender} skipped on {', '.join(names)}: {reason}."
            for (contender, reason), names in where.items()
        ]

    def _verdict_table(self) -> Table:
        table = Table(title="ratios and targets")
        table.add_column("ratio")
        table.add_column("measured", justify="right")
        table.add_column("target", justify="right")
        table.add_column("met")
        words = {True: "yes", False: "no", None: "not measured"}
        for verdict in self.verdicts:
            value = "" if verdict.value is None else f"{verdict.value:.2f}"
            table.add_row(verdict.what, value, f"≥ {verdict.target:.2f}", words[verdict.met])
        return table


def _sentence(compilation: Compilation) -> str:
    limit = LONGEST_COMPILATION
    met = "met" if compilation.compiling <= limit else "not met"
    return (
        f"{compilation.workload}: first call compiles for {compilation.compiling:.1f} s (target: "
        f"at most {limit:.0f} s, {met}); in a second process the kernel loads from disk in "
        f"{compilation.loading:.2f} s, after {compilation.importing:.2f} s of importing."
    )
