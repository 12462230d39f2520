"""``sdeopt run``."""

import dataclasses
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdeopt.commands.side_by_side import Attempt, Task, side_by_side
from sdeopt.commands.verdicts import Printer
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration, Experiment
from sdeopt.experiments.overrides import overridden
from sdeopt.experiments.registry import entries, find, reading_order
from sdeopt.experiments.reproduction import Failure, Finding, remember_failure
from sdeopt.files import output_folder
from sdeopt.simulation.progress import TerminalBar

if TYPE_CHECKING:
    import rich.progress


class ExperimentCounter(TerminalBar):
    """Show how many experiments are done on the standard error stream."""

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


@dataclass(frozen=True)
class Outcome:
    """What became of the experiments of one command."""

    findings: list[Finding]
    failures: list[Failure]

    @property
    def failed_claims(self) -> int:
        """The number of claims that do not hold."""
        return sum(len(finding.failed) for finding in self.findings)


def run(
    names: Sequence[str],
    scale: str,
    seed: int | None,
    out: Path,
    settings: Sequence[str],
    animate: bool = False,
    workers: int = 1,
) -> Outcome:
    """Run experiments; one that breaks does not stop the others."""
    # Every name and setting is looked at before the first minute is spent.
    experiments, broken = _experiments(names, scale)
    tasks = [
        Task(each, _configuration(each, scale, seed, settings), scale, out, animate)
        for each in experiments
    ]
    output_folder(out)
    for failure in broken:
        print(f"sdeopt: passing over '{failure.name}': {failure.problem}.", file=sys.stderr)
        remember_failure(failure, out)
    printer = Printer(len(tasks))
    outcome = Outcome([], [])
    if workers > 1 and len(tasks) > 1:
        _run_side_by_side(tasks, min(workers, len(tasks)), printer, outcome)
    else:
        _run_in_turn(tasks, printer, outcome)
    printer.end(outcome.findings, outcome.failures, out)
    return outcome


def _run_in_turn(tasks: Sequence[Task], printer: Printer, outcome: Outcome) -> None:
    for task in tasks:
        printer.begin(task.experiment)
        try:
            attempt = task.carry_out()
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_farewell(task.experiment.name, task.out)) from None
        _take(attempt, printer, outcome)


def _run_side_by_side(
    tasks: Sequence[Task], workers: int, printer: Printer, outcome: Outcome
) -> None:
    out = tasks[0].out
    try:
        with ExperimentCounter(len(tasks), workers) as counter:
            for task, told in side_by_side(tasks, workers):
                with counter.one_more():
                    printer.begin(task.experiment)
                    sys.stderr.write(told.complained)
                    sys.stdout.write(told.printed)
                    _take(told.attempt, printer, outcome)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"interrupted; files of experiments that were not finished are as they were; what "
            f"finished before is in {out}."
        ) from None


def _take(attempt: Attempt, printer: Printer, outcome: Outcome) -> None:
    """Print what became of an experiment, and count it in."""
    if attempt.finding is not None:
        outcome.findings.append(attempt.finding)
        printer.show(attempt.finding)
    if attempt.animation is not None:
        print(f"animation written to {attempt.animation}")
    if attempt.failure is not None:
        outcome.failures.append(attempt.failure)
        printer.show_failure(attempt.failure)


def _farewell(name: str, out: Path) -> str:
    return (
        f"interrupted; {name} was not finished and its files in {out / name} are as they were; "
        f"what finished before it is in {out}."
    )


def _experiments(names: Sequence[str], scale: str) -> tuple[list[Experiment[Any]], list[Failure]]:
    """Return the named experiments once each; ``all`` passes over those that cannot be loaded."""
    if "all" not in names:
        named = [find(name) for name in dict.fromkeys(names)]
        for experiment in named:
            if lacking := experiment.lacking():
                raise InvalidArgumentError(lacking)
        return named, []
    usable, broken = [], []
    for entry in entries():
        if entry.experiment is None:
            broken.append(Failure(name=entry.name, scale=scale, problem=entry.problem))
        elif lacking := entry.experiment.lacking():
            # an extra that was not asked for is no failure to remember
            print(f"sdeopt: passing over {lacking}", file=sys.stderr)
        else:
            usable.append(entry.experiment)
    if not usable:
        raise InvalidArgumentError("no experiments are installed; install sdeopt[sims] for some.")
    return sorted(usable, key=lambda each: reading_order(each.section, each.name)), broken


def _configuration(
    experiment: Experiment[Any], scale: str, seed: int | None, settings: Sequence[str]
) -> Configuration:
    configuration: Configuration = overridden(experiment.configuration(scale), settings)
    return configuration if seed is None else dataclasses.replace(configuration, seed=seed)
