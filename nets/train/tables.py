"""Tables of a file, a name with settings: what does not fit or fails is said in one sentence."""

import inspect
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch.nn import functional

from sdeopt.arguments import flag
from sdeopt.errors import InvalidArgumentError, SdeoptError, reason_of, unknown_name
from sdeopt.run_files.objects import named_object

Table: TypeAlias = Mapping[str, Any]

LONGEST = 200
"""Letters of what is quoted in a sentence."""


def table_of(key: str, entry: object) -> dict[str, Any]:
    """Return the table that an entry is, or that its name stands for."""
    if isinstance(entry, str):
        return {"name": entry}
    if isinstance(entry, Mapping):
        return dict(entry)
    raise InvalidArgumentError(
        f"{key} is {entry!r}, but must be a name, or a table with a name; write {key} = "
        "{name = '...'}."
    )


def named_table(key: str, entry: object) -> tuple[str, dict[str, Any]]:
    """Return the name and the settings of an entry."""
    table = table_of(key, entry)
    if not isinstance(table.get("name"), str):
        raise InvalidArgumentError(f"the table {key} = {table} lacks a name; add name = '...'.")
    return table.pop("name"), table


@contextmanager
def explained(key: str, entry: object) -> Iterator[None]:
    """Say which entry of the file it was where torch, or a user's own code, fails on it."""
    try:
        yield
    except SdeoptError:
        raise
    except Exception as problem:  # their errors are of any kind
        table = table_of(key, entry)
        shown = _short(", ".join(f"{name} = {value!r}" for name, value in table.items()))
        said = _short(reason_of(problem))
        place = _where(problem, str(table.get("name")))
        raise InvalidArgumentError(
            f"{key} = {{{shown}}} cannot be used: {said}{place}; change what stands there."
        ) from problem


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."


def _where(problem: Exception, name: str) -> str:
    """Return the line of a user's own file that an error came from."""
    file = Path(name.rpartition(":")[0]).absolute()
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(problem.__traceback__)
        if Path(frame.filename) == file
    ]
    return f" ({file.name}, line {lines[-1]})" if lines else ""


def fit(kind: str, name: str, made: Callable[..., Any], options: Table, given: int = 0) -> None:
    """Refuse options that a function or class does not take, and what it needs beside those given."""
    try:
        parameters = [*inspect.signature(made).parameters.values()][given:]
    except (TypeError, ValueError):  # some that are written in C do not say it
        return
    single = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    taken = {each.name: each for each in parameters if each.kind in single}
    if not any(each.kind is each.VAR_KEYWORD for each in parameters):
        for option in options:
            if option not in taken:
                raise unknown_name(f"option of the {kind} '{name}'", option, taken)
    missing = [
        option
        for option, each in taken.items()
        if each.default is each.empty and option not in options
    ]
    if missing:
        raise InvalidArgumentError(
            f"the {kind} '{name}' needs {', '.join(missing)}; add it to its table, as in {kind} = "
            f"{{name = '{name}', {missing[0]} = ...}}."
        )


def own_object(key: str, name: str, options: Table) -> Any:
    """Return a user's object; if it is called, it takes the options."""
    found = named_object(name)
    if callable(found):
        fit(key, name, found, options)
    elif options:
        raise InvalidArgumentError(
            f"{name} is a {type(found).__name__}, which takes no settings, but {', '.join(options)} "
            f"is given; leave that out, or name a function."
        )
    return found


def from_torch(home: Any, base: type, kind: str, entry: object) -> Callable[..., Any]:
    """Return a class of torch with its settings, to be called with what it is for."""
    name, options = named_table(kind, entry)
    known = {
        each: thing
        for each, thing in vars(home).items()
        if isinstance(thing, type) and issubclass(thing, base) and thing is not base
    }
    if name not in known:
        raise unknown_name(kind, name, known)
    fit(kind, name, known[name], options, given=1)
    parameters = inspect.signature(known[name]).parameters
    for option, value in options.items():
        # torch takes any text for true
        if isinstance(parameters[option].default, bool):
            flag(value, f"{option} of the {kind} '{name}'")
    return partial(known[name], **options)


def criterion_of(name: str) -> Any:
    """Return the mean loss of outputs and targets that a name stands for."""
    if ":" in name:
        return named_object(name)
    known = {each: thing for each, thing in vars(functional).items() if _is_loss(thing)}
    if name not in known:
        raise unknown_name("criterion", name, known)
    return known[name]


def _is_loss(thing: object) -> bool:
    """Return whether a function of torch reduces two tensors, and needs no third."""
    if not inspect.isfunction(thing):
        return False
    parameters = inspect.signature(thing).parameters
    needed = [name for name, each in parameters.items() if each.default is each.empty]
    return "reduction" in parameters and needed == ["input", "target"]


def usable_device(place: torch.device | str) -> torch.device:
    """Return a device, on which something was computed."""
    try:
        device = torch.device(place)
        # of several processes each has its own GPU, of which "cuda" does not say the number
        if not (device.type == "cuda" and device.index is None and torch.cuda.is_available()):
            torch.zeros(1, device=device).cpu()
    except Exception as problem:  # torch has a kind of error for each kind of device
        raise InvalidArgumentError(
            f"device is '{place}', but torch cannot compute there: {_short(str(problem)).rstrip('.!')}; "
            "give cpu, or a device that this machine has."
        ) from problem
    return device
