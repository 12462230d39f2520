"""What the first call costs: compiling into an empty cache, and loading in a second process.

Both are processor time, which on an idle machine is what the user waits.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass

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
