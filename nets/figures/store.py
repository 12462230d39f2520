"""Trainings that outlive the process that made them, named by a digest of all that decides them.

While a training runs, a folder of its name holds its checkpoint; when it has ended, a file of its name
holds its history, and the folder is removed. Finished histories come with the source code too, inside
the results of experiments (``docs/results/NAME/result.nc``) or, where no result holds them,
packed in ``docs/results/trainings``, so that another machine goes on from them.
"""

import dataclasses
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
import xarray as xr

from nets.figures.measured import measured
from nets.figures.task import Plan, Task
from nets.identity import digest_of
from sdeopt import results
from sdeopt.errors import CheckpointError
from sdeopt.experiments.context import run_context
from sdeopt.files import output_folder
from sdeopt.streams import tell

FORMAT = 1
"""Raised by one when the project's own code gives these trainings another result."""

REVISED = {("SD-QSGD", 1): 2}
"""Those of a method and a number of agents alone; a mean of one agent was off by a rounding."""

LETTERS = 20
"""Of a digest, in a name."""

BITS = 16
"""Binary digits that are kept of a measured number: an error of 1 in 130,000 at most."""

FOLDER = "trainings"
"""Inside the folder of results."""

RESULT = "*/result.nc"
"""Inside the folder of kept results: those of experiments."""

LOCK = "lock"
"""Inside the folder of a training that runs."""

SHIPPED = Path(__file__).parents[2] / "docs" / "results"
"""Results that come with the source code; an installed package has none."""

NO_MATTER = ("runs", "seed", "looks", "kept", "device")
"""What of a task does not decide a training: how many there are, and where they are computed."""


OWN = ("learning_rate", "momentum", "epochs")
"""What a plan can have in the place of its task's."""


class AnyJob(Protocol):
    """One training of whatever experiment: what its trainings share, what distinguishes it, its run."""

    @property
    def task(self) -> Any:
        """A frozen configuration whose fields decide the training, but for those of `NO_MATTER`."""

    @property
    def plan(self) -> Any:
        """A frozen dataclass with the number of `agents`."""

    @property
    def run(self) -> int:
        """The number of the repetition."""

    @property
    def seed(self) -> int:
        """What its random numbers follow from."""

    @property
    def epochs(self) -> int:
        """Passes over the training examples."""


class Job(NamedTuple):
    """One training of the figures: what it is, and which of its repetitions."""

    task: Task
    plan: Plan
    run: int

    @property
    def seed(self) -> int:
        """The seed of its initial points, data orders and training examples."""
        return self.task.seed * 1_000 + self.run

    @property
    def epochs(self) -> int:
        """Passes over the training examples."""
        return self.plan.epochs or self.task.epochs


def identity(job: AnyJob, data: str) -> dict[str, Any]:
    """Return what decides a training, where `data` is a digest of the data set.

    What is at its default is left out, so that a new option discards no training.
    """
    # where a plan has its own, that of the task does not matter
    given = {name: getattr(job.plan, name, None) for name in OWN}
    own = {name: value for name, value in given.items() if value is not None}
    task = _chosen(dataclasses.replace(job.task, **own))
    plan = {name: value for name, value in _chosen(job.plan).items() if name not in OWN}
    revised = REVISED.get((getattr(job.plan, "method", ""), job.plan.agents), FORMAT)
    return {"format": revised, "task": task, "plan": plan, "seed": job.seed, "data": data}


def digest_of_job(job: AnyJob, data: str) -> str:
    """Return the name of a training."""
    return digest_of(identity(job, data))[:LETTERS]


def _chosen(settings: Any) -> dict[str, Any]:
    """Return the fields that are not at their defaults, as plain values."""
    values = {
        field.name: getattr(settings, field.name)
        for field in dataclasses.fields(settings)
        if field.name not in NO_MATTER and getattr(settings, field.name) != field.default
    }
    return {key: list(each) if isinstance(each, tuple) else each for key, each in values.items()}


def compact(history: xr.Dataset) -> xr.Dataset:
    """Return a history with the leading digits of its numbers, which a file holds in little room."""

    def rounded(values: Any) -> Any:
        fraction, exponent = np.frexp(values)
        return np.ldexp(np.round(fraction * 2.0**BITS) / 2.0**BITS, exponent)

    reals = {name: each for name, each in history.data_vars.items() if each.dtype.kind == "f"}
    return history.assign(
        {name: each.copy(data=rounded(each.values)) for name, each in reals.items()}
    )


