"""``sdeopt run``: which experiments are run, how, and what is printed of them."""

import dataclasses
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sdeopt.commands.extension import print_line
from sdeopt.commands.side_by_side import Attempt, Task, side_by_side
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import (
    CONTRADICTED,
    EQUIVALENT,
    HOLDS,
    REQUIRED,
    SCALES,
    UNDECIDED,
    VERDICTS,
    Claim,
    Configuration,
    Experiment,
)
from sdeopt.experiments.overrides import overridden
from sdeopt.experiments.registry import entries, find, reading_order
from sdeopt.experiments.reproduction import (
    Failure,
    Finding,
    remember_failure,
    results_of_others,
)
from sdeopt.files import output_folder
from sdeopt.simulation.progress import TerminalBar
from sdeopt.streams import tell

if TYPE_CHECKING:
    import rich.progress


STYLES = {
    HOLDS: "green",
    CONTRADICTED: "bold red",
    EQUIVALENT: "blue",
    UNDECIDED: "yellow",
}


def run(
    names: Sequence[str],
    scale: str,
    seed: int | None,
    out: Path,
    settings: Sequence[str],
    animate: bool = False,
    workers: int = 1,
    replace: bool = False,
) -> "RunLog":
    """Run experiments; one that fails does not stop the others."""
    # Every name and setting is checked before the first experiment runs.
    experiments, broken = _experiments(names, scale)
    # one experiment has all processes for itself
    own = workers if len(experiments) == 1 else 1
    tasks = [
        Task(each, _configuration(each, scale, seed, settings), scale, out, animate, own)
        for each in experiments
    ]
    output_folder(out)
    if not replace:
        _refuse_to_replace(tasks)
    for failure in broken:
        tell(f"sdeopt: passing over '{failure.name}': {failure.problem}.")
        remember_failure(failure, out)
    log = RunLog(len(tasks), out)
    if workers > 1 and len(tasks) > 1:
        _run_side_by_side(tasks, min(workers, len(tasks)), log)
    else:
        _run_in_turn(tasks, log)
    log.end()
    return log


def _experiments(names: Sequence[str], scale: str) -> tuple[list[Experiment[Any]], list[Failure]]:
    """Return the named experiments once each; ``all`` leaves out those that cannot be loaded."""
    if "all" not in names:
        named = [find(name) for name in dict.fromkeys(names)]
        for experiment in named:
            if lacking := experiment.lacking():
                raise InvalidArgumentError(lacking)
        return named, []
    if scale in SCALES and scale not in REQUIRED:
        tell(f"sdeopt: passing over experiments that have no scale '{scale}'.")
    usable, broken = [], []
    for entry in entries():
        if entry.experiment is None:
            broken.append(Failure(name=entry.name, scale=scale, problem=entry.problem))
        elif lacking := entry.experiment.lacking():
            # an extra that is not installed is no failure
            tell(f"sdeopt: passing over {lacking}")
        elif scale in entry.experiment.scales or scale not in SCALES:
            # a scale that there is none of is refused later
            usable.append(entry.experiment)
    if not usable:
        raise InvalidArgumentError("no experiments are installed; install sdeopt[sims] for some.")
    return sorted(usable, key=lambda each: reading_order(each.section, each.name)), broken


def _configuration(
    experiment: Experiment[Any], scale: str, seed: int | None, settings: Sequence[str]
) -> Configuration:
    configuration: Configuration = overridden(experiment.configuration(scale), settings)
    return configuration if seed is None else dataclasses.replace(configuration, seed=seed)


def _refuse_to_replace(tasks: Sequence[Task]) -> None:
    """Refuse to write over results of other settings."""
    for task in tasks:
        other = results_of_others(task.experiment, task.configuration, task.out)
        if other:
            raise InvalidArgumentError(
                f"{task.out / task.experiment.name} holds results of other settings ({other}); give "
                "another folder with --out, or --replace to write over them."
            )


def _run_in_turn(tasks: Sequence[Task], log: "RunLog") -> None:
    for task in tasks:
        log.begin(task.experiment)
        try:
            attempt = task.carry_out()
        except KeyboardInterrupt as interruption:
            name, out = task.experiment.name, task.out
            raise KeyboardInterrupt(
                f"interrupted; {name} was not finished and its files in {out / name} are as they "
                f"were; what finished before it is in {out}. {interruption}".rstrip()
            ) from None
        log.add(attempt)


def _run_side_by_side(tasks: Sequence[Task], workers: int, log: "RunLog") -> None:
    try:
        with ExperimentCounter(len(tasks), workers) as counter:
            for task, attempt in side_by_side(tasks, workers):
                with counter.one_more():
                    log.begin(task.experiment)
                    tell(attempt.errors, end="")
                    sys.stdout.write(attempt.output)
                    log.add(attempt)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"interrupted; files of experiments that were not finished are as they were; what "
            f"finished before is in {tasks[0].out}."
        ) from None


