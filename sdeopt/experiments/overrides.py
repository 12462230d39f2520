"""Changing fields of a configuration from text, as ``--set key=value`` does."""

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.experiment import Configuration

C = TypeVar("C", bound=Configuration)

WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def overridden(configuration: C, settings: Iterable[str]) -> C:
    """Return a configuration with some fields changed."""
    wanted = typing.get_type_hints(type(configuration))
    known = [field.name for field in dataclasses.fields(configuration) if field.init]
    changes: dict[str, Any] = {}
    for setting in settings:
        key, equals, text = (part.strip() for part in setting.partition("="))
        if not (key and equals):
            raise InvalidArgumentError(
                f"--set was given '{setting}'; write it as key=value, e.g. --set {known[0]}=1."
            )
        if key not in known:
            raise unknown_name("setting", key, known)
        changes[key] = converted(text, wanted[key], key)
    return dataclasses.replace(configuration, **changes)


def converted(text: str, kind: Any, key: str) -> Any:
    """Return what a text stands for, as a given type."""
    origin = typing.get_origin(kind)
    if origin is tuple:
        return _tuple(text, typing.get_args(kind)[0], key)
    if origin in (typing.Union, types.UnionType):
        alternatives = [option for option in typing.get_args(kind) if option is not type(None)]
        return None if text.lower() == "none" else converted(text, alternatives[0], key)
    if kind not in _READERS:
        raise InvalidArgumentError(f"setting '{key}' cannot be given as text; set it in Python.")
    reader, wanted = _READERS[kind]
    try:
        return reader(text)
    except ValueError:
        raise InvalidArgumentError(
            f"setting '{key}' was given '{text}'; it must be {wanted}."
        ) from None


def _tuple(text: str, kind: Any, key: str) -> tuple[Any, ...]:
    """Return the entries of a list; brackets around it are allowed, and it may be empty."""
    entries = text.strip("[]() ").split(",")
    return tuple(converted(entry.strip(), kind, key) for entry in entries if entry.strip())


def _truth(text: str) -> bool:
    if text.lower() not in WORDS:
        raise ValueError
    return WORDS[text.lower()]


def _whole(text: str) -> int:
    """Return a whole number; 1e4 is one too, 1.5 is not."""
    try:
        return int(text)
    except ValueError:
        value = _number(text)
        if value != round(value):
            raise
        return round(value)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value


_READERS: dict[Any, tuple[Callable[[str], Any], str]] = {
    bool: (_truth, "true or false"),
    int: (_whole, "a whole number"),
    float: (_number, "a finite number"),
    str: (str, "text"),
}
