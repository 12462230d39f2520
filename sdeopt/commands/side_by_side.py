"""Carrying out experiments: one here, or several side by side in processes of this machine."""

import contextlib
import dataclasses
import io
import multiprocessing
import signal
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
from sdeopt.streams import tell


@dataclass(frozen=True)
class Attempt:
    """What came of a task; from another process, with what it printed there."""

    finding: Finding | None = None
    failure: Failure | None = None
    animation: Path | None = None
    output: str = ""
    errors: str = ""


@dataclass(frozen=True)
class Task:
    """An experiment to carry out, and how."""

    experiment: Experiment[Any]
    configuration: Configuration
    scale: str
    out: Path
    animate: bool = False
    workers: int = 1

    def carry_out(self) -> Attempt:
        """Run the experiment and write its files."""
        finding = animation = None
        try:
            finding = reproduce(
                self.experiment, self.scale, self.configuration, self.out, self.workers
            )
            if self.animate:
                animation = _animate(self.experiment, self.configuration, finding.folder)
        except OutputError:
            raise
        except (Exception, SystemExit) as problem:  # an experiment may fail in any way
            return Attempt(finding, self.failed(problem))
        return Attempt(finding, animation=animation)

    def failed(self, problem: BaseException) -> Failure:
        """Record that the experiment did not finish."""
        name = self.experiment.name
        failure = Failure.of(name, problem, scale=self.scale, experiment=self.experiment)
        remember_failure(failure, self.out)
        return failure


def _animate(
    experiment: Experiment[Any], configuration: Configuration, folder: Path
) -> Path | None:
    if experiment.animate is None:
        tell(f"sdeopt: {experiment.name} has no animation.")
        return None
    from sdeopt.plot.animation import write_animation
    from sdeopt.plot.style import house_style

    with house_style():
        animation = experiment.animate(configuration)
    return write_animation(animation, folder, experiment.name)


Queue = deque[Task]
"""Tasks of one section: they need the same kernels, and some the same results, cached by process."""

DIED = "its process died; if the memory was full, run it with fewer workers beside it"


def side_by_side(tasks: Sequence[Task], workers: int) -> Iterator[tuple[Task, Attempt]]:
    """Carry out tasks in processes, and yield each as it ends."""
    sections: dict[str, Queue] = {}
    for task in tasks:
        sections.setdefault(task.experiment.section, deque()).append(task)
    waiting: list[Queue] = sorted(sections.values(), key=len)
    begun: list[Queue] = []
    running: dict[Future[Attempt], tuple[Worker, Task]] = {}
    idle = [Worker() for _ in range(workers)]
    everyone = tuple(idle)
    try:
        while idle or running:
            while idle:
                worker = idle.pop()
                if following := next_task(worker, waiting, begun):
                    running[worker.submit(following)] = worker, following
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                worker, task = running.pop(future)
                yield task, worker.result(task, future)
                idle.append(worker)
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        for worker in everyone:
            worker.close()


class Worker:
    """A process that carries out tasks one after another; if it dies, a new one takes its place."""

    def __init__(self) -> None:
        self.queue: Queue | None = None
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, task: Task) -> "Future[Attempt]":
        """Start a task."""
        if self._pool is None:
            # not forked: this process has threads, of numba and others
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, context, _ignore_interrupts)
        how = task.configuration, task.scale, task.out, task.animate
        return self._pool.submit(_carried_out, task.experiment.name, *how)

    def result(self, task: Task, future: "Future[Attempt]") -> Attempt:
        """Return what came of a task that ended."""
        try:
            return future.result()
        except BrokenProcessPool:
            self.close()
            return Attempt(failure=task.failed(ChildProcessError(DIED)))
        except OutputError:
            raise
        except Exception as problem:  # a configuration may not pickle
            return Attempt(failure=task.failed(problem))

    def close(self) -> None:
        """Let the process end."""
        if self._pool is not None:
            # not left to the end of this process, where its thread may meet closed pipes
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def next_task(worker: Worker, waiting: list[Queue], begun: list[Queue]) -> Task | None:
    """Return what a worker does next: its own queue, the longest that waits, the end of one begun."""
    if not worker.queue and waiting:
        worker.queue = waiting.pop()
        begun.append(worker.queue)
    if worker.queue:
        return worker.queue.popleft()
    worker.queue = None
    longest = max(begun, key=len, default=None)
    return longest.pop() if longest else None


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the parent process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _carried_out(name: str, configuration: Configuration, *how: Any) -> Attempt:
    """Carry out a task; this runs in another process, where no bar may be shown."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        attempt = Task(find(name), configuration, *how).carry_out()
    return dataclasses.replace(attempt, output=output.getvalue(), errors=errors.getvalue())
