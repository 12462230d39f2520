"""How far a sweep is: points done, rate and time left on a terminal, nothing anywhere else."""

from typing import TYPE_CHECKING

from sdeopt.terminal_bar import TerminalBar

if TYPE_CHECKING:
    import rich.progress

__all__ = ["PointCounter"]


class PointCounter(TerminalBar):
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
        super().__init__("sweep", work, progress=progress, done=0, before=0, points=points)
        self.done = 0
        self._points = points

    def found(self, points: int, work: int) -> None:
        """Leave out points that were done before, in the rate and in the time left.

        Parameters
        ----------
        points, work : int
            How many, and their agent-steps.
        """
        self.done += points
        if self._bar is not None and self._task is not None:
            left = self._total - work
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

    def _how_far(self) -> "rich.progress.ProgressColumn":
        import rich.progress

        return rich.progress.TextColumn("{task.fields[done]} of {task.fields[points]} points")

    def _how_fast(self, task: "rich.progress.Task") -> str:
        return _rate(task.fields["done"] - task.fields["before"], task.elapsed)


def _rate(points: int, seconds: float | None) -> str:
    """Return the speed as a person would say it: 2.5 points/s, or 12 s/point."""
    if not points or not seconds:
        return "– points/s"
    if points >= seconds:
        return f"{points / seconds:.3g} points/s"
    return f"{seconds / points:.3g} s/point"