class ExperimentCounter(TerminalBar):
    """A bar on the standard error stream: how many experiments are done."""

    leaves_nothing = True

    def __init__(self, experiments: int, workers: int, *, progress: bool | None = None) -> None:
        super().__init__(f"{workers} side by side", experiments, progress=progress)

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count an experiment; what is printed inside the block stands above the bar."""
        if self._bar is None or self._task is None:
            yield
            return
        # a bar that is shown redirects what is printed to its own stream
        self._bar.stop()
        yield
        self._bar.advance(self._task)
        self._bar.start()

    def _how_far(self) -> "rich.progress.ProgressColumn":
        import rich.progress

        return rich.progress.MofNCompleteColumn()

    def _how_fast(self, task: "rich.progress.Task") -> str:
        return "experiments"


class RunLog:
    """What experiments gave, printed as it comes: claim by claim for one experiment or on a terminal.

    Elsewhere each experiment, and each claim that does not hold, has one line.
    """

    def __init__(self, total: int, out: Path) -> None:
        self.findings: list[Finding] = []
        self.failures: list[Failure] = []
        self._total = total
        self._out = out
        self._begun = 0
        self._console = Console()
        self._brief = total > 1 and not self._console.is_terminal

    @property
    def open_claims(self) -> int:
        """The number of claims that are contradicted or undecided."""
        return sum(len(finding.open) for finding in self.findings)

    def begin(self, experiment: Experiment[Any]) -> None:
        """Print the title of an experiment."""
        self._begun += 1
        place = f"[{self._begun} of {self._total}] " if self._total > 1 else ""
        if not self._brief:
            self._line(f"{place}{experiment.name}: {experiment.title}", "bold")

    def add(self, attempt: Attempt) -> None:
        """Print and keep what an experiment gave."""
        if attempt.finding is not None:
            self.findings.append(attempt.finding)
            self._show(attempt.finding)
        if attempt.animation is not None:
            print(f"animation written to {attempt.animation}")
        if attempt.failure is not None:
            self.failures.append(attempt.failure)
            self._line(
                f"{attempt.failure.name}: DID NOT FINISH: {attempt.failure.problem}", "bold red"
            )

    def end(self) -> None:
        """Print totals, and a sentence on each experiment that did not finish."""
        if self._total > 1 and not self._brief:
            seconds = sum(finding.run["seconds"] for finding in self.findings)
            finished = f"{len(self.findings)} of {self._total} experiments finished"
            self._line(f"{finished}; {_held(self.findings)}; {seconds:.0f} s", "bold")
        for failure in self.failures:
            record = self._out / failure.name / "failure.json"
            where = f"; the traceback is in {record}" if failure.traceback else ""
            sentence = f"sdeopt: {failure.name} did not finish: {failure.problem}{where}."
            tell(sentence)

    def _show(self, finding: Finding) -> None:
        if not self._brief:
            self._console.print(_table(finding))
            self._line(_summary(finding))
            return
        self._line(f"{finding.name}: {_summary(finding)}")
        for claim in finding.open:
            self._line(
                f"  {_verdict(claim, finding)}: {claim.claim}: {claim.value:.3g}, not "
                f"{claim.criterion}{_sampled(claim)}"
            )

    def _line(self, text: str, style: str = "") -> None:
        print_line(self._console, text, style)


def _table(finding: Finding) -> Table:
    """Return the claims of a run with values and verdicts."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    table.add_column("claim")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("criterion")
    for claim in finding.claims:
        verdict = Text(_verdict(claim, finding), STYLES[claim.verdict])
        criterion = Text(f"{claim.criterion}{_sampled(claim)}")
        table.add_row(verdict, Text(claim.claim), Text(f"{claim.value:.3g}"), criterion)
    return table


def _verdict(claim: Claim, finding: Finding) -> str:
    """Return the verdict, with a star where settings were changed."""
    return f"{claim.verdict}{'*' if finding.changed else ''}"


def _sampled(claim: Claim) -> str:
    """Return the estimate and its interval, where there are any."""
    if claim.interval is None:
        return ""
    low, high = claim.interval
    return f" (estimate {claim.estimate:.3g}, interval {low:.3g} to {high:.3g})"


def _summary(finding: Finding) -> str:
    run = finding.run
    changed = f" (*) with changed settings: {finding.changed}" if finding.changed else ""
    return (
        f"{_held([finding])}{changed}; {run['seconds']:.1f} s, "
        f"{run['agent_steps_per_second'] / 1e6:.3g} million agent-steps per second; "
        f"written to {finding.folder}"
    )


def _held(findings: Sequence[Finding]) -> str:
    claims = [claim for finding in findings for claim in finding.claims]
    counts = Counter(claim.verdict for claim in claims)
    rest = [f", {counts[verdict]} {verdict}" for verdict in VERDICTS[1:] if counts[verdict]]
    return f"{counts[HOLDS]} of {len(claims)} claims held{''.join(rest)}"
