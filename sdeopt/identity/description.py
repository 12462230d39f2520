"""Descriptions, plain JSON with digests in it: what one says is unknown, and where two differ."""

import json
from collections.abc import Iterator
from typing import Any

UNKNOWN = "unknown: "
"""How a text begins that stands for a digest, followed by the reason why there is none."""

ABSENT = object()
SHORT = 60


def unknown_parts(description: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield where a description says that something is unknown, and why."""
    for name, entry in _entries(description, place):
        if isinstance(entry, str) and entry.startswith(UNKNOWN):
            yield place, entry.removeprefix(UNKNOWN)
        else:
            yield from unknown_parts(entry, name)


def differences(first: Any, second: Any, place: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield where two descriptions differ, with both values in short."""
    if isinstance(first, dict) and isinstance(second, dict):
        for key in dict.fromkeys([*first, *second]):
            name = f"{place}.{key}" if place else str(key)
            yield from differences(first.get(key, ABSENT), second.get(key, ABSENT), name)
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for index, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from differences(one, other, f"{place}[{index}]")
    elif first != second and _text(first) != _text(second):  # NaN is not equal to itself
        yield place, _short(first), _short(second)


def _entries(description: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(description, dict):
        for key, entry in description.items():
            yield f"{place}.{key}" if place else str(key), entry
    elif isinstance(description, list):
        for index, entry in enumerate(description):
            yield f"{place}[{index}]", entry


def _short(value: object) -> str:
    text = _text(value)
    return text if len(text) <= SHORT else f"{text[: SHORT - 3]}..."


def _text(value: object) -> str:
    return "absent" if value is ABSENT else json.dumps(value, ensure_ascii=False)
