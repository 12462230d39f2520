"""The commands work in a folder whose files have the names of modules that they import."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHADOWS = ("math", "random", "sympy", "typing", "numpy", "theory")
SWEEP = """
agents = 2
replicas = 2
steps = 10
step_size = 0.01
loss = {name = "DoubleWell"}
algorithm = {name = "QSGD"}
noise = {name = "Uniform", half_width = 1.0}
start = {name = "Uniform", low = -3, high = 3}

[sweep]
algorithm.coupling = [0.5, 1.0]
"""

COMMAND = "from sdeopt.cli import main; main()"

VERIFY = f"""
from theory import registry
registry.names = lambda: ["adilova_lemma_1", "lemma_3_1"]
{COMMAND}
"""
"""Two results are enough to be derived in processes of their own."""

BENCHMARK = f"""
import os
from sdeopt import cli
from sdeopt.benchmark.engine_runs import _first_call
cli.app = lambda: print(_first_call("W1", os.environ["SDEOPT_CACHE_DIR"]))
{COMMAND}
"""
"""The part of ``sdeopt bench`` that runs in a new process."""


@pytest.fixture
def run(tmp_path, tmp_path_factory, monkeypatch):
    """Return a function that runs the command in a folder with files that no command may import."""
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name}.py was imported')\n")
    (tmp_path / "grid.toml").write_text(SWEEP)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)

    def call(*words, program=COMMAND, module=False):
        # Where a script lies comes first on the import path: as with the installed one, elsewhere.
        script = tmp_path_factory.mktemp("bin") / "sdeopt"
        script.write_text(f"if __name__ == '__main__':\n{textwrap.indent(program, '    ')}")
        start = ["-m", "sdeopt"] if module else [script]
        done = subprocess.run(
            [sys.executable, *start, *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=500,
        )
        assert "was imported" not in done.stdout + done.stderr
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


@pytest.mark.parametrize("start", ["script", "module"])
def test_a_command_imports_nothing_from_the_current_folder(run, start):
    assert "proved" in run("verify", "adilova_lemma_1", module=start == "module")


def test_processes_that_derive_import_nothing_from_it(run):
    assert "lemma_3_1" in run("verify", program=VERIFY)


def test_processes_that_sweep_import_nothing_from_it(run):
    assert "result.nc" in run("sweep", "grid.toml", "--workers", "1")


def test_processes_that_measure_import_nothing_from_it(run):
    assert run(program=BENCHMARK).startswith("(")
