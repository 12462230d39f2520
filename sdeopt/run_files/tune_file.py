"""A search in a TOML file: what ``sdeopt tune FILE.toml`` gives to `sdeopt.best_coupling`.

The keys are those of `sdeopt.best_coupling`, the tables those of a run file; the table
``[algorithm]`` names an algorithm without its coupling, which is sought.
"""

import inspect
import os
from collections.abc import Iterable, Mapping
from typing import Any

from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.configuration import read_setting, read_value, with_entry
from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.run_files.run_file import argument, read_toml
from sdeopt.tuning.best_coupling import best_coupling

CALLERS = ("folder", "progress")
"""What the command says, and the file does not."""
KEYS = tuple(name for name in inspect.signature(best_coupling).parameters if name not in CALLERS)
REQUIRED = ("loss", "noise", "agents", "step_size")


def read_tune_file(path: str | os.PathLike[str], settings: Iterable[str] = ()) -> dict[str, Any]:
    """Return the arguments of `sdeopt.best_coupling` that a file describes."""
    content = read_toml(path)
    for setting in settings:
        key, text = read_setting(setting)
        content = with_entry(content, key, read_value(text))
    for name in content:
        if name not in KEYS:
            raise unknown_name("key of a search called", name, KEYS)
    missing = [name for name in REQUIRED if name not in content]
    if missing:
        raise InvalidArgumentError(f"the file lacks {', '.join(missing)}; add what is missing.")
    found = {name: argument(name, entry) for name, entry in content.items() if name != "algorithm"}
    if "algorithm" in content:
        found["algorithm"] = _family(content["algorithm"])
    return found


def _family(table: Any) -> Any:
    """Return what makes the algorithm of a coupling."""
    if not isinstance(table, Mapping) or "coupling" in table:
        raise InvalidArgumentError(
            "[algorithm] of a search names an algorithm without its coupling, which is sought; "
            "leave the coupling out."
        )

    def coupled(coupling: float) -> Algorithm:
        made = argument("algorithm", {**table, "coupling": coupling})
        assert isinstance(made, Algorithm)
        return made

    coupled(0.0)  # so that a wrong name is told before anything runs
    return coupled
