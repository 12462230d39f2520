"""How far a run is: a bar on a terminal, nothing anywhere else."""

from typing import TYPE_CHECKING

from sdeopt.terminal_bar import TerminalBar

if TYPE_CHECKING:
    import rich.progress

__all__ = ["Reporter"]

COMPILING = "compiling the kernel (first run only, takes some seconds)"


class Reporter(TerminalBar):
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
        super().__init__(description, steps * agents, progress=progress, completed=done)
        self._agents = agents

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

    def _how_far(self) -> "rich.progress.ProgressColumn":
        import rich.progress

        return rich.progress.TaskProgressColumn()

    def _how_fast(self, task: "rich.progress.Task") -> str:
        return _speed(task.finished_speed or task.speed, self._agents)


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
