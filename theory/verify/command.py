"""``sdeopt verify``: derive the results of the theory, here and now."""

import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING, Annotated

import typer

from sdeopt.commands.extension import on_terminal, with_extra
from sdeopt.errors import InvalidArgumentError
from theory import registry
from theory.verify import printing
from theory.verify.verdict import Details, Verdict

if TYPE_CHECKING:
    from theory.proofs.result import Result

MOST_PROCESSES = 8
"""Each loads sympy anew; beyond this that costs more than it saves."""

Load = Callable[[str], "Result"]


def verify(
    name: Annotated[
        str | None, typer.Argument(help="A result, as the table shows it.", show_default="all")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Derive the results of the theory; with a NAME, show every step.

    Example: "sdeopt verify lemma_5_2".
    """
    if name is None:
        verdicts = _verdicts()
        if as_json:
            _print_json(printing.summary(verdicts))
        else:
            printing.show_table(verdicts)
        derived = all(verdict.derived for verdict in verdicts)
    else:
        found = _found(registry.load, name)
        details = Details(found) if isinstance(found, Verdict) else Details.of(found)
        if as_json:
            _print_json(details.document)
        else:
            printing.show_derivation(details)
        derived = details.verdict.derived and all(error["noticed"] for error in details.planted)
    if not derived:
        raise typer.Exit(1)


def _found(load: Load, name: str) -> "Result | Verdict":
    """Return a result, or the verdict on one whose module cannot be loaded."""
    try:
        return with_extra(lambda: load(name), "the theory", "sdeopt[theory]")
    except InvalidArgumentError:
        raise
    except Exception as problem:  # it may be broken in any way
        return Verdict.failed(name, problem)


def _verdict(load: Load, name: str) -> Verdict:
    found = _found(load, name)
    return found if isinstance(found, Verdict) else Verdict.of(found)


def _verdicts() -> list[Verdict]:
    """Derive every result, with a progress bar on a terminal; return the verdicts by name."""
    import rich.progress
    from rich.console import Console

    names = registry.names()
    console = Console(stderr=True)
    with rich.progress.Progress(console=console, transient=True, disable=not on_terminal()) as bar:
        task = bar.add_task("deriving", total=len(names))
        found = {}
        for name, verdict in _derived(names):
            found[name] = verdict
            bar.update(task, advance=1, description=name)
    return [found[name] for name in names]


def _derived(names: list[str]) -> Iterator[tuple[str, Verdict]]:
    """Yield the verdicts as they are reached, in as many processes as there are processors."""
    processes = min(os.cpu_count() or 1, len(names), MOST_PROCESSES)
    # A fork would copy the thread of the progress bar in the middle of whatever it holds.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_end_at_once)
    try:
        futures = {pool.submit(_verdict, registry.load, name): name for name in names}
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _end_at_once() -> None:
    """Let Ctrl-C end a worker without a traceback; the first process prints the sentence."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _print_json(document: object) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))