class Store:
    """The folder of trainings of one folder of results.

    Parameters
    ----------
    out : path
        The folder of results.
    shipped : path
        Results of experiments in which finished histories are looked for too.
    """

    def __init__(self, out: Path, shipped: Path = SHIPPED) -> None:
        self.folder = out / FOLDER
        self._shipped = shipped

    def path(self, digest: str) -> Path:
        """Return where the history of a training is when it has ended."""
        return self.folder / f"{digest}.nc"

    def checkpoint(self, digest: str) -> Path:
        """Return the folder of a training that runs."""
        return self.folder / digest

    def read(self, digest: str, epochs: int) -> xr.Dataset | None:
        """Return the history of a training that has ended."""
        if self.path(digest).exists():
            return results.load(self.path(digest))
        places = shipped_trainings(self._shipped)
        if digest not in places:
            return None
        path, plan, run = places[digest]
        return taken(_whole(path), plan, run, epochs)

    def write(self, digest: str, history: xr.Dataset, job: AnyJob, data: str) -> None:
        """Keep the history of a training that has ended, and forget its checkpoint."""
        output_folder(self.folder)
        known = json.dumps(identity(job, data), ensure_ascii=False)
        results.save(history.assign_attrs(identity=known), self.path(digest), compress=True)
        self.forget(digest)

    def forget(self, digest: str) -> None:
        """Remove the folder of a training that has ended."""
        shutil.rmtree(self.checkpoint(digest), ignore_errors=True)

    def forget_state(self, digest: str) -> None:
        """Remove the state of a training, which begins anew."""
        for path in self.checkpoint(digest).iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != LOCK:
                path.unlink()

    @contextmanager
    def alone(self, digest: str) -> Iterator[None]:
        """Let no other process train the same inside the block; the lock of a dead one is void."""
        folder = output_folder(self.checkpoint(digest))
        if sys.platform == "win32":
            # files are locked otherwise there, and two runs in one folder are not worth it
            yield
            return
        import fcntl

        with (folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _unchanged(history: xr.Dataset) -> xr.Dataset:
    return history


Train: TypeAlias = Callable[[Any, Path | None, Callable[[int], None]], xr.Dataset]
"""Trains, from the checkpoint in a folder on if there is one, and tells each epoch's number."""


def kept(
    job: AnyJob, data: str, train: Train, note: Callable[[int], None], *, exact: bool = False
) -> xr.Dataset:
    """Return a training from the store of the run, where `data` is a digest; or train, and keep it.

    Its numbers are made `compact`, unless they are to stay exact.
    """
    shortened = _unchanged if exact else compact
    folder = run_context().folder
    if folder is None:
        return shortened(train(job, None, note))
    store, digest = Store(folder), digest_of_job(job, data)
    found = store.read(digest, job.epochs)
    if found is not None:
        return found
    with store.alone(digest):
        # another process may have trained it meanwhile
        found = store.read(digest, job.epochs)
        if found is not None:
            store.forget(digest)
            return found
        try:
            history = train(job, store.checkpoint(digest), note)
        except CheckpointError as problem:
            tell(f"sdeopt: a training begins anew, because {problem}")
            store.forget_state(digest)
            history = train(job, store.checkpoint(digest), note)
        found = shortened(history)
        store.write(digest, found, job, data)
    return found


def taken(together: xr.Dataset, plan: int, run: int, epochs: int | None = None) -> xr.Dataset:
    """Return one of the histories that a dataset holds, with its attributes where they are kept."""
    found = together.isel(plan=plan, run=run)
    if "epoch" in found.dims:
        longest = None if epochs is None else epochs + 1
        found = found.isel(epoch=slice(longest))
    known = measured(together).get(str(found["training"].item()), {})
    if "attributes" in found.coords:
        known |= json.loads(found["attributes"].item())
    of_plan = [name for name in found.coords if name not in found.dims]
    return found.drop_vars(of_plan).drop_attrs(deep=False).assign_attrs(known)


@lru_cache(4)
def shipped_trainings(
    folder: Path, patterns: tuple[str, ...] = (RESULT, f"{FOLDER}/*.nc")
) -> dict[str, tuple[Path, int, int]]:
    """Return where the trainings in the results of a folder are: file, plan and run."""
    found: dict[str, tuple[Path, int, int]] = {}
    for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
        result = _whole(path)
        if "training" in result.coords:
            for (plan, run), digest in np.ndenumerate(result["training"].values):
                found[str(digest)] = path, int(plan), int(run)
    return found


@lru_cache(8)
def _whole(path: Path) -> xr.Dataset:
    return results.load(path)
