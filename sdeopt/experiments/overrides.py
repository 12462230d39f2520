"""Changing fields of a configuration from text, as ``--set key=value`` does."""

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.experiment import Configuration

__all__ = ["converted", "overridden"]

C = TypeVar("C", bound=Configuration)

WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def overridden(configuration: C, settings: Iterable[str]) -> C:
    """Return a configuration with some fields changed.

    Parameters
    ----------
    configuration : Configuration
        What to start from; it is not changed itself.
    settings : iterable of str
        Each ``key=value``; the value is read as the type of the field. Later ones win.

    Returns
    -------
    Configuration
        Of the same class.

    Raises
    ------
    InvalidArgumentError
        For an unknown key, naming the nearest, or a value of the wrong type.

    Examples
    --------
    >>> from sdeopt.experiment import Configuration
    >>> from sdeopt.experiments.overrides import overridden
    >>> overridden(Configuration(seed=1), ["seed=7"])
    Configuration(seed=7)
    """
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
    """Return what a text stands for, as a given type.

    Parameters
    ----------
    text : str
        What the user wrote; the entries of a tuple are separated by commas.
    kind : type
        bool, int, float, str, a tuple of one of these with ``...``, or one of these or None.
    key : str
        The name of the field, for the message.

    Returns
    -------
    object
        The value.

    Examples
    --------
    >>> from sdeopt.experiments.overrides import converted
    >>> converted("0, 3, 8.5", tuple[float, ...], "couplings")
    (0.0, 3.0, 8.5)
    >>> converted("1e4", int, "steps")
    10000
    """
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
