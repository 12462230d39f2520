"""The programs and commands that pages of Markdown print: they run, and print what is promised."""

import ast
import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).parent.parent


def blocks(text, language):
    """Return the blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def promises(program):
    """Return the comments behind a program's calls of print, which say what is printed."""
    return re.findall(r"^print\(.*\)  # (.*)$", program, flags=re.MULTILINE)


def run_programs(text):
    """Run the programs of a page, a later one goes on from an earlier one; compare what they print."""
    names = {}
    for program in blocks(text, "python"):
        lines = program.splitlines()
        for statement in ast.parse(program).body:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(ast.Module([statement], []), "page", "exec"), names)
            source = "\n".join(lines[statement.lineno - 1 : statement.end_lineno])
            for promised in promises(source):
                assert agrees(printed.getvalue().strip(), promised), (
                    f"{source}\nprints {printed.getvalue()}"
                )


def agrees(printed, promised):
    """Return whether a text is what a comment says: a number to its digits, all else as it is."""
    found, wanted = literal(printed), literal(promised)
    if type(wanted) is float and type(found) in (float, int):
        return round(found, -Decimal(promised).as_tuple().exponent) == wanted
    return type(found) is type(wanted) and found == wanted


def literal(text):
    """Return the value that a text stands for, or the text itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


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
