"""What defines a run: as plain JSON, for provenance and comparison; and changed by settings in text."""

import copy
import dataclasses
import hashlib
import math
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdeopt.display import Shown
from sdeopt.errors import InvalidArgumentError
from sdeopt.identity import identity_or_reason

Key = tuple[str, ...]
"""The steps of a dotted key down nested tables."""

WRITTEN_OUT = 64
"""Arrays of at most this many entries are written out; larger ones are named by their hash."""


class Configured(Shown):
    """A frozen dataclass with a description of itself as plain JSON."""

    def configuration(self) -> dict[str, Any]:
        """Return the name of the class and its fields as plain JSON values.

        Returns
        -------
        dict
            ``{"name": class name, field: value, ...}``, nested where a field is itself configured.

        Examples
        --------
        >>> from sdeopt.schedules import Ramp
        >>> Ramp(0, 1, over=100).configuration()
        {'name': 'Ramp', 'start': 0.0, 'end': 1.0, 'over': 100.0}
        """
        assert dataclasses.is_dataclass(self)
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {"name": type(self).__name__} | {key: describe(fields[key]) for key in fields}


def describe(value: object) -> Any:
    """Return a value as plain JSON; what has no such form by its name and a digest."""
    if isinstance(value, Configured) or callable(getattr(value, "configuration", None)):
        return value.configuration()  # type: ignore[attr-defined]
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return describe_array(value)
    if isinstance(value, np.generic) and value.dtype.kind in "biufU":
        return value.item()
    if isinstance(value, dict):
        return {str(key): describe(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [describe(entry) for entry in value]
    if value is None or type(value) in (bool, int, float, str):
        return value
    name = str(getattr(value, "__name__", type(value).__name__))
    return {"name": name, "sha256": identity_or_reason(value)}


def describe_array(array: NDArray[Any]) -> Any:
    """Return a small array as nested lists, a large one as its shape and hash."""
    if array.size <= WRITTEN_OUT:
        return array.tolist()
    return {
        "shape": list(array.shape),
        "type": array.dtype.str,
        "sha256": hashlib.sha256(np.ascontiguousarray(array).data.cast("B")).hexdigest(),
    }


def read_setting(setting: str) -> tuple[Key, str]:
    """Return the key and the text of the value of ``key=value``, as ``--set`` takes it."""
    name, equals, text = setting.partition("=")
    try:
        [(key, _)] = leaves(tomllib.loads(f"{name} = 0" if equals else ""))
    except ValueError:  # not TOML, or not one key
        raise InvalidArgumentError(
            f"--set was given '{setting}'; write it as key=value, e.g. --set seed=1."
        ) from None
    return key, text.strip()


def read_value(text: str) -> Any:
    """Return the value that a text stands for.

    It is written as in TOML; the brackets of a list and the quotes of a text may be left out.
    """
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        pass
    if "," in text and not text.startswith("{"):
        entries = (entry.strip() for entry in text.strip("[]() ").split(","))
        return [read_value(entry) for entry in entries if entry]
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def leaves(table: Any, place: Key = ()) -> Iterator[tuple[Key, Any]]:
    """Yield the values in nested tables by their keys; a dot in a key is a step down."""
    if not isinstance(table, dict):
        yield place, table
        return
    for key, value in table.items():
        yield from leaves(value, (*place, *key.split(".")))


def with_entry(content: Mapping[str, Any], key: Key, value: Any) -> dict[str, Any]:
    """Return a copy of nested tables with one value changed or added."""
    changed = copy.deepcopy(dict(content))
    table = changed
    for depth, step in enumerate(key[:-1]):
        table = table.setdefault(step, {})
        if not isinstance(table, dict):
            raise InvalidArgumentError(
                f"'{'.'.join(key)}' of the run file cannot be set, because "
                f"'{'.'.join(key[: depth + 1])}' is {table!r}; make that a table with a name."
            )
    table[key[-1]] = value
    return changed
