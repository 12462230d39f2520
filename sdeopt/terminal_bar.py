"""A bar on a terminal while something is done, nothing anywhere else."""

import sys
from abc import ABC, abstractmethod
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import rich.progress

__all__ = ["TerminalBar"]


class TerminalBar(ABC):
    """A bar on the standard error stream, from entering a ``with`` block to its end.

    Parameters
    ----------
    description : str
        What is going on.
    total : int
        Of the work; the time left goes by it.
    progress : bool, optional
        True shows the bar even in a notebook or a pipe, False never; by default it is shown when
        the standard error stream is a terminal.
    **start
        What else the bar begins with: ``completed``, and fields that its columns show.

    Examples
    --------
    >>> from sdeopt.terminal_bar import TerminalBar
    >>> class Bar(TerminalBar):
    ...     def _how_far(self):
    ...         from rich.progress import MofNCompleteColumn
    ...         return MofNCompleteColumn()
    ...     def _how_fast(self, task):
    ...         return f"{task.speed} a second"
    >>> with Bar("counting", 10, progress=False):
    ...     pass
    """

    leaves_nothing = False
    """Whether the bar vanishes when it stops."""

    def __init__(
        self, description: str, total: int, *, progress: bool | None = None, **start: Any
    ) -> None:
        self._description = description
        self._total = total
        self._start = start
        self._shown = sys.stderr.isatty() if progress is None else progress
        self._bar: rich.progress.Progress | None = None
        self._task: rich.progress.TaskID | None = None

    @abstractmethod
    def _how_far(self) -> "rich.progress.ProgressColumn":
        """Return what stands beside the bar."""

    @abstractmethod
    def _how_fast(self, task: "rich.progress.Task") -> str:
        """Return the speed in words."""

    def __enter__(self) -> Self:
        if self._shown:
            self._bar = _bar(self)
            self._task = self._bar.add_task(self._description, total=self._total, **self._start)
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


def _bar(shown: TerminalBar) -> "rich.progress.Progress":
    """Return the bar itself; rich is imported only where one is shown."""
    import rich.console
    import rich.progress

    class Speed(rich.progress.ProgressColumn):
        def render(self, task: rich.progress.Task) -> str:
            return shown._how_fast(task)

    return rich.progress.Progress(
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        shown._how_far(),
        Speed(),
        rich.progress.TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        transient=shown.leaves_nothing,
        # Whether to show was decided already; in a notebook the widget would need ipywidgets.
        console=rich.console.Console(stderr=True, force_terminal=True, force_jupyter=False),
    )
