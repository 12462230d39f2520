"""``sdeopt data``: the published data sets, listed or fetched."""

import functools
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sdeopt.commands.extension import with_extra
from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.streams import on_terminal

if TYPE_CHECKING:
    from nets.downloads.fetching import Progress

FOLDER_VARIABLE = "SDEOPT_DATA"


def data(
    action: Annotated[Literal["list", "get"], typer.Argument(help="list, or get NAME ...")],
    names: Annotated[list[str] | None, typer.Argument(help="What to get.")] = None,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="The data directory.", show_default="SDEOPT_DATA")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="List them as JSON.")] = False,
) -> None:
    """List the published data sets, or fetch some into the data directory.

    Fetched files are checked, and lie where nets.data.load reads them:
    name the folder by SDEOPT_DATA. A download that was stopped goes on.

    Example: "sdeopt data list"; then "sdeopt data get mnist --dir FOLDER".
    """
    from nets.downloads.published import SOURCES

    home = _home(folder)
    if action == "list":
        if names:
            raise InvalidArgumentError("data list takes no names; did you mean data get?")
        _list(home, as_json)
        return
    if not names:
        raise InvalidArgumentError(f"data get needs names; there are {', '.join(SOURCES)}.")
    for name in names:
        if name not in SOURCES:
            raise unknown_name("data set to fetch called", name, SOURCES)
    if home is None:
        raise InvalidArgumentError(
            f"no data directory is named; give one by --dir, or by {FOLDER_VARIABLE}."
        )
    for name in names:
        with_extra(functools.partial(_get, name, home), "sdeopt data", "sdeopt[data]")


def _home(folder: Path | None) -> Path | None:
    named = os.environ.get(FOLDER_VARIABLE, "").strip()
    return folder if folder is not None else Path(named).expanduser() if named else None


def _is_there(name: str, home: Path | None) -> bool:
    from nets.downloads.published import SOURCES

    targets = [path for file in SOURCES[name].files for path in file.targets]
    return home is not None and all((home / path).exists() for path in targets)


def _list(home: Path | None, as_json: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from nets.downloads.published import SOURCES

    if as_json:
        rows = [
            {"name": name, "megabytes": source.megabytes, "title": source.title,
             "here": _is_there(name, home)}
            for name, source in SOURCES.items()
        ]  # fmt: skip
        print(json.dumps({"folder": None if home is None else str(home), "data": rows}))
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("name", "MB", "what", "here"):
        table.add_column(heading, no_wrap=heading == "name")
    for name, source in SOURCES.items():
        here = "yes" if _is_there(name, home) else "no"
        table.add_row(name, f"{source.megabytes:g}", source.title, here)
    console = Console()
    console.print(table)
    console.print(f"here: {home or 'no data directory is named (SDEOPT_DATA or --dir)'}")


def _get(name: str, home: Path) -> None:
    from nets.downloads.fetching import fetch
    from nets.downloads.published import SOURCES

    if _is_there(name, home):
        print(f"{name}: is in {home} already")
        return
    for file in SOURCES[name].files:
        if all((home / path).exists() for path in file.targets):
            continue
        with _bar(file.name) as progress:
            checked = fetch(file, home, progress)
        print(f"{name}: {file.name}, {checked}")


@contextmanager
def _bar(title: str) -> Iterator["Progress | None"]:
    """Yield what shows the bytes that are there: a bar on a terminal, nothing anywhere else."""
    if not on_terminal():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=None)
        yield lambda have, total: bar.update(task, completed=have, total=total or None)
