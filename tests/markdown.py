"""The programs and commands that pages of Markdown print: they run, and print what is promised."""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def blocks(text, language):
    """Return the blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def promises(program):
    """Return the numbers in the comments behind a program's calls of print."""
    return re.findall(r"^print\(.*\)  # (-?\d+\.\d+)$", program, flags=re.MULTILINE)


def run_programs(text):
    """Run the programs of a page, a later one goes on from an earlier one; compare what they print."""
    names = {}
    for program in blocks(text, "python"):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(program, "page", "exec"), names)
        promised = promises(program)
        if not promised:
            continue
        numbers = [float(line) for line in printed.getvalue().split()]
        digits = [len(number.partition(".")[2]) for number in promised]
        assert [round(*pair) for pair in zip(numbers, digits, strict=True)] == [
            float(number) for number in promised
        ], program


def run_commands(text, folder):
    """Run the commands behind dollar signs in a folder that has the examples of the project."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    # the `sdeopt` of this environment, whatever else is installed
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    commands = re.findall(r"^\$ (.*)$", "\n".join(blocks(text, "console")), flags=re.MULTILINE)
    for command in commands:
        done = subprocess.run(
            command.split(),
            cwd=folder,
            env=os.environ | {"PATH": path},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
    return commands
