"""What a new formula costs where another one has run: sympy, the compiler, the first result."""

import os
import subprocess
import sys
import tempfile

from sdeopt.benchmark.outcome import Verdict

PROGRAM = """\
import time
import sympy
import sdeopt as so

x, y = sympy.symbols("x y", real=True)


def seconds(formula, symbols):
    begin = time.process_time()
    so.simulate(
        so.losses.from_sympy(formula, symbols), so.QSGD(1.0), noise=so.noise.Uniform(1.0), agents=8,
        replicas=8, steps=10, step_size=0.01, start=so.start.Point(0.0), threads=1, progress=False,
    )
    return time.process_time() - begin


# what all formulas share is compiled with others, of the same numbers of coordinates
seconds(x**2 + sympy.sin(x), x)
seconds(x**2 + y**2 + sympy.sin(x * y), (x, y))
print(seconds(x**4 / 10 - x**2 + sympy.cos(5 * x + 1) + sympy.exp(-(x**2)), x))
centres = ((1, 0), (-1, 0), (0, 1), (0, -1))
hills = sum(sympy.exp(-((x - a) ** 2) - (y - b) ** 2) for a, b in centres)
print(seconds((x**2 + y**2) / 10 - hills, (x, y)))
"""

ALLOWED = {"one dimension": 2.0, "four exponentials in two dimensions": 3.0}
"""Processor-seconds of a new formula."""


def measure_formulas() -> list[Verdict]:
    """Compile new formulas in a process of its own, with an empty cache."""
    with tempfile.TemporaryDirectory(prefix="sdeopt-bench-") as folder:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "SDEOPT_CACHE_DIR": folder},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    return [
        Verdict(f"{seconds:g} CPU-seconds / a new formula, {name}", seconds / float(taken), 1.0)
        for (name, seconds), taken in zip(ALLOWED.items(), done.stdout.split(), strict=True)
    ]
