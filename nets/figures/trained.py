"""One coupled training of an experiment."""

import math
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch.nn.functional import cross_entropy

from nets import couplings, networks
from nets.data import AgentBatches, DataSet
from nets.ensemble.ensemble import Ensemble
from nets.figures.examples import data_digest, data_of_run
from nets.figures.store import Job, kept
from nets.figures.task import Plan, Task
from nets.training import Measurement, StallDrops, Trainer, TrainingDivergedError
from nets.training.trainer import Listener

KEPT = 4_000
"""Trainings that a process keeps: some figures show the same ones."""

CHUNK = 1_000
"""Examples that are tested together."""

OPTIONS = {"perceptron": "widths", "three_convolutions": "channels"}
"""What a network calls its widths."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one processor: small layers are slower on several, and vary in their last bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def network(task: Task, data: DataSet) -> Callable[[], torch.nn.Module]:
    """Return how to make the network of a task."""
    options = {OPTIONS[task.network]: task.widths, "dropout": task.dropout}
    return networks.load(task.network, data, **options)


def obtained(job: Job, note: Callable[[int], None]) -> xr.Dataset:
    """Return a training: from the store of the run where it is kept, or trained now."""
    if not job.task.kept:
        return trained(*job)
    return kept(job, data_digest(job.task), _trained, note)


@lru_cache(KEPT)
def trained(task: Task, plan: Plan, run: int) -> xr.Dataset:
    """Train once, and remember it."""
    return _trained(Job(task, plan, run))


def _trained(
    job: Job, checkpoint: Path | None = None, note: Callable[[int], None] | None = None
) -> xr.Dataset:
    """Train, from the checkpoint on if there is one."""
    with one_thread():
        reached: list[int] = []

        def listen(epoch: int, record: object) -> None:
            reached.append(epoch)
            if note is not None:
                note(epoch)

        trainer = _trainer(job, checkpoint, listen)
        began = time.process_time()
        with suppress(TrainingDivergedError):
            trainer.run(job.epochs)
        took = time.process_time() - began
    epochs = len(reached) - (reached[:1] == [0])  # the first record is that of the start
    images = epochs * len(trainer.batches) * job.task.batch * job.plan.agents
    return _summary(trainer, job.epochs).assign_attrs(
        images_per_second=images / max(took, 1e-9), processor=processor()
    )


def _trainer(job: Job, checkpoint: Path | None, listener: Listener) -> Trainer:
    task, plan, seed = job.task, job.plan, job.seed
    data = data_of_run(task, seed)
    ensemble = Ensemble(
        network(task, data),
        plan.agents,
        seed=seed,
        together=plan.together,
        # one agent alone gains nothing from a batched pass
        way=task.way if plan.agents > 1 else "loop",
        device=task.device,
    )
    batches = AgentBatches(data, plan.agents, task.batch, seed)
    momentum = task.momentum if plan.momentum is None else plan.momentum
    optimizer = torch.optim.SGD(
        ensemble.groups(),
        lr=plan.learning_rate or task.learning_rate,
        momentum=momentum,
        nesterov=momentum > 0,
        # one call a group of parameters: small ones cost the calls rather than the arithmetic
        fused=True,
    )
    return Trainer(
        ensemble,
        optimizer,
        couplings.load(
            plan.method,
            coupling=plan.coupling,
            epoch_steps=len(batches),
            memory=task.memory,
            balanced=plan.balanced,
        ),
        batches,
        cross_entropy,
        data,
        drops=StallDrops(
            optimizer,
            threshold=task.threshold,
            patience=task.patience,
            shared=plan.shared_drops,
        ),
        measurement=Measurement(agent_parts=("train", "validation"), every=task.every, chunk=CHUNK),
        autocast=torch.bfloat16 if task.bfloat16 else None,
        channels_last=task.bfloat16 and ensemble.way == "loop",
        checkpoint=checkpoint,
        listeners=[listener],
        progress=False,
    )


def _summary(trainer: Trainer, epochs: int) -> xr.Dataset:
    history = trainer.history.dataset().load()
    agents = history[["agent_loss", "agent_accuracy"]].mean("agent")
    summary = history.drop_dims("agent").assign(
        agents_loss=agents["agent_loss"],
        agents_accuracy=agents["agent_accuracy"],
        learning_rate=history["learning_rate"].mean("agent"),
    )
    reached = summary.sizes["epoch"]
    summary = summary.reindex(epoch=np.arange(epochs + 1))
    assert isinstance(trainer.data, DataSet)
    chance = 1.0 / trainer.data.classes
    for name in ("quorum_accuracy", "mean_accuracy", "agents_accuracy"):
        summary[name] = summary[name].where(summary["epoch"] < reached, chance)
    return summary.assign(diverged=reached <= epochs).assign_attrs(
        steps=len(trainer.batches) * epochs
    )


@lru_cache(1)
def processor() -> str:
    """Return the kind of processor, on which bits depend where sums are rounded otherwise."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text(encoding="utf-8").splitlines() if known.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = names[0] if names else platform.machine()
    return f"{model}, {torch.backends.cpu.get_cpu_capability()}"


def how_computed(sizes: Sequence[int], every: Sequence[xr.Dataset], hours: str) -> dict[str, Any]:
    """Return how fast trainings of so many images were, `hours` of a processor, and where they ran.

    Of a training whose speed is not known, since nothing was left to train when it went on, the usual
    speed is taken. Where none is known, neither are the hours.
    """
    known = [each.attrs["images_per_second"] for each in every if _has_speed(each)]
    usual = float(np.median(known)) if known else math.inf
    speeds = [each.attrs["images_per_second"] if _has_speed(each) else usual for each in every]
    used = sum(size / speed for size, speed in zip(sizes, speeds, strict=True))
    processors = {each.attrs["processor"] for each in every if "processor" in each.attrs}
    return {
        "images_per_cpu_second": round(usual) if known else None,
        hours: round(used / 3600, 2) if known else None,
        "processor": "; ".join(sorted(processors)) or processor(),
        "torch": torch.__version__,
    }


def _has_speed(training: xr.Dataset) -> bool:
    return bool(training.attrs.get("images_per_second", 0.0) > 0.0)
