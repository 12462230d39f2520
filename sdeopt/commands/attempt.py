"""Carrying out one experiment: what it found, or why it did not finish."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdeopt.errors import OutputError
from sdeopt.experiment import Configuration, Experiment
from sdeopt.failure import Failure, remember_failure
from sdeopt.reproduction import Finding, reproduce

__all__ = ["Attempt", "Task"]


@dataclass(frozen=True)
class Attempt:
    """What became of an experiment.

    Parameters
    ----------
    finding : Finding, optional
        What was written; there may be one although the animation after it failed.
    failure : Failure, optional
        Why it did not finish.
    animation : pathlib.Path, optional
        The file of the animation, if one was wanted.
    """

    finding: Finding | None = None
    failure: Failure | None = None
    animation: Path | None = None


@dataclass(frozen=True)
class Task:
    """An experiment to carry out, and how.

    Parameters
    ----------
    experiment : Experiment
        What to run.
    configuration : Configuration
        With these settings.
    scale : str
        The scale that the configuration started from.
    out : pathlib.Path
        The folder of results.
    animate : bool
        Whether to write an animation too.
    """

    experiment: Experiment[Any]
    configuration: Configuration
    scale: str
    out: Path
    animate: bool = False

    def carry_out(self) -> Attempt:
        """Run it and write its files.

        Returns
        -------
        Attempt
            Failures are remembered in the folder of the experiment.

        Raises
        ------
        OutputError
            If the folder cannot be written: a disk that is full is full for the others too.
        """
        finding = animation = None
        try:
            finding = reproduce(self.experiment, self.scale, self.configuration, self.out)
            if self.animate:
                animation = _animate(self.experiment, self.configuration, finding.folder)
        except OutputError:
            raise
        except (Exception, SystemExit) as problem:  # a stranger's experiment may fail in any way
            return Attempt(finding, self.failed(problem))
        return Attempt(finding, animation=animation)

    def failed(self, problem: BaseException) -> Failure:
        """Remember that the experiment did not finish.

        Parameters
        ----------
        problem : BaseException
            Why.

        Returns
        -------
        Failure
            As it was written.
        """
        name = self.experiment.name
        failure = Failure.of(name, problem, scale=self.scale, experiment=self.experiment)
        remember_failure(failure, self.out)
        return failure


def _animate(
    experiment: Experiment[Any], configuration: Configuration, folder: Path
) -> Path | None:
    if experiment.animate is None:
        print(f"sdeopt: {experiment.name} has no animation.", file=sys.stderr)
        return None
    from sdeopt import plotting
    from sdeopt.animation import write_animation

    with plotting.house_style():
        animation = experiment.animate(configuration)
    return write_animation(animation, folder, experiment.name)
