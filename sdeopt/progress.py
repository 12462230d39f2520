"""How far a run is: a bar on a terminal, nothing anywhere else."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import rich.progress

__all__ = ["Reporter"]

COMPILING = "compiling the kernel (first run only, takes some seconds)"


class Reporter:
    """Show the progress of one run on the standard error stream.

    Parameters
    ----------
    description : str
        What is running, e.g. ``"QSGD on RuggedWell"``.
    steps : int
        The number of steps of the run.
    agents : int
        The number of agents that move in a step: replicas × agents.
    progress : bool, optional
        True shows the bar even in a notebook or a pipe, False never; by default it is shown when
        the standard error stream is a terminal.
    done : int
        Agent-steps that were done before, by the run that is resumed.

    Notes
    -----
    Work is counted in agent-steps, so that a run may finish blocks of replicas one after another.
    Call it from one thread.

    Examples
    --------
    >>> from sdeopt.progress import Reporter
    >>> with Reporter("QSGD", steps=1000, agents=20, progress=False) as reporter:
    ...     reporter.compiling()
    ...     reporter.advance(20 * 500)
    """

    def __init__(
        self,
        description: str,
        steps: int,
        agents: int,
        *,
        progress: bool | None = None,
        done: int = 0,
    ) -> None:
        self._description = description
        self._total = steps * agents
        self._agents = agents
        self._done = done
        self._shown = sys.stderr.isatty() if progress is None else progress
        self._bar: rich.progress.Progress | None = None
        self._task: rich.progress.TaskID | None = None

    def __enter__(self) -> Self:
        if self._shown:
            self._bar = _bar(self._agents)
            self._task = self._bar.add_task(
                self._description, total=self._total, completed=self._done
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

    def compiling(self) -> None:
        """Say that the wait is for the compiler."""
        if self._bar is not None:
            self._bar.console.print(COMPILING, highlight=False)

    def advance(self, agent_steps: int) -> None:
        """Count finished work.

        Parameters
        ----------
        agent_steps : int
            Steps × agents × replicas finished since the last call.
        """
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, agent_steps)


def _bar(agents: int) -> "rich.progress.Progress":
    """Return a bar with both speeds; rich is imported only where one is shown."""
    import rich.console
    import rich.progress

    class Speed(rich.progress.ProgressColumn):
        def render(self, task: rich.progress.Task) -> str:
            return _speed(task.finished_speed or task.speed, agents)

    return rich.progress.Progress(
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.TaskProgressColumn(),
        Speed(),
        rich.progress.TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        # Whether to show was decided already; in a notebook the widget would need ipywidgets.
        console=rich.console.Console(stderr=True, force_terminal=True, force_jupyter=False),
    )


def _speed(agent_steps_per_second: float | None, agents: int) -> str:
    """Return both speeds in words, with prefixes a person reads at a glance."""
    if not agent_steps_per_second:
        return "– steps/s"
    each = _rounded(agent_steps_per_second / agents)
    return f"{each} steps/s, {_rounded(agent_steps_per_second)} agent-steps/s"


def _rounded(number: float) -> str:
    """Return a number with three digits: 950, 1.2 k, 152 M."""
    for factor, prefix in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= factor:
            return f"{number / factor:.3g}{prefix}"
    return f"{number:.3g}"
