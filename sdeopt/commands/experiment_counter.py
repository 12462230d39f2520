"""How far experiments side by side are: a bar on a terminal, nothing anywhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sdeopt.terminal_bar import TerminalBar

if TYPE_CHECKING:
    import rich.progress

__all__ = ["ExperimentCounter"]


class ExperimentCounter(TerminalBar):
    """Show how many experiments are done on the standard error stream.

    Parameters
    ----------
    experiments, workers : int
        How many there are, and how many run side by side.
    progress : bool, optional
        True shows the bar even in a pipe, False never; by default only on a terminal.

    Examples
    --------
    >>> from sdeopt.commands.experiment_counter import ExperimentCounter
    >>> with ExperimentCounter(3, 2, progress=False) as counter:
    ...     with counter.one_more():
    ...         print("fig1: 27 of 27 claims held")
    fig1: 27 of 27 claims held
    """

    leaves_nothing = True

    def __init__(self, experiments: int, workers: int, *, progress: bool | None = None) -> None:
        super().__init__(f"{workers} side by side", experiments, progress=progress)

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count an experiment; what is printed meanwhile stands above the bar."""
        if self._bar is None or self._task is None:
            yield
            return
        # what it printed on would be caught while it is shown, and end up in the wrong stream
        self._bar.stop()
        yield
        self._bar.advance(self._task)
        self._bar.start()

    def _how_far(self) -> "rich.progress.ProgressColumn":
        import rich.progress

        return rich.progress.MofNCompleteColumn()

    def _how_fast(self, task: "rich.progress.Task") -> str:
        return "experiments"
