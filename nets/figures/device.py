"""As much of Fig. 9 and Table 1 at paper scale as fits some minutes: ``python -m nets.figures.device``.

It is for a GPU that is lent for a while, and uses it to the last minute. Trainings are in bfloat16, the
cheap ones first, all of a run before those of the next. Each is kept when it has ended; the one that
is cut is kept as it stands, and goes on when the same command is called again. What is there is used by
``sdeopt run fig9 --scale paper`` with the same settings, which the last line names.
"""

import dataclasses
import json
import threading
import time
from _thread import interrupt_main
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.table import Table

from nets.figures import fig9, table1
from nets.figures.examples import data_digest, data_of, epoch_steps
from nets.figures.origin import processor
from nets.figures.single_agents import every_setting
from nets.figures.store import Job, Store, digest_of_job
from nets.figures.task import Task
from nets.figures.trained import obtained
from sdeopt.configuration import read_setting
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiments.context import RunContext, running
from sdeopt.experiments.overrides import overridden
from sdeopt.files import atomic_path, output_folder

CHANGED = ("kept=true", "bfloat16=true")
"""Settings that are not those of paper scale: a training can go on, and is twice as fast."""


def configurations(settings: Sequence[str] = ()) -> dict[str, Any]:
    """Return the configurations of both experiments, each with those of the settings that it has."""
    found: dict[str, Any] = {"fig9": fig9.PAPER, "table1": table1.PAPER}
    for setting in settings:
        (name, *_), _ = read_setting(setting)
        if not any(hasattr(each, name) for each in found.values()):
            raise InvalidArgumentError(
                f"--set was given '{setting}', but neither fig9 nor table1 has '{name}'."
            )
    return {
        experiment: overridden(
            configuration,
            [each for each in (*CHANGED, *settings) if hasattr(configuration, _name(each))],
        )
        for experiment, configuration in found.items()
    }


def _name(setting: str) -> str:
    (name, *_), _ = read_setting(setting)
    return name


def jobs_of(wanted: dict[str, Any]) -> list[Job]:
    """Return all trainings of both, once each: run by run, and those of few agents first."""
    plans = {"fig9": fig9.every_plan(wanted["fig9"]), "table1": every_setting(wanted["table1"])}
    runs = max(each.runs for each in wanted.values())
    jobs = [
        Job(each.task(), plan, run)
        for run in range(runs)
        for experiment, each in wanted.items()
        if run < each.runs
        for plan in plans[experiment]
    ]
    data = data_digest(jobs[0].task)
    once = {digest_of_job(job, data): job for job in jobs}
    return sorted(once.values(), key=lambda job: (job.run, job.plan.agents))


@contextmanager
def cut_after(seconds: float) -> Iterator[None]:
    """Interrupt what runs inside the block, as Ctrl-C would, when the time is up."""
    timer = threading.Timer(seconds, interrupt_main)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@dataclasses.dataclass
class Progress:
    """What was done in the time."""

    jobs: int
    finished: int = 0
    found: int = 0
    images: int = 0
    seconds: float = 0.0
    cut: str = ""

    def in_words(self) -> dict[str, Any]:
        """Return it as plain values."""
        rate = self.images / self.seconds if self.seconds else 0.0
        return {**dataclasses.asdict(self), "images_per_second": round(rate)}


def train_for(seconds: float, jobs: Iterable[Job], folder: Path) -> Progress:
    """Train one after the other until the time is up or all are there."""
    jobs = list(jobs)
    progress, store = Progress(len(jobs)), Store(folder)
    data = data_digest(jobs[0].task)
    began = time.monotonic()
    place, epochs = jobs[0], [0, 0]

    def note(epoch: int) -> None:
        if epochs[0] < 0:
            epochs[0] = epoch
        epochs[1] = epoch

    def count(job: Job, reached: int) -> None:
        done = max(reached - max(epochs[0], 0), 0)
        progress.images += done * epoch_steps(job.task) * job.task.batch * job.plan.agents

    try:
        with running(RunContext(folder)), cut_after(seconds):
            for place in jobs:
                epochs[:] = [-1, -1]
                there = store.read(digest_of_job(place, data), place.epochs) is not None
                obtained(place, note)
                progress.found += there
                if not there:
                    progress.finished += 1
                    count(place, place.epochs)
    except KeyboardInterrupt:
        count(place, epochs[1])
        plan = place.plan
        progress.cut = (
            f"{plan.method}, {plan.agents} agents, run {place.run}, "
            f"after {max(epochs[1], 0)} of {place.epochs} epochs"
        )
    progress.seconds = time.monotonic() - began
    return progress


def machine(task: Task) -> str:
    """Return what computes."""
    if task.device.startswith("cuda"):
        return torch.cuda.get_device_name(task.device)
    return processor()


def main(
    minutes: Annotated[float, typer.Option(help="After these it stops.")] = 15.0,
    out: Annotated[Path, typer.Option("--out", help="The folder of results.")] = Path("out"),
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting.")
    ] = None,
) -> None:
    """Train what fits, and say what there is."""
    began = time.monotonic()
    wanted = configurations(settings or [])
    task = wanted["fig9"].task()
    # reading the data counts
    data = data_of(task)
    jobs = jobs_of(wanted)
    progress = train_for(60 * minutes - (time.monotonic() - began), jobs, out)
    facts = {"machine": machine(task), "data": data.provenance, "torch": torch.__version__}
    report = facts | progress.in_words()
    with atomic_path(output_folder(out) / "device.json") as temporary:
        temporary.write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, value in report.items():
        table.add_row(name.replace("_", " "), str(value))
    console = Console()
    console.print(table)
    own = [each for each in settings or [] if hasattr(wanted["fig9"], _name(each))]
    changed = " ".join(f"--set {each}" for each in (*CHANGED, *own))
    console.print(f"sdeopt run fig9 --scale paper {changed} --out {out}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
