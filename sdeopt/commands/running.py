"""``sdeopt run``."""

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration, Experiment
from sdeopt.overrides import overridden
from sdeopt.registry import entries, find
from sdeopt.reproduction import Finding, reproduce

__all__ = ["run", "show_claims"]


def run(
    names: Sequence[str], scale: str, seed: int | None, out: Path, settings: Sequence[str]
) -> int:
    """Run experiments one after another.

    Parameters
    ----------
    names : sequence of str
        Names of experiments, or ``"all"``.
    scale : str
        ``"quick"`` or ``"paper"``.
    seed : int, optional
        In place of the configuration's own.
    out : pathlib.Path
        The folder of results.
    settings : sequence of str
        ``key=value`` each.

    Returns
    -------
    int
        The number of claims that do not hold.
    """
    # Every name and setting is looked at before the first minute is spent.
    planned = [
        (experiment, _configuration(experiment, scale, seed, settings))
        for experiment in _experiments(names)
    ]
    console = Console()
    failed = 0
    for experiment, configuration in planned:
        console.print(Text(f"{experiment.name}: {experiment.title}", "bold"))
        try:
            finding = reproduce(experiment, scale, configuration, out)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"interrupted; {experiment.name} was not finished and its files in "
                f"{out / experiment.name} are as they were; what finished before it is in {out}."
            ) from None
        show_claims(finding, console)
        failed += len(finding.failed)
    return failed


def show_claims(finding: Finding, console: Console) -> None:
    """Print the claims of a run with values and verdicts.

    Parameters
    ----------
    finding : Finding
        What was run.
    console : rich.console.Console
        Where to print.
    """
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    table.add_column("claim")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("criterion")
    for claim in finding.claims:
        verdict = Text("held", "green") if claim.holds else Text("FAILED", "bold red")
        cells = Text(claim.claim), Text(f"{claim.value:.3g}"), Text(claim.criterion)
        table.add_row(verdict, *cells)
    console.print(table)
    run = finding.run
    held = len(finding.claims) - len(finding.failed)
    console.print(
        Text(
            f"{held} of {len(finding.claims)} claims held; {run['seconds']:.1f} s, "
            f"{run['agent_steps_per_second'] / 1e6:.0f} million agent-steps per second; "
            f"written to {finding.folder}"
        )
    )


def _experiments(names: Sequence[str]) -> list[Experiment[Any]]:
    """Return the named experiments once each; ``all`` passes over those that cannot be loaded."""
    if "all" not in names:
        return [find(name) for name in dict.fromkeys(names)]
    usable = []
    for entry in entries():
        if entry.experiment is None:
            print(f"sdeopt: passing over '{entry.name}': {entry.problem}.", file=sys.stderr)
        else:
            usable.append(entry.experiment)
    if not usable:
        raise InvalidArgumentError("no experiments are installed; install sdeopt[sims] for some.")
    return usable


def _configuration(
    experiment: Experiment[Any], scale: str, seed: int | None, settings: Sequence[str]
) -> Configuration:
    configuration: Configuration = overridden(experiment.configuration(scale), settings)
    return configuration if seed is None else dataclasses.replace(configuration, seed=seed)
