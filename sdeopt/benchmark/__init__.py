"""How fast the engine is, against what a user would write and against the machine's limit.

``sdeopt bench`` calls `main`. Every ratio is of best times of one run, in which all programs take
turns; what is compared and why is in ``benchmarks/README.md`` of the repository.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from sdeopt.arguments import whole_number
from sdeopt.benchmark.engine_runs import (
    ENGINE,
    FROM_FUNCTIONS,
    FROM_SYMPY,
    STUDENT,
    engine,
    measure_compilation,
)
from sdeopt.benchmark.formula import measure_formulas
from sdeopt.benchmark.library_rivals import DIFFRAX, TORCHSDE
from sdeopt.benchmark.limit_program import LIMIT
from sdeopt.benchmark.outcome import FEW_AGENTS, Report, judge, threads_name
from sdeopt.benchmark.pairs import PAIRS, compare
from sdeopt.benchmark.rivals import NUMBA, NUMPY
from sdeopt.benchmark.timing import Contender, Runner, UnavailableError, measure
from sdeopt.benchmark.workloads import WORKLOADS, Workload
from sdeopt.errors import unknown_name
from sdeopt.files import check_place

__all__ = ["main"]

FORMULAS = "formula"
"""The name of the measurement of new formulas."""


def main(
    workloads: Sequence[str] | None = None,
    threads: int = 2,
    repeats: int = 5,
    out: Path | None = None,
) -> Report:
    """Measure, print the tables, and write them as JSON."""
    whole_number(threads, "threads", minimum=1)
    whole_number(repeats, "repeats", minimum=1)
    known = (*WORKLOADS, *PAIRS, FORMULAS)
    chosen = list(known) if workloads is None else list(dict.fromkeys(workloads))
    for name in chosen:
        if name not in known:
            raise unknown_name("workload", name, known)
    if out is not None:
        check_place(out, "the file of figures")
    names = [name for name in chosen if name in WORKLOADS]
    console = Console()
    speeds = []
    with console.status("") as status:
        for name in names:
            speeds += measure(_entries(WORKLOADS[name], threads), repeats, status.update)
        verdicts = judge(speeds, threads)
        for pair in (pair for name in chosen for pair in PAIRS.get(name, ())):
            status.update(pair.what)
            verdicts.append(compare(pair, repeats))
        status.update("compiling into an empty cache")
        if FORMULAS in chosen:
            verdicts += measure_formulas()
        compilations = [measure_compilation(name) for name in names[:1]]
    report = Report(speeds, verdicts, compilations)
    report.show(console)
    if out is not None:
        report.write(out)
    return report


def _entries(workload: Workload, threads: int) -> list[tuple[Workload, Contender]]:
    contenders = [ENGINE, _threaded(threads), LIMIT, NUMPY, NUMBA, DIFFRAX, TORCHSDE]
    if workload.name != "W1":
        contenders += [STUDENT] if workload.law == "gaussian" else []
        return [(workload, contender) for contender in contenders]
    contenders += [FROM_SYMPY, FROM_FUNCTIONS]
    few = [(workload.few_agents(agents), ENGINE) for agents in FEW_AGENTS]
    return [(workload, contender) for contender in contenders] + few


def _threaded(threads: int) -> Contender:
    contender = engine(threads_name(threads), threads)

    def prepare(workload: Workload) -> Runner:
        available = os.cpu_count() or 1
        if available < threads:
            raise UnavailableError(f"this machine has {available} processors")
        return contender.prepare(workload)

    return Contender(contender.name, prepare)
