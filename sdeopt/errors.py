"""The errors that users get: each is one sentence on what was given, what is allowed, what to do."""

import difflib
import re
from collections.abc import Iterable

__all__ = [
    "CheckpointError",
    "ClusterError",
    "DivergenceError",
    "InvalidArgumentError",
    "OutputError",
    "SdeoptError",
    "unknown_name",
]


class SdeoptError(Exception):
    """Base of every error that sdeopt raises on purpose."""

    def __str__(self) -> str:
        # an array that is shown has several lines
        return re.sub(r"\s*\n\s*", " ", super().__str__())


class InvalidArgumentError(SdeoptError, ValueError):
    """An argument is outside what is allowed."""


class DivergenceError(SdeoptError, ArithmeticError):
    """The state of a replica is no longer finite.

    Attributes
    ----------
    replica : int
        The first replica that diverged (earliest step, then smallest number).
    step : int
        The number of completed steps after which its state was no longer finite.
    """

    MASKING = ", or pass on_divergence='mask' to go on without it"
    """What helps whoever calls `simulate`, and nobody who runs an experiment."""

    def __init__(self, message: str, replica: int, step: int) -> None:
        super().__init__(message)
        self.replica = replica
        self.step = step

    def __reduce__(self) -> tuple[type["DivergenceError"], tuple[str, int, int]]:
        # so that one raised in another process can be sent back whole
        return type(self), (str(self), self.replica, self.step)


class CheckpointError(SdeoptError):
    """A checkpoint is unreadable or belongs to another configuration."""


class ClusterError(SdeoptError):
    """Workers of a cluster could not compute what they were sent."""


class OutputError(SdeoptError, OSError):
    """A file or folder could not be written or read."""


def shown(value: object) -> str:
    """Return a value as short text in one line, as errors show it."""
    if isinstance(value, int) and abs(value) > 10**80:
        return f"a whole number of {value.bit_length()} bits"  # Python refuses to print the longest
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."


def reason_of(problem: BaseException) -> str:
    """Return what went wrong in one line without a full stop, for a sentence that goes on."""
    return " ".join(f"{type(problem).__name__}: {problem}".split()).rstrip(".")


def unknown_name(kind: str, given: object, known: Iterable[str]) -> InvalidArgumentError:
    """Return the error for a name that is not known, with the nearest one that is.

    Parameters
    ----------
    kind : str
        What the name stands for, e.g. ``"experiment"``.
    given : object
        What the user wrote: a name, or what cannot be one.
    known : iterable of str
        The names that exist.

    Returns
    -------
    InvalidArgumentError
        To be raised by the caller.

    Examples
    --------
    >>> from sdeopt.errors import unknown_name
    >>> print(unknown_name("experiment", "fig11", ["fig1", "phase"]))
    there is no experiment 'fig11'; did you mean 'fig1'? Known: fig1, phase.
    """
    names = sorted(known)
    text = isinstance(given, str)
    near = difflib.get_close_matches(str(given), names, n=1, cutoff=0.5) if text else []
    hint = f"; did you mean '{near[0]}'?" if near else "."
    listing = ", ".join(names) if names else "none"
    what = f"'{given}'" if text else shown(given)
    return InvalidArgumentError(f"there is no {kind} {what}{hint} Known: {listing}.")
