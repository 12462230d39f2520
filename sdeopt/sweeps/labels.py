"""What a value of an argument is called on its axis: a number where it is one, else a short text."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from sdeopt.configuration import describe

Label: TypeAlias = int | float | str

LONGEST = 48
"""Characters of a label; more do not fit under a panel or in a table."""

DIGEST = 64
"""Characters of a SHA-256 digest, which tells a reader nothing."""


def labels(values: Sequence[object]) -> tuple[Label, ...]:
    """Return a label for each of several values: all of them numbers, or all different texts."""
    single = [label(described(value)) for value in values]
    if all(isinstance(entry, int | float) for entry in single):
        return tuple(single)
    return _distinct([_text(entry) for entry in single])


def described(value: object) -> Any:
    """Return a value in the words of JSON; what has none there goes by its name."""
    try:
        return describe(value)
    except TypeError:
        return str(getattr(value, "__name__", type(value).__name__))


def label(description: object) -> Label:
    """Return a number for a description that is one, or of a constant schedule; else a short text."""
    value = _constant(description)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = _text(description)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def is_digest(description: object) -> bool:
    """Return whether a description only tells things apart and says nothing to a reader."""
    if isinstance(description, dict):
        return "sha256" in description
    return (
        isinstance(description, str)
        and len(description) == DIGEST
        and set(description) <= set("0123456789abcdef")
    )


def _constant(description: object) -> object:
    """Return the number in a schedule that is constant; anything else unchanged."""
    if isinstance(description, dict) and description.get("name") == "Constant":
        return description["value"]
    return description


def _text(given: object) -> str:
    """Return what a person would write."""
    description = _constant(given)
    if isinstance(description, bool) or description is None:
        return str(description).lower()
    if isinstance(description, float):
        return f"{description:g}"
    if isinstance(description, list):
        return f"[{', '.join(_text(entry) for entry in description)}]"
    if isinstance(description, dict):
        inside = [
            f"{key}={_text(entry)}"
            for key, entry in description.items()
            if key != "name" and not is_digest(entry) and key != "sha256"
        ]
        name = str(description.get("name", ""))
        return f"{name}({', '.join(inside)})" if inside else name
    return str(description)


def _distinct(texts: list[str]) -> tuple[Label, ...]:
    """Return the texts; those that occur more than once get a number."""
    counts: dict[str, int] = {}
    result = []
    for text in texts:
        counts[text] = counts.get(text, 0) + 1
        result.append(f"{text} {counts[text]}" if texts.count(text) > 1 else text)
    return tuple(result)
