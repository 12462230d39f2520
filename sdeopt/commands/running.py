"""``sdeopt run``."""

import dataclasses
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdeopt.commands.verdicts import Printer
from sdeopt.errors import InvalidArgumentError, OutputError
from sdeopt.experiment import Configuration, Experiment
from sdeopt.failure import Failure, remember_failure
from sdeopt.files import output_folder
from sdeopt.overrides import overridden
from sdeopt.registry import entries, find, reading_order
from sdeopt.reproduction import Finding, reproduce

__all__ = ["Outcome", "run"]


@dataclass(frozen=True)
class Outcome:
    """What became of the experiments of one command.

    Parameters
    ----------
    findings : list of Finding
        Of those that finished.
    failures : list of Failure
        Of those that did not.
    """

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
) -> Outcome:
    """Run experiments one after another; one that breaks does not stop the others.

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
    animate : bool
        Whether to write an animation too, for experiments that have one.

    Returns
    -------
    Outcome
        Everything in it was printed already.
    """
    # Every name and setting is looked at before the first minute is spent.
    experiments, broken = _experiments(names, scale)
    planned = [(each, _configuration(each, scale, seed, settings)) for each in experiments]
    output_folder(out)
    for failure in broken:
        print(f"sdeopt: passing over '{failure.name}': {failure.problem}.", file=sys.stderr)
        remember_failure(failure, out)
    printer = Printer(len(planned))
    outcome = Outcome([], [])
    for experiment, configuration in planned:
        printer.begin(experiment)
        try:
            finding = reproduce(experiment, scale, configuration, out)
            outcome.findings.append(finding)
            printer.show(finding)
            if animate:
                _animate(experiment, configuration, finding.folder)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_farewell(experiment.name, out)) from None
        except OutputError:
            raise  # a disk that is full is full for the others too
        except (Exception, SystemExit) as problem:  # a stranger's experiment may fail in any way
            failure = Failure.of(experiment.name, problem, scale=scale, experiment=experiment)
            remember_failure(failure, out)
            outcome.failures.append(failure)
            printer.show_failure(failure)
    printer.end(outcome.findings, outcome.failures, out)
    return outcome


def _farewell(name: str, out: Path) -> str:
    return (
        f"interrupted; {name} was not finished and its files in {out / name} are as they were; "
        f"what finished before it is in {out}."
    )


def _animate(experiment: Experiment[Any], configuration: Configuration, folder: Path) -> None:
    if experiment.animate is None:
        print(f"sdeopt: {experiment.name} has no animation.", file=sys.stderr)
        return
    from sdeopt import plotting
    from sdeopt.animation import write_animation

    with plotting.house_style():
        animation = experiment.animate(configuration)
    print(f"animation written to {write_animation(animation, folder, experiment.name)}")


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
