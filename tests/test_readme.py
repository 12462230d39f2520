"""The README keeps its word: its programs run, its commands work, its links lead somewhere.

``make reproduce`` and ``make test`` are not run here, because the second runs this test: that they
exist is checked here, and the gate itself runs both.
"""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sdeopt.experiments.registry import entries

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)


def _promises(program: str) -> list[str]:
    """Return the numbers in the comments behind a program's calls of print."""
    return re.findall(r"^print\(.*\)  # (-?\d+\.\d+)", program, flags=re.MULTILINE)


def test_programs_print_what_their_comments_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # they write files
    names: dict[str, object] = {}  # one for all: a later program goes on from an earlier one
    programs = _blocks("python")
    assert any(_promises(program) for program in programs)
    for program in programs:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(program, "README.md", "exec"), names)
        numbers = [float(line) for line in printed.getvalue().split()]
        promised = _promises(program)
        digits = [len(number.partition(".")[2]) for number in promised]
        assert [round(*pair) for pair in zip(numbers, digits, strict=True)] == [
            float(number) for number in promised
        ]


def test_commands_work(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    commands = re.findall(r"^\$ (.*)$", "\n".join(_blocks("console")), flags=re.MULTILINE)
    assert commands
    # the `sdeopt` of this environment, whatever else is installed
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for command in commands:
        done = subprocess.run(
            command.split(),
            cwd=tmp_path,
            env=os.environ | {"PATH": path},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
    for written in (
        "trial/fig1/result.nc",
        "trial/fig1/fig1.pdf",
        "trial/report.html",
        "rugged_well.nc",
    ):
        assert (tmp_path / written).is_file()


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
def test_make_has_the_targets() -> None:
    targets = set(re.findall(r"(?:^|`)make ([a-z-]+)", TEXT, flags=re.MULTILINE))
    assert {"reproduce", "test"} <= targets
    for target in targets:
        dry_run = ["make", "--dry-run", target]
        subprocess.run(dry_run, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def test_links_and_folders_exist() -> None:
    links = re.findall(r"\]\(([^):]+)\)", TEXT)
    folders = re.findall(r"^\| `(\w+/)` \|", TEXT, flags=re.MULTILINE)
    assert links
    assert folders
    assert not [path for path in links + folders if not (ROOT / path).exists()]


def test_every_experiment_is_in_the_table() -> None:
    table = TEXT.partition("## What is reproduced")[2].partition("**What is reconstructed")[0]
    last_cells = re.findall(r"\| ([^|]*) \|$", table, flags=re.MULTILINE)
    listed = {name for cell in last_cells for name in re.findall(r"`(\w+)`", cell)}
    assert listed == {entry.name for entry in entries()}
