"""What sympy cannot do is a step that is not shown, not an error of the program."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import ParamSpec, TypeVar

from sdeopt.errors import SdeoptError, reason_of
from theory.proofs.relation import ProofError

P = ParamSpec("P")
T = TypeVar("T")
FOREIGN = ("sympy", "mpmath")


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """Raise ProofError for what fails inside sympy; what fails in our own code stays as it is."""
    try:
        yield
    except SdeoptError:
        raise
    except Exception as problem:
        if not (isinstance(problem, RecursionError) or _is_foreign(problem.__traceback__)):
            raise
        raise ProofError(f"{what} is not shown, as sympy fails: {reason_of(problem)}.") from problem


def _is_foreign(traceback: TracebackType | None) -> bool:
    """Return whether the last frame is one of sympy."""
    name = ""
    while traceback is not None:
        name = traceback.tb_frame.f_globals.get("__name__", "")
        traceback = traceback.tb_next
    return name.partition(".")[0] in FOREIGN


def rule(function: Callable[P, T]) -> Callable[P, T]:
    """Make a function a rule of proof, which refuses what sympy cannot do."""

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        # what a step has written down before it is refused is not known
        written = getattr(args[0], "facts", None) if args else None
        before = len(written) if isinstance(written, list) else 0
        try:
            with refusing(f'a step by "{function.__name__}"'):
                return function(*args, **kwargs)
        except BaseException:
            if isinstance(written, list):
                del written[before:]
            raise

    return checked


def rules(kind: type[T]) -> type[T]:
    """Make all public methods of a class rules."""
    for name, method in list(vars(kind).items()):
        if callable(method) and not name.startswith("_"):
            setattr(kind, name, rule(method))
    return kind
