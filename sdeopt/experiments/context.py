"""What an experiment may use while it runs: a folder that outlives it, and processes.

A simulation is a function of its configuration alone. Where it takes hours, it can keep finished pieces
in the folder, go on from them after an interruption, and share them with other experiments.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunContext:
    """The folder of all results of a run, if there is one, and how many processes it may start."""

    folder: Path | None = None
    workers: int = 1


_CURRENT: ContextVar[RunContext] = ContextVar("run_context")


def run_context() -> RunContext:
    """Return what the experiment that runs here may use; outside a run, nothing is kept."""
    return _CURRENT.get(RunContext())


@contextmanager
def running(context: RunContext) -> Iterator[None]:
    """Let experiments inside the block use a folder and processes."""
    before = _CURRENT.set(context)
    try:
        yield
    finally:
        _CURRENT.reset(before)
