"""Many trainings, one after the other or side by side in processes, and how far they are.

Each has one thread: two processes of one thread are faster than one process of two.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from typing import TYPE_CHECKING, Any, TypeAlias

import xarray as xr

from nets.figures.store import AnyJob
from sdeopt.experiments.context import RunContext, run_context, running
from sdeopt.simulation.progress import TerminalBar

if TYPE_CHECKING:
    import rich.progress

Train: TypeAlias = Callable[[Any, Callable[[int], None]], xr.Dataset]
"""Trains, and tells after each epoch its number; the first is that of where it begins."""

WAIT = 0.5
"""Seconds between two looks at how far the trainings are."""


class TrainingCounter(TerminalBar):
    """How many trainings are done, images a second, and the time left.

    A bar on a terminal; elsewhere a line when a training ends, where trainings take minutes.
    """

    def __init__(self, jobs: Sequence[AnyJob], images: Sequence[int], workers: int) -> None:
        self._images = list(images)
        """Of an epoch of each training, all agents together."""
        self._epochs = [job.epochs for job in jobs]
        agents = sum(job.plan.agents for job in jobs)
        words = f"{agents:,} agents in {len(jobs):,} trainings"
        total = sum(map(_product, self._images, self._epochs))
        super().__init__(words if workers == 1 else f"{words}, {workers} at a time", total)
        self.first: Any = [-1] * len(jobs)
        self.now: Any = [0] * len(jobs)
        self.done = 0
        self._began = time.monotonic()

    def note(self, place: int, epoch: int) -> None:
        """Note the epoch that a training has reached."""
        note(self.first, self.now, place, epoch)
        self.look()

    def end(self, place: int) -> None:
        """Count a training as done."""
        if self.first[place] < 0:
            # it was there already
            self.first[place] = self._epochs[place]
        self.now[place] = self._epochs[place]
        self.done += 1
        self.look()

    def look(self) -> None:
        """Bring the bar up to date."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._count(self.now))

    def _count(self, epochs: Sequence[int]) -> int:
        return sum(map(_product, self._images, epochs))

    @property
    def rate(self) -> float:
        """Images a second, of those that were computed here."""
        begun = [max(first, 0) for first in self.first]
        return (self._count(self.now) - self._count(begun)) / (time.monotonic() - self._began)

    def words(self) -> str:
        """Return how far it is, how fast, and how long it takes."""
        rest, rate = self._total - self._count(self.now), self.rate
        left = f", about {_duration(rest / rate)} left" if rest and rate else ""
        return f"{self.done} of {len(self.now)} trainings done, {rate:,.0f} images/s{left}"

    def _how_far(self) -> "rich.progress.ProgressColumn":
        import rich.progress

        return rich.progress.TaskProgressColumn()

    def _how_fast(self, task: "rich.progress.Task") -> str:
        return self.words()


def _product(one: int, other: int) -> int:
    return one * other


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def note(first: Any, now: Any, place: int, epoch: int) -> None:
    """Write down the epoch of a training: where it began, and where it is."""
    if first[place] < 0:
        first[place] = epoch
    now[place] = epoch


def train_all(train: Train, jobs: Sequence[AnyJob], images: Sequence[int]) -> list[xr.Dataset]:
    """Train all, in the order given, as many at a time as the run has workers."""
    context = run_context()
    workers = min(context.workers, len(jobs))
    with TrainingCounter(jobs, images, workers) as counter:
        try:
            if workers > 1:
                return _side_by_side(train, jobs, counter, context, workers)
            return _in_turn(train, jobs, counter)
        except KeyboardInterrupt:
            where = "" if context.folder is None else f" in {context.folder}"
            kept = jobs[0].task.kept and context.folder is not None
            raise KeyboardInterrupt(
                f"{counter.done} of {len(jobs)} trainings were finished"
                + (f" and are kept{where}; the same command goes on from there." if kept else ".")
            ) from None


def _in_turn(train: Train, jobs: Sequence[AnyJob], counter: TrainingCounter) -> list[xr.Dataset]:
    found = []
    for place, job in enumerate(jobs):

        def note_epoch(epoch: int, place: int = place) -> None:
            counter.note(place, epoch)

        found.append(train(job, note_epoch))
        counter.end(place)
    return found


def _side_by_side(
    train: Train,
    jobs: Sequence[AnyJob],
    counter: TrainingCounter,
    context: RunContext,
    workers: int,
) -> list[xr.Dataset]:
    # not forked: this process has threads, of torch and others
    spawn = multiprocessing.get_context("spawn")
    counter.first = spawn.Array("q", counter.first, lock=False)
    counter.now = spawn.Array("q", counter.now, lock=False)
    shared = (counter.first, counter.now, context.folder)
    pool = ProcessPoolExecutor(workers, spawn, _begin, shared)
    found: dict[int, xr.Dataset] = {}
    try:
        open_ones = {pool.submit(_one, train, job, place): place for place, job in enumerate(jobs)}
        while open_ones:
            for future in wait(open_ones, WAIT, FIRST_COMPLETED).done:
                place = open_ones.pop(future)
                found[place] = future.result()
                counter.end(place)
            counter.look()
    except BaseException as problem:
        for process in list((pool._processes or {}).values()):
            process.terminate()
        if isinstance(problem, BrokenProcessPool):
            raise ChildProcessError(
                "a process that trained died; if the memory was full, use fewer workers"
            ) from None
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return [found[place] for place in range(len(jobs))]


_SHARED: dict[str, Any] = {}
"""In a process that trains: where it notes how far it is, and the folder of the run."""


def _begin(first: Any, now: Any, folder: Any) -> None:
    """Prepare a process: it leaves Ctrl-C to its parent, and does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _SHARED.update(first=first, now=now, folder=folder)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)


def _one(train: Train, job: AnyJob, place: int) -> xr.Dataset:
    """Train; this runs in another process."""

    def note_epoch(epoch: int) -> None:
        note(_SHARED["first"], _SHARED["now"], place, epoch)

    with running(RunContext(_SHARED["folder"])):
        return train(job, note_epoch)
