"""Changing fields of a configuration from text, as ``--set key=value`` does."""

import dataclasses
import math
import types
import typing
from collections.abc import Iterable
from typing import Any, TypeVar

from sdeopt.configuration import read_setting, read_value
from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.experiment import Configuration

C = TypeVar("C", bound=Configuration)

TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

WANTED = {bool: "true or false", int: "a whole number", float: "a finite number", str: "text"}
"""What a field of each type takes, in words."""


def overridden(configuration: C, settings: Iterable[str]) -> C:
    """Return a configuration with some fields changed."""
    wanted = typing.get_type_hints(type(configuration))
    known = [field.name for field in dataclasses.fields(configuration) if field.init]
    changes: dict[str, Any] = {}
    for setting in settings:
        key, text = read_setting(setting)
        name = ".".join(key)
        if name not in known:
            raise unknown_name("setting", name, known)
        value = read_value(text)
        if wanted[name] is str and not isinstance(value, str):
            value = text
        changes[name] = _as_kind(value, wanted[name], name)
    return dataclasses.replace(configuration, **changes)


def _as_kind(value: Any, kind: Any, key: str) -> Any:
    """Return a value as the type of a field."""
    origin = typing.get_origin(kind)
    if origin is tuple:
        entries = value if isinstance(value, list) else [value] if value != "" else []
        return tuple(_as_kind(entry, typing.get_args(kind)[0], key) for entry in entries)
    if origin in (typing.Union, types.UnionType):
        alternatives = [option for option in typing.get_args(kind) if option is not type(None)]
        return None if value in ("none", "None") else _as_kind(value, alternatives[0], key)
    if origin is typing.Literal:
        if value not in typing.get_args(kind):
            allowed = " or ".join(f"'{option}'" for option in typing.get_args(kind))
            raise InvalidArgumentError(
                f"setting '{key}' was given '{value}'; it must be {allowed}."
            )
        return value
    if kind not in WANTED:
        raise InvalidArgumentError(f"setting '{key}' cannot be given as text; set it in Python.")
    found = _plain(value, kind)
    if found is None:
        raise InvalidArgumentError(
            f"setting '{key}' was given '{value}'; it must be {WANTED[kind]}."
        )
    return found


def _plain(value: Any, kind: type) -> bool | int | float | str | None:
    """Return a value as one of the types of `WANTED`, or None where it is not one."""
    if kind is str:
        return str(value)
    if kind is bool:
        return value if isinstance(value, bool) else TRUTHS.get(str(value).lower())
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if kind is float:
        return float(value)
    return round(value) if value == round(value) else None
