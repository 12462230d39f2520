"""How far a sweep is: points done, rate and time left on a terminal, nothing anywhere else."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import rich.progress

__all__ = ["PointCounter"]


class PointCounter:
    """Show the progress of a sweep on the standard error stream.

    Parameters
    ----------
    points : int
        How many there are.
    work : int
        Their agent-steps, which are not the same for all: the time left goes by these.
    progress : bool, optional
        True shows the bar even in a pipe, False never; by default only on a terminal.

    Examples
    --------
    >>> from sdeopt.sweeps.progress import PointCounter
    >>> with PointCounter(points=2, work=3000, progress=False) as counter:
    ...     counter.finished(1000)
    >>> counter.done
    1
    """

    def __init__(self, points: int, work: int, *, progress: bool | None = None) -> None:
        self.done = 0
        self._points = points
        self._work = work
        self._shown = sys.stderr.isatty() if progress is None else progress
        self._bar: rich.progress.Progress | None = None
        self._task: rich.progress.TaskID | None = None

    def __enter__(self) -> Self:
        if self._shown:
            self._bar = _bar()
            self._task = self._bar.add_task(
                "sweep", total=self._work, done=0, before=0, points=self._points
            )
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def found(self, points: int, work: int) -> None:
        """Leave out points that were done before, in the rate and in the time left.

        Parameters
        ----------
        points, work : int
            How many, and their agent-steps.
        """
        self.done += points
        if self._bar is not None and self._task is not None:
            left = self._work - work
            self._bar.reset(self._task, total=left, done=points, before=points, points=self._points)

    def finished(self, work: int) -> None:
        """Count one finished point.

        Parameters
        ----------
        work : int
            Its agent-steps.
        """
        self.done += 1
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=work, done=self.done)


def _bar() -> "rich.progress.Progress":
    """Return a bar with the points; rich is imported only where one is shown."""
    import rich.console
    import rich.progress

    class Rate(rich.progress.ProgressColumn):
        def render(self, task: rich.progress.Task) -> str:
            return _rate(task.fields["done"] - task.fields["before"], task.elapsed)

    return rich.progress.Progress(
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.TextColumn("{task.fields[done]} of {task.fields[points]} points"),
        Rate(),
        rich.progress.TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        # as for a single run, whether to show was decided already
        console=rich.console.Console(stderr=True, force_terminal=True, force_jupyter=False),
    )


def _rate(points: int, seconds: float | None) -> str:
    """Return the speed as a person would say it: 2.5 points/s, or 12 s/point."""
    if not points or not seconds:
        return "– points/s"
    if points >= seconds:
        return f"{points / seconds:.3g} points/s"
    return f"{seconds / points:.3g} s/point"
