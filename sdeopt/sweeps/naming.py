"""Names in a sweep: labels of values for readers, and digests that identify its points."""

import functools
import hashlib
import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from types import FunctionType
from typing import Any, TypeAlias

from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.configuration import Configured, describe
from sdeopt.losses.loss import Loss
from sdeopt.simulation.run import Run
from sdeopt.user_functions.memory import fingerprint
from sdeopt.user_functions.text import plain_function

Label: TypeAlias = int | float | str

LONGEST = 48
"""Characters of a label; more do not fit under a panel or in a table."""

DIGEST = 64
"""Characters of a SHA-256 digest."""


def labels(values: Sequence[object]) -> tuple[Label, ...]:
    """Return a label for each of several values: all of them numbers, or all different texts."""
    single = [label(described(value)) for value in values]
    if all(isinstance(entry, int | float) for entry in single):
        return tuple(single)
    return _distinct([_text(entry) for entry in single])


def described(value: object) -> Any:
    """Return a value as plain JSON, or its name where it has no such form."""
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
    """Return whether a description is a digest, which means nothing to a reader."""
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


def digest(run: Run, configuration: Mapping[str, Any]) -> str:
    """Return a digest that identifies a run."""
    content = canonical({"configuration": configuration, "code": _code(run)})
    return hashlib.sha256(content.encode()).hexdigest()


def point_seed(seed: int, varied: Mapping[str, Any]) -> int:
    """Return the seed of a point whose noise is independent of all others."""
    if not varied:
        return seed
    content = canonical({"seed": seed, "varied": varied})
    return int.from_bytes(hashlib.sha256(content.encode()).digest()[:8])


def canonical(content: Any) -> str:
    """Return a content as JSON text, always the same."""
    return json.dumps(content, sort_keys=True)


def _code(run: Run) -> list[str]:
    """Return digests of the functions that the run calls: compiled ones, and methods of users."""
    kernels = sorted(set(run.bindings().functions.values()))
    classes = {kind for thing in _parts(run) for kind in type(thing).__mro__}
    foreign = sorted(filter(_is_foreign, classes), key=lambda kind: kind.__qualname__)
    return [_kernel_code(*place) for place in kernels] + [_class_code(kind) for kind in foreign]


@functools.cache
def _kernel_code(module: str, name: str) -> str:
    return fingerprint([plain_function(getattr(importlib.import_module(module), name))])


@functools.cache
def _class_code(kind: type) -> str:
    members = [getattr(member, "fget", member) for member in vars(kind).values()]
    return fingerprint([member for member in members if isinstance(member, FunctionType)])


def _parts(run: Run) -> Iterator[object]:
    """Yield the objects that make the run, and those inside them."""
    parts = (run.loss, run.algorithm, run.noise, run.start, run.record, run.clock, *run.step_sizes)
    for part in parts:
        yield part
        if isinstance(part, Configured | Loss | Algorithm):
            yield from vars(part).values()


def _is_foreign(kind: type) -> bool:
    return kind is not object and kind.__module__.partition(".")[0] not in ("sdeopt", "builtins")
