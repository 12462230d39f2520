"""``sdeopt verify``: derive the results of the theory, here and now."""

import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

import rich.progress
from rich.console import Console

from sdeopt.commands.extras import with_extra
from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.experiments.registry import natural_order
from theory.verify import printing as proofs
from theory.verify.verdict import Details, Verdict

GROUP = "sdeopt.theory"
"""The entry-point group: each names a module with ``names()`` and ``load(name)``."""

MOST_PROCESSES = 8
"""Each loads sympy anew; beyond this that costs more than it saves."""

Outcome = TypeVar("Outcome")

Place = tuple[str, str]
"""The entry point of a library, and the name of one of its results."""


def verify_all(as_json: bool = False) -> bool:
    """Derive every result, in as many processes as there are processors, and print a table."""
    places = sorted(_places().values(), key=lambda place: natural_order(place[1]))
    verdicts = _with_progress(places)
    if as_json:
        print(json.dumps(proofs.summary(verdicts), indent=2, ensure_ascii=False))
    else:
        proofs.show_table(verdicts)
    return all(verdict.derived for verdict in verdicts)


def verify(name: str, as_json: bool = False) -> bool:
    """Derive one result and print the whole derivation."""
    places = _places()
    if name not in places:
        raise unknown_name("result", name, places)
    details = _details(places[name])
    if as_json:
        print(json.dumps(details.document, indent=2, ensure_ascii=False))
    else:
        proofs.show_derivation(details)
    return details.verdict.derived and all(error["noticed"] for error in details.planted)


def _places() -> dict[str, Place]:
    """Return where each result is, by name; the first of a name wins."""
    origins = dict.fromkeys(point.value for point in entry_points(group=GROUP))
    places: dict[str, Place] = {}
    for origin in origins:
        for name in _guarded(lambda: _library(origin).names()):  # noqa: B023  # called at once
            places.setdefault(name, (origin, name))
    if not places:
        raise InvalidArgumentError(
            "no theory is installed; install it with pip install 'sdeopt[theory]'."
        )
    return places


def _library(origin: str) -> Any:
    return EntryPoint(name="library", value=origin, group=GROUP).load()


def _guarded(action: Callable[[], Outcome]) -> Outcome:
    return with_extra(action, "the theory", "sdeopt[theory]")


def _verdict(place: Place) -> Verdict:
    found = _found(place)
    return found if isinstance(found, Verdict) else Verdict.of(found)


def _details(place: Place) -> Details:
    found = _found(place)
    return Details(found) if isinstance(found, Verdict) else Details.of(found)


def _found(place: Place) -> Any:
    """Return a result; or the verdict on it, when its module cannot be loaded."""
    origin, name = place
    try:
        return _guarded(lambda: _library(origin).load(name))
    except InvalidArgumentError:
        raise
    except Exception as problem:  # it may be broken in any way
        return Verdict.failed(name, problem)


def _with_progress(places: Sequence[Place]) -> list[Verdict]:
    """Return the verdicts in the order of the places; the bar moves as they come."""
    console = Console(stderr=True)
    with rich.progress.Progress(
        console=console, transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task("deriving", total=len(places))
        found: dict[int, Verdict] = {}
        for number, verdict in _derived(places):
            found[number] = verdict
            bar.update(task, advance=1, description=verdict.name)
    return [found[number] for number in range(len(places))]


def _derived(places: Sequence[Place]) -> Iterator[tuple[int, Verdict]]:
    """Yield the verdicts as they are reached, each with the number of its place."""
    processes = min(os.cpu_count() or 1, len(places), MOST_PROCESSES)
    # A fork would copy the thread of the progress bar in the middle of whatever it holds.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_end_at_once)
    try:
        futures = {pool.submit(_verdict, place): number for number, place in enumerate(places)}
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _end_at_once() -> None:
    """Let Ctrl-C end a worker without a traceback; the first process says the sentence."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
