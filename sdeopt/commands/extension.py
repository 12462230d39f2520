"""Subcommands that installed packages add to ``sdeopt``, and what such subcommands share.

A package adds its own with, in ``setup.cfg``::

    [options.entry_points]
    sdeopt.commands =
        mine = my_package.my_module:my_command

``my_command`` is a function whose parameters and docstring typer reads. ``sdeopt --help`` imports the
modules of all of them, so a module imports what is slow to load inside its functions.
"""

import importlib.util
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

import typer
import typer.main
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from sdeopt.errors import InvalidArgumentError, reason_of
from sdeopt.streams import (
    on_terminal as on_terminal,  # for commands of packages that import no more
)

GROUP = "sdeopt.commands"
"""The entry-point group."""

WIDE = 160
"""Columns where there is no terminal: a row of a table should stay one line."""

Outcome = TypeVar("Outcome")


def added_commands() -> dict[str, Any]:
    """Return the commands of all packages by name; one that cannot be loaded says so when it runs."""
    points: dict[str, EntryPoint] = {}
    # One distribution can be seen twice, e.g. installed and in the working directory.
    for point in entry_points(group=GROUP):
        points.setdefault(point.name, point)
    return {name: _command(points[name]) for name in sorted(points)}


def _command(point: EntryPoint) -> Any:
    try:
        function = point.load()
        if not callable(function):
            raise TypeError(f"{point.value} is no function but {function!r}")
        return _parsed(point.name, function)
    except (Exception, SystemExit) as problem:  # the package may be broken in any way
        return _broken(point, reason_of(problem))


def _broken(point: EntryPoint, reason: str) -> Any:
    """Return a command that takes any arguments and raises an error with the reason."""

    def refuse() -> None:
        raise InvalidArgumentError(
            f"the command '{point.name}' cannot be used: {reason}; "
            f"repair or remove the package that registers {point.value}."
        )

    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    return _parsed(
        point.name, refuse, help=f"Cannot be used: {escape(reason)}.", context_settings=anything
    )


def _parsed(name: str, function: Callable[..., Any], **settings: Any) -> Any:
    app = typer.Typer(add_completion=False)
    app.command(name, **settings)(function)
    return typer.main.get_command(app)


def with_extra(action: Callable[[], Outcome], needed_by: str, extra: str) -> Outcome:
    """Do something that imports what an installation may lack; say how to install what is missing."""
    try:
        return action()
    except ModuleNotFoundError as problem:
        package = (problem.name or "").partition(".")[0]
        if package and importlib.util.find_spec(package) is not None:
            raise  # the package is installed, and one of its modules is missing
        raise InvalidArgumentError(
            f"{needed_by} needs {package or problem}, which is not installed; "
            f"install it with pip install '{extra}'."
        ) from None


def wide_console() -> Console:
    """Return the standard output: as wide as the terminal, or `WIDE`."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDE)


def print_line(console: Console, text: str, style: str = "") -> None:
    """Print text as it is; where there is no terminal on one line, because logs are searched by line."""
    # Text, because brackets in it are no markup
    console.print(Text(text, style), soft_wrap=not console.is_terminal)
