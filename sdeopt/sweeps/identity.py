"""What tells the points of sweeps apart: numbers, functions and version, in one digest."""

import functools
import hashlib
import importlib
import json
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Any

from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.configuration import Configured
from sdeopt.losses.loss import Loss
from sdeopt.simulation.run import Run
from sdeopt.user_functions.memory import fingerprint
from sdeopt.user_functions.text import plain_function


def digest(run: Run, configuration: Mapping[str, Any]) -> str:
    """Return a name that no other run has."""
    content = canonical({"configuration": configuration, "code": _code(run)})
    return hashlib.sha256(content.encode()).hexdigest()


def point_seed(seed: int, varied: Mapping[str, Any]) -> int:
    """Return the seed of a point whose noise is independent of all others."""
    if not varied:
        return seed
    content = canonical({"seed": seed, "varied": varied})
    return int.from_bytes(hashlib.sha256(content.encode()).digest()[:8])


def canonical(content: Any) -> str:
    """Return the one JSON text of a content."""
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
