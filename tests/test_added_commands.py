"""Subcommands that installed packages add to `sdeopt`."""

import subprocess
import sys
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from sdeopt.cli import app
from sdeopt.errors import InvalidArgumentError
from tests.fake_experiment import Point
from tests.test_cli import sentence


def greet(name: str, loud: Annotated[bool, typer.Option("--loud")] = False) -> None:
    """Greet somebody."""
    if name == "nobody":
        raise InvalidArgumentError("nobody is no name; give another.")
    print(f"HELLO {name}" if loud else f"hello {name}")


@pytest.fixture
def sdeopt(monkeypatch):
    """Return the command with the commands that are given by name; an exception is a broken one."""

    def call(*words, **commands):
        points = [Point(name, thing) for name, thing in commands.items()]
        monkeypatch.setattr(
            "sdeopt.commands.extension.entry_points", lambda group: [*points, *points]
        )
        return CliRunner().invoke(app, words, env={"COLUMNS": "200"})

    return call


BROKEN = ModuleNotFoundError("No module named 'no_such_package'")


def test_a_package_adds_a_command(sdeopt):
    done = sdeopt("greet", "Ann", "--loud", greet=greet)
    assert (done.exit_code, done.stdout) == (0, "HELLO Ann\n")
    assert "Greet somebody." in sdeopt("--help", greet=greet).stdout
    assert "--loud" in sdeopt("greet", "--help", greet=greet).stdout


def test_its_errors_are_one_sentence(sdeopt):
    assert sentence(sdeopt("greet", "nobody", greet=greet)) == (
        "sdeopt: nobody is no name; give another.\n"
    )


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (BROKEN, "ModuleNotFoundError: No module named 'no_such_package'"),
        (SystemExit(3), "SystemExit: 3"),
        (ImportError("no [bold]torch[/bold]"), "ImportError: no [bold]torch[/bold]"),
        (42, "TypeError: stranger:bad is no function but 42"),
    ],
)
def test_a_broken_one_is_named_and_breaks_no_other(sdeopt, problem, reason):
    commands = {"bad": problem, "greet": greet}
    assert sdeopt("greet", "Ann", **commands).stdout == "hello Ann\n"
    shown = sdeopt("--help", **commands)
    assert shown.exit_code == 0
    assert f"Cannot be used: {reason}." in shown.stdout
    for words in (("bad",), ("bad", "file", "--loud", "-x")):
        assert sentence(sdeopt(*words, **commands)) == (
            f"sdeopt: the command 'bad' cannot be used: {reason}; "
            "repair or remove the package that registers stranger:bad.\n"
        )


def test_it_cannot_replace_a_command_of_sdeopt(sdeopt):
    assert "Change a setting" in sdeopt("run", "--help", run=greet).stdout
    assert "Greet" not in sdeopt("--help", run=greet).stdout


def test_without_any_the_others_are_there(sdeopt):
    done = sdeopt("check", "bowl.toml")
    assert done.exit_code == 2
    assert "No such command 'check'" in done.stderr


@pytest.mark.parametrize(
    "words", [["--help"], ["check", "--help"], ["verify", "--help"], ["simulate", "--help"]]
)
def test_help_is_shown_without_what_is_slow_to_import(words):
    slow = ("numpy", "numba", "xarray", "torch", "sympy", "matplotlib")
    script = (
        "import sys; from sdeopt.cli import app; app(standalone_mode=False); "
        f"loaded = [name for name in {slow} if name in sys.modules]; "
        "assert not loaded, loaded"
    )
    done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Usage: " in done.stdout


def test_list_imports_neither_torch_nor_sympy_nor_matplotlib():
    script = (
        "import sys; from sdeopt.cli import app; app(standalone_mode=False); "
        "assert not {'torch', 'sympy', 'matplotlib'} & {*sys.modules}"
    )
    words = [sys.executable, "-c", script, "list"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "fig1" in done.stdout
