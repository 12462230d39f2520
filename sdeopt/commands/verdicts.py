"""What ``sdeopt run`` prints: much to a person, a line for each experiment to a log."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sdeopt.experiment import Experiment
from sdeopt.experiments.reproduction import Failure, Finding


class Printer:
    """Say which experiment runs, and what was found."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._number = 0
        self._console = Console()
        self._brief = total > 1 and not self._console.is_terminal

    def begin(self, experiment: Experiment[Any]) -> None:
        """Announce an experiment, on a terminal before it runs."""
        self._number += 1
        place = f"[{self._number} of {self._total}] " if self._total > 1 else ""
        if not self._brief:
            self._line(f"{place}{experiment.name}: {experiment.title}", "bold")

    def show(self, finding: Finding) -> None:
        """Print the claims of a run with values and verdicts."""
        if self._brief:
            self._line(f"{finding.name}: {_summary(finding)}")
            for claim in finding.failed:
                self._line(f"  FAILED {claim.claim}: {claim.value:.3g}, not {claim.criterion}")
        else:
            self._console.print(_table(finding))
            self._line(_summary(finding))

    def show_failure(self, failure: Failure) -> None:
        """Print that an experiment did not finish."""
        self._line(f"{failure.name}: DID NOT FINISH: {failure.problem}", "bold red")

    def end(self, findings: Sequence[Finding], failures: Sequence[Failure], out: Path) -> None:
        """Print what all experiments came to, and a sentence on each that did not finish."""
        if self._total > 1 and not self._brief:
            seconds = sum(finding.run["seconds"] for finding in findings)
            finished = f"{len(findings)} of {self._total} experiments finished"
            self._line(f"{finished}; {_held(findings)}; {seconds:.0f} s", "bold")
        for failure in failures:
            record = out / failure.name / "failure.json"
            where = f"; the traceback is in {record}" if failure.traceback else ""
            sentence = f"sdeopt: {failure.name} did not finish: {failure.problem}{where}."
            print(sentence, file=sys.stderr)

    def _line(self, text: str, style: str = "") -> None:
        # Text, because brackets in a stranger's message are no markup; whole, because logs are
        # searched line by line.
        self._console.print(Text(text, style), soft_wrap=not self._console.is_terminal)


def _table(finding: Finding) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    table.add_column("claim")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("criterion")
    for claim in finding.claims:
        verdict = Text("held", "green") if claim.holds else Text("FAILED", "bold red")
        cells = Text(claim.claim), Text(f"{claim.value:.3g}"), Text(claim.criterion)
        table.add_row(verdict, *cells)
    return table


def _summary(finding: Finding) -> str:
    run = finding.run
    return (
        f"{_held([finding])}; {run['seconds']:.1f} s, "
        f"{run['agent_steps_per_second'] / 1e6:.3g} million agent-steps per second; "
        f"written to {finding.folder}"
    )


def _held(findings: Sequence[Finding]) -> str:
    claims = [claim for finding in findings for claim in finding.claims]
    return f"{sum(claim.holds for claim in claims)} of {len(claims)} claims held"
