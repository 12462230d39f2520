"""What ``sdeopt check`` reads: a TOML file, an object in a Python file, constants as text.

A file in TOML has the keys of `sims.check.check`; loss, algorithm, noise and clock as
`sdeopt.run_files.run_file` reads them, and a table ``[constants]``::

    agents = 8
    step_size = 0.1
    box = [-2, 2]
    loss = {expression = "x**2 + x**4/4", symbols = ["x"]}
    algorithm = {name = "QSGD", coupling = 1}
    noise = {name = "Gaussian", standard_deviation = 1}
"""

import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.losses.loss import Loss
from sdeopt.run_files.objects import named_object
from sdeopt.run_files.run_file import argument, read_toml
from sims.check.checking import check

REQUIRED = ("loss", "algorithm", "noise", "step_size")

OF_A_RUN = ("steps", "start", "record", "statistics", "statistics_every", "threads", "chunk")
"""Keys of a run file that a check does not use: it has rules of its own for them."""


def arguments_in(target: str, loss: str | None = None) -> tuple[dict[str, Any], list[str]]:
    """Return the arguments of a check."""
    in_toml = ":" not in Path(target).name
    content = read_toml(target) if in_toml else named_object(target)
    if not isinstance(content, Mapping):
        raise InvalidArgumentError(
            f"{target} is {content!r:.60}; name a mapping of arguments, or give a loss with --loss "
            "beside a TOML file that has the rest."
        )
    known = [name for name in inspect.signature(check).parameters if name != "progress"]
    unused = [key for key in content if key in OF_A_RUN and key not in known]
    for key in content:
        if key not in known and key not in unused:
            raise unknown_name("key of a check called", str(key), known)
    arguments = {
        key: _read(key, entry) if in_toml else entry
        for key, entry in content.items()
        if key in known and not (key == "loss" and loss)
    }
    if loss:
        arguments["loss"] = _loss(loss)
    missing = [key for key in REQUIRED if key not in arguments]
    if missing:
        raise InvalidArgumentError(f"{target} lacks {', '.join(missing)}; add what is missing.")
    return arguments, unused


def stated_constants(texts: Iterable[str]) -> dict[str, Any]:
    """Return constants that are given as text."""
    found = {}
    for text in texts:
        for part in text.split(","):
            name, equals, value = (word.strip() for word in part.partition("="))
            try:
                found[name] = float(value)
            except ValueError:
                equals = ""
            if not (name and equals):
                raise InvalidArgumentError(
                    f"--constants was given '{part.strip()}'; write NAME=VALUE, as in l=1,L=4."
                )
    return found


def _read(key: str, entry: Any) -> Any:
    # a table of constants is no schedule
    return entry if key in ("constants", "box") else argument(key, entry)


def _loss(place: str) -> Loss:
    found = named_object(place)
    if not isinstance(found, Loss):
        raise InvalidArgumentError(
            f"--loss names {found!r:.60}; give a loss, from sdeopt.losses.from_functions for one."
        )
    return found
