"""Experiments side by side, in processes of this machine."""

import contextlib
import io
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sdeopt.commands.attempt import Attempt, Task
from sdeopt.experiment import Configuration
from sdeopt.registry import find

__all__ = ["Told", "side_by_side"]

DIED = (
    "a process that ran experiments died, this one or one beside it; if the memory was full, run it "
    "with fewer workers"
)


@dataclass(frozen=True)
class Told:
    """What a process has to tell of an experiment.

    Parameters
    ----------
    attempt : Attempt
        What became of it.
    printed, complained : str
        What it wrote to the standard output and error streams meanwhile.
    """

    attempt: Attempt
    printed: str = ""
    complained: str = ""


def side_by_side(tasks: Sequence[Task], workers: int) -> Iterator[tuple[Task, Told]]:
    """Carry out tasks in processes, and yield each as it ends.

    Parameters
    ----------
    tasks : sequence of Task
        Of experiments that the registry finds by name.
    workers : int
        How many processes there are.

    Yields
    ------
    task : Task
        One that ended.
    told : Told
        What came of it.

    Raises
    ------
    OutputError
        If the folder of one cannot be written. This, like everything that stops the iteration, ends
        the processes too; files are written whole, so none is left in parts.
    """
    # not forked: this process has threads, of numba and others
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _leave_interrupts_to_the_parent) as pool:
        waiting = {_submitted(pool, task): task for task in _mixed(tasks)}
        try:
            for future in as_completed(waiting):
                yield waiting[future], _told(future, waiting[future])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _mixed(tasks: Sequence[Task]) -> list[Task]:
    """Take one of every section, then another of every section, and so on.

    Neighbours of one section often need the same kernel, and at the same time would both compile it.
    """
    sections: dict[str, list[Task]] = {}
    for task in tasks:
        sections.setdefault(task.experiment.section, []).append(task)
    rounds = zip_longest(*sections.values())
    return [task for one_of_each in rounds for task in one_of_each if task is not None]


def _submitted(pool: ProcessPoolExecutor, task: Task) -> "Future[Told]":
    name = task.experiment.name
    return pool.submit(_carried_out, name, task.configuration, task.scale, task.out, task.animate)


def _told(future: "Future[Told]", task: Task) -> Told:
    try:
        return future.result()
    except BrokenProcessPool:
        return Told(Attempt(failure=task.failed(ChildProcessError(DIED))))


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _carried_out(name: str, configuration: Configuration, *how: Any) -> Told:
    """Carry out a task; this runs in a process of the pool, where no bar may be shown."""
    printed, complained = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complained):
        attempt = Task(find(name), configuration, *how).carry_out()
    return Told(attempt, printed.getvalue(), complained.getvalue())
