"""A run in a TOML file: what ``sdeopt simulate FILE.toml`` gives to `sdeopt.simulate`.

Top-level keys are the arguments of `sdeopt.simulate`. The tables ``[loss]``, ``[algorithm]``,
``[noise]``, ``[start]``, ``[record]`` and ``[clock]`` name a class and its parameters; a number may be
a table that names a schedule, and the ``graph`` of an algorithm one that names a graph. A loss may be
written out instead::

    [loss]
    expression = "x**4 - 4*x**2 + cos(5*x)"
    symbols = ["x"]
"""

import inspect
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from sdeopt import algorithms, clock, graphs, losses, noise, record, schedules, start, statistics
from sdeopt.errors import InvalidArgumentError, OutputError, unknown_name
from sdeopt.run_files.expressions import parse_expression
from sdeopt.simulation.engine import ARGUMENTS

SECTIONS: dict[str, tuple[ModuleType, type]] = {
    "loss": (losses, losses.Loss),
    "algorithm": (algorithms, algorithms.Algorithm),
    "noise": (noise, noise.NoiseLaw),
    "start": (start, start.Start),
    "record": (record, record.Record),
    "clock": (clock, clock.Clock),
}

TO_BE_SUBCLASSED = (
    algorithms.Algorithm, algorithms.Communicating, algorithms.Coupled, noise.NoiseLaw,
)  # fmt: skip
"""Not abstract for Python, yet nothing to simulate."""

REQUIRED = ("loss", "algorithm", "start", "steps", "step_size")

COUNTED = (
    statistics.Histogram, statistics.Histogram2D, statistics.Occupancy, statistics.Quantiles,
    statistics.FirstPassage,
)  # fmt: skip
SETS = (statistics.Box, statistics.Sublevel)
"""What an entry of the statistics may name, and the sets in it."""

NOT_IN_A_FILE = ("increments", "progress")
"""Arguments that are arrays, or belong to the command line."""


def read_run_file(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the arguments of `sdeopt.simulate` that a file describes."""
    return arguments_of(read_toml(path))


def read_toml(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what a run file holds."""
    file = Path(path)
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise OutputError(
            f"the run file {file} cannot be read: {problem.strerror}; check the path."
        ) from problem
    except ValueError as problem:  # not TOML, or not even text
        raise InvalidArgumentError(f"the run file {file} is not TOML: {problem}.") from problem


def arguments_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `sdeopt.simulate` that a mapping describes."""
    known = [name for name in ARGUMENTS.parameters if name not in NOT_IN_A_FILE]
    if "sweep" in content:
        raise InvalidArgumentError(
            "the run file has a table [sweep], so it is many runs; run it with `sdeopt sweep`."
        )
    for key in content:
        if key not in known:
            raise unknown_name("key of a run file called", key, known)
    missing = [key for key in REQUIRED if key not in content]
    if missing:
        raise InvalidArgumentError(f"the run file lacks {', '.join(missing)}; add what is missing.")
    return {key: argument(key, entry) for key, entry in content.items()}


def argument(key: str, entry: Any) -> Any:
    """Return the argument that an entry at the top level describes."""
    if key in SECTIONS:
        return _section(key, entry)
    return _statistics(entry) if key == "statistics" else _value(entry, f"'{key}'")


def setting(section: str, key: str, entry: Any) -> Any:
    """Return the value of a key of a table; a table in it is what `sdeopt simulate` takes it for."""
    return _value(entry, f"[{section}] {key}")


def _section(key: str, table: Any) -> Any:
    """Return the object that a table such as [algorithm] describes."""
    if not isinstance(table, dict):
        raise InvalidArgumentError(
            f"'{key}' of the run file must be a table with a name, as in [{key}] name = \"...\"."
        )
    if key == "loss" and "expression" in table:
        return _written_loss(table)
    module, base = SECTIONS[key]
    return _build(table, f"[{key}]", _offered(module, base))


def _value(value: Any, where: str) -> Any:
    """Return a value of the file; a table in it names a schedule, a graph, a law or a set."""
    if isinstance(value, dict) and where in ("[algorithm] graph", "[rule] graph"):
        return _build(value, where, _offered(graphs, graphs.AgentGraph))
    if isinstance(value, dict) and where.startswith("[noise] law"):
        return _build(value, where, _offered(noise, noise.NoiseLaw))
    if isinstance(value, dict) and where.startswith("'statistics' region"):
        return _build(value, where, {kind.__name__: kind for kind in SETS})
    if isinstance(value, dict):
        return _build(value, where, _offered(schedules, schedules.Schedule))
    if isinstance(value, list):
        return [_value(entry, where) for entry in value]
    return value


def _statistics(entries: Any) -> list[Any]:
    """Return the statistics: names, and tables that describe what is counted or looked for."""
    if not isinstance(entries, list):
        raise InvalidArgumentError(f"statistics is {entries!r}; give a list, as in ['loss'].")
    kinds = {kind.__name__: kind for kind in COUNTED}
    return [
        _build(entry, "'statistics'", kinds) if isinstance(entry, dict) else entry
        for entry in entries
    ]


def _build(table: Mapping[str, Any], where: str, offered: Mapping[str, type]) -> Any:
    """Return an instance of the class that a table names, with its parameters."""
    if "name" not in table:
        raise InvalidArgumentError(
            f"{where} of the run file has no name; add one of {_listed(offered)}."
        )
    name = str(table["name"])
    if name not in offered:
        raise unknown_name(f"choice for {where} called", name, offered)
    parameters = {
        key: _value(entry, f"{where} {key}") for key, entry in table.items() if key != "name"
    }
    known = inspect.signature(offered[name]).parameters
    for key in parameters:
        if key not in known:
            raise unknown_name(f"parameter of {name} called", key, known)
    required = [key for key, parameter in known.items() if parameter.default is parameter.empty]
    missing = [key for key in required if key not in parameters]
    if missing:
        raise InvalidArgumentError(f"{where} of the run file: {name} needs {', '.join(missing)}.")
    return offered[name](**parameters)


def _written_loss(table: Mapping[str, Any]) -> losses.Loss:
    """Return the loss of an expression."""
    for key in table:
        if key not in ("expression", "symbols"):
            raise unknown_name("parameter of a written loss called", key, ("expression", "symbols"))
    symbols = table.get("symbols", ["x"])
    if not isinstance(symbols, list) or not all(isinstance(name, str) for name in symbols):
        raise InvalidArgumentError(
            f"symbols is {symbols!r}; give a list of names, as in ['x', 'y']."
        )
    text = table["expression"]
    if not isinstance(text, str):
        raise InvalidArgumentError(f"expression is {text!r}; give it as text, as in 'x**4 - x**2'.")
    return losses.from_sympy(*parse_expression(text, symbols))


def _offered(module: ModuleType, base: type) -> dict[str, type]:
    """Return the classes of a module that a file may name."""
    found = {name: getattr(module, name) for name in module.__all__}
    return {
        name: kind
        for name, kind in found.items()
        if isinstance(kind, type)
        and issubclass(kind, base)
        and not inspect.isabstract(kind)
        and kind not in TO_BE_SUBCLASSED
    }


def _listed(names: Mapping[str, type]) -> str:
    return ", ".join(sorted(names))
