"""One coupled training of an experiment."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from torch.nn.functional import cross_entropy

from nets import couplings, networks
from nets.data import AgentBatches, DataSet
from nets.ensemble.ensemble import Ensemble
from nets.figures.examples import data_digest, data_of_run, epoch_steps
from nets.figures.origin import processor
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


def rule_of(task: Task, plan: Plan, epoch_steps: int) -> couplings.Coupling:
    """Return how the agents of a training are coupled."""
    return couplings.load(
        plan.method,
        coupling=plan.coupling,
        epoch_steps=epoch_steps,
        memory=task.memory,
        balanced=plan.balanced,
    )


def refuse_unstable(task: Task, plan: Plan) -> None:
    """Refuse a training whose first step its coupling refuses, before others take their hours."""
    rule = rule_of(task, plan, epoch_steps(task))
    if rule.needs_mean(0):
        rule.check(0, torch.full((plan.agents,), plan.learning_rate or task.learning_rate))


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
        rule_of(task, plan, len(batches)),
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
