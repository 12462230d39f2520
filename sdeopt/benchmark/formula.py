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


def ripples(shift):
    return x**4 / 10 - x**2 + sympy.cos(5 * x + shift), x


def hills(shift):
    centres = ((1, 0), (-1, 0), (0, 1), (0, -1))
    terms = [sympy.exp(-((x - a - shift) ** 2) - (y - b) ** 2) for a, b in centres]
    return x**2 / 10 + y**2 / 10 - sum(terms), (x, y)


def seconds(formula, shift):
    begin = time.process_time()
    so.simulate(
        so.losses.from_sympy(*formula(shift)), so.QSGD(1.0), noise=so.noise.Uniform(1.0), agents=8,
        replicas=8, steps=10, step_size=0.01, start=so.start.Point(0.0), threads=1, progress=False,
    )
    return time.process_time() - begin


for formula in (ripples, hills):
    seconds(formula, sympy.Rational(1, 7))
    print(min(seconds(formula, sympy.Rational(1, n)) for n in (3, 5)))
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
