"""Carrying out experiments: one, or several side by side in processes of this machine."""

import contextlib
import io
import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdeopt.errors import OutputError
from sdeopt.experiment import Configuration, Experiment
from sdeopt.experiments.registry import find
from sdeopt.experiments.reproduction import Failure, Finding, remember_failure, reproduce


@dataclass(frozen=True)
class Attempt:
    """What became of an experiment."""

    finding: Finding | None = None
    failure: Failure | None = None
    animation: Path | None = None


@dataclass(frozen=True)
class Task:
    """An experiment to carry out, and how."""

    experiment: Experiment[Any]
    configuration: Configuration
    scale: str
    out: Path
    animate: bool = False

    def carry_out(self) -> Attempt:
        """Run it and write its files."""
        finding = animation = None
        try:
            finding = reproduce(self.experiment, self.scale, self.configuration, self.out)
            if self.animate:
                animation = _animate(self.experiment, self.configuration, finding.folder)
        except OutputError:
            raise
        except (Exception, SystemExit) as problem:  # a stranger's experiment may fail in any way
            return Attempt(finding, self.failed(problem))
        return Attempt(finding, animation=animation)

    def failed(self, problem: BaseException) -> Failure:
        """Remember that the experiment did not finish."""
        name = self.experiment.name
        failure = Failure.of(name, problem, scale=self.scale, experiment=self.experiment)
        remember_failure(failure, self.out)
        return failure


def _animate(
    experiment: Experiment[Any], configuration: Configuration, folder: Path
) -> Path | None:
    if experiment.animate is None:
        print(f"sdeopt: {experiment.name} has no animation.", file=sys.stderr)
        return None
    from sdeopt.plot import style as plotting
    from sdeopt.plot.animation import write_animation

    with plotting.house_style():
        animation = experiment.animate(configuration)
    return write_animation(animation, folder, experiment.name)


DIED = "its process died; if the memory was full, run it with fewer workers beside it"


@dataclass(frozen=True)
class Told:
    """What a process has to tell of an experiment."""

    attempt: Attempt
    printed: str = ""
    complained: str = ""


class Order:
    """Which task comes next.

    A process keeps to one section as long as it can: experiments of a section need the same kernels,
    and some the same results, which a process makes once. Who has none left helps with the longest.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        sections: dict[str, deque[Task]] = {}
        for task in tasks:
            sections.setdefault(task.experiment.section, deque()).append(task)
        self._untouched = sorted(sections.values(), key=len)
        self._begun: list[deque[Task]] = []

    def after(self, section: deque[Task] | None) -> tuple[Task | None, deque[Task] | None]:
        """Return what a process should do next."""
        if not section and self._untouched:
            section = self._untouched.pop()
            self._begun.append(section)
        if section:
            return section.popleft(), section
        longest = max(self._begun, key=len, default=None)
        return (longest.pop(), None) if longest else (None, None)


class Worker:
    """A process that carries out tasks one after another; another takes its place if it dies."""

    def __init__(self) -> None:
        self.section: deque[Task] | None = None
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, task: Task) -> "Future[Told]":
        """Let the process carry out a task."""
        if self._pool is None:
            self._pool = _process()
        name = task.experiment.name
        how = task.configuration, task.scale, task.out, task.animate
        return self._pool.submit(_carried_out, name, *how)

    def told(self, task: Task, future: "Future[Told]") -> Told:
        """Return what the process tells of a task that ended."""
        try:
            return future.result()
        except BrokenProcessPool:
            self.close()
            return Told(Attempt(failure=task.failed(ChildProcessError(DIED))))
        except OutputError:
            raise
        except Exception as problem:  # a stranger's configuration may not travel
            return Told(Attempt(failure=task.failed(problem)))

    def close(self) -> None:
        """Let the process end."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def side_by_side(tasks: Sequence[Task], workers: int) -> Iterator[tuple[Task, Told]]:
    """Carry out tasks in processes, and yield each as it ends."""
    order = Order(tasks)
    running: dict[Future[Told], tuple[Worker, Task]] = {}
    idle = [Worker() for _ in range(workers)]
    everyone = tuple(idle)
    try:
        while idle or running:
            while idle:
                worker = idle.pop()
                task, worker.section = order.after(worker.section)
                if task is not None:
                    running[worker.submit(task)] = worker, task
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                worker, task = running.pop(future)
                yield task, worker.told(task, future)
                idle.append(worker)
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        for worker in everyone:
            worker.close()


def _process() -> ProcessPoolExecutor:
    # not forked: this process has threads, of numba and others
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, context, _leave_interrupts_to_the_parent)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _carried_out(name: str, configuration: Configuration, *how: Any) -> Told:
    """Carry out a task; this runs in another process, where no bar may be shown."""
    printed, complained = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complained):
        attempt = Task(find(name), configuration, *how).carry_out()
    return Told(attempt, printed.getvalue(), complained.getvalue())
