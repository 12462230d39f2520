"""How far a run is: a bar on a terminal, nothing anywhere else; Ctrl-C between chunks of steps."""

import signal
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sdeopt.arguments import flag
from sdeopt.streams import on_terminal, usable

if TYPE_CHECKING:
    import rich.progress

COMPILING = "compiling the kernel (first run only, takes some seconds)"


@contextmanager
def polite_interrupts() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C into a flag; the second interrupts at once."""
    stop = threading.Event()
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield stop
        return

    def note(number: int, frame: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, note)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class TerminalBar(ABC):
    """A bar on the standard error stream, from entering a ``with`` block to its end."""

    leaves_nothing = False
    """Whether the bar vanishes when it stops."""

    def __init__(
        self, description: str, total: int, *, progress: bool | None = None, **start: Any
    ) -> None:
        self._description = description
        self._total = total
        self._start = start
        self._shown = on_terminal() if progress is None else flag(progress, "progress") and usable()
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


class Reporter(TerminalBar):
    """Show the progress of one run on the standard error stream."""

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
        """Print that the kernel is being compiled."""
        if self._bar is not None:
            self._bar.console.print(COMPILING, highlight=False)

    def advance(self, agent_steps: int) -> None:
        """Count finished work."""
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, agent_steps)

    def _how_far(self) -> "rich.progress.ProgressColumn":
        import rich.progress

        return rich.progress.TaskProgressColumn()

    def _how_fast(self, task: "rich.progress.Task") -> str:
        return _speed(task.finished_speed or task.speed, self._agents)


def _speed(agent_steps_per_second: float | None, agents: int) -> str:
    """Return both speeds in words, with prefixes."""
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
