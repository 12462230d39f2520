"""Names in a sweep: labels of values for readers, and digests that identify its points."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sdeopt.configuration import describe
from sdeopt.identity import UNKNOWN
from sdeopt.simulation.run import Run

Label: TypeAlias = int | float | str

LONGEST = 48
"""Characters of a label; more do not fit under a panel or in a table."""

DIGEST = 64
"""Characters of a SHA-256 digest."""


def labels(values: Sequence[object]) -> tuple[Label, ...]:
    """Return a label for each of several values: all of them numbers, or all different texts."""
    single = [label(describe(value)) for value in values]
    if all(isinstance(entry, int | float) for entry in single):
        return tuple(single)
    return _distinct([_text(entry) for entry in single])


def label(description: object) -> Label:
    """Return a number for a description that is one, or of a constant schedule; else a short text."""
    value = _constant(description)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = _text(description)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def is_digest(description: object) -> bool:
    """Return whether a description is a digest, which means nothing to a reader."""
    if isinstance(description, dict):
        return "sha256" in description
    return isinstance(description, str) and (
        description.startswith(UNKNOWN)
        or (len(description) == DIGEST and set(description) <= set("0123456789abcdef"))
    )


def _constant(description: object) -> object:
    """Return the number in a schedule that is constant; anything else unchanged."""
    if isinstance(description, dict) and description.get("name") == "Constant":
        return description["value"]
    return description


def _text(given: object) -> str:
    """Return a description as short text."""
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


def digest(run: Run, seed: int) -> str:
    """Return a digest that identifies a run with a seed."""
    return hashlib.sha256(canonical(run.identity() | {"seed": seed}).encode()).hexdigest()


def point_seed(seed: int, varied: Mapping[str, Any]) -> int:
    """Return the seed of a point whose noise is independent of all others."""
    if not varied:
        return seed
    content = canonical({"seed": seed, "varied": varied})
    return int.from_bytes(hashlib.sha256(content.encode()).digest()[:8])


def canonical(content: Any) -> str:
    """Return a content as JSON text, always the same."""
    return json.dumps(content, sort_keys=True)
