"""One training by SGD with momentum and noise in the gradient: g ← g + α_t σ, eq. (1)."""

import time
from collections.abc import Callable
from contextlib import suppress
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
from nets.figures.origin import processor
from nets.figures.store import kept
from nets.figures.trained import one_thread
from nets.large_batch.configuration import LargeBatchTask, NoisyJob, NoisyPlan
from nets.large_batch.gradient_covariance import ImitatedBatch, dimension, noise_trace
from nets.large_batch.images import digest_of_data, drawn
from nets.optimizers import GradientNoise
from nets.training import Measurement, Trainer, TrainingDivergedError
from sdeopt.noise import Gaussian
from sdeopt.schedules import PowerDecay

KEPT = 1_000
"""Trainings that a process keeps: the search and the table of one experiment share them."""

MEASURED = ("validation", "test")
"""The parts that a training is tested on: what was held back, or what nothing is chosen by."""

HELD = 4 / 5
"""The share of a batch, and of the examples, that is left where a fifth is held back."""

OPTIONS = {
    "two_convolutions": lambda widths: {"channels": widths[:2], "hidden": widths[2]},
    "resnet18": lambda widths: {"width": widths[0]},
    "lstm": lambda widths: {"width": widths[0], "layers": widths[1], "dropout": 0.0},
}
"""What the networks call their widths."""


def obtained(job: NoisyJob, note: Callable[[int], None]) -> xr.Dataset:
    """Return a training: from the store of the run where it is kept, or trained now."""
    if not job.task.kept:
        return trained(*job)
    return kept(job, digest_of_data(job.task), _trained, note)


@lru_cache(KEPT)
def trained(task: LargeBatchTask, plan: NoisyPlan, run: int) -> xr.Dataset:
    """Train once, and remember it."""
    return _trained(NoisyJob(task, plan, run))


def batch_of(task: LargeBatchTask, plan: NoisyPlan) -> int:
    """Return the batch of a training: a fifth smaller where a fifth of the examples is held back.

    Where batches are normalized in parts they stay whole parts.
    """
    if not plan.held_back:
        return plan.batch
    unit = task.part if task.whole_batches else 1
    return max(round(HELD * plan.batch / unit), 1) * unit


def _trained(
    job: NoisyJob, checkpoint: Path | None = None, note: Callable[[int], None] | None = None
) -> xr.Dataset:
    """Train, from the checkpoint on if there is one."""
    with one_thread():
        reached, traces = list[int](), dict[int, float]()

        def listen(epoch: int, record: object) -> None:
            reached.append(epoch)
            if job.plan.traced:
                traces[epoch] = noise_trace(trainer.ensemble, _data(trainer).train)
            if note is not None:
                note(epoch)

        # traces are in no checkpoint, so such a training is not interrupted
        trainer = trainer_of(job, None if job.plan.traced else checkpoint, listen)
        began = time.process_time()
        with suppress(TrainingDivergedError):
            trainer.run(job.epochs)
        took = time.process_time() - began
        found = _summary(trainer, job)
        if job.plan.traced:
            listed = [traces.get(epoch, np.nan) for epoch in found["epoch"].values.tolist()]
            weights = dimension(trainer.ensemble)
            found = found.assign(trace=("epoch", listed), weights=weights)
    epochs = len(reached) - (reached[:1] == [0])  # the first record is that of the start
    images = epochs * len(_data(trainer).train)
    return found.assign_attrs(
        images_per_second=images / max(took, 1e-9), processor=processor(), steps=trainer.step
    )


def trainer_of(
    job: NoisyJob, checkpoint: Path | None = None, listen: Callable[[int, Any], None] | None = None
) -> Trainer:
    """Return the training, at its start."""
    task, plan, seed = job.task, job.plan, job.seed
    data = drawn(task, plan, seed)
    if task.bfloat16 and data.inputs.ndim == 4:
        data = data.channels_last()
    ensemble = Ensemble(network(task, data), 1, seed=seed, way="loop", device=task.device)
    batches = AgentBatches(data, 1, batch_of(task, plan), seed, drop_last=task.whole_batches)
    return Trainer(
        ensemble,
        with_noise(ensemble, task, plan, seed),
        couplings.load("none"),
        batches,
        criterion(plan, len(data.train)),
        data,
        measurement=Measurement(
            agent_parts=MEASURED[:1] if plan.held_back else MEASURED[1:],
            centre_parts=(),
            every=job.epochs if plan.held_back else task.every,
            chunk=task.part,
        ),
        autocast=torch.bfloat16 if task.bfloat16 else None,
        channels_last=task.bfloat16 and data.inputs.ndim == 4,
        micro_batch=task.part,
        checkpoint=checkpoint,
        listeners=[] if listen is None else [listen],
        progress=False,
    )


def network(task: LargeBatchTask, data: DataSet) -> Callable[[], torch.nn.Module]:
    """Return how to make the network of a task."""
    return networks.load(task.network, data, **OPTIONS[task.network](task.widths))


def with_noise(
    ensemble: Ensemble, task: LargeBatchTask, plan: NoisyPlan, seed: int
) -> torch.optim.Optimizer:
    """Return SGD with noise added to its gradients: the learning rate multiplies both."""
    plain = torch.optim.SGD(ensemble.groups(), lr=plan.rate, momentum=task.momentum, fused=True)
    if not plan.noise:
        return plain
    level = PowerDecay(plan.noise, exponent=plan.exponent)
    return GradientNoise(plain, Gaussian(1.0, level=level), seed=seed)


def criterion(plan: NoisyPlan, examples: int) -> Callable[..., torch.Tensor]:
    """Return the loss: the mean cross-entropy, or one whose gradient is as noisy as a small batch's."""
    if plan.law == "isotropic":
        return cross_entropy
    return ImitatedBatch(plan.imitated, examples)


def _data(trainer: Trainer) -> DataSet:
    """Return the examples of a training, which are in memory here."""
    assert isinstance(trainer.data, DataSet)
    return trainer.data


def _summary(trainer: Trainer, job: NoisyJob) -> xr.Dataset:
    """Return the tests of a training; one that diverged counts as chance from there on."""
    history = trainer.history.dataset().load().isel(agent=0, drop=True)
    part = MEASURED[0] if job.plan.held_back else MEASURED[1]
    reached = history.sizes["epoch"]
    tested = history.sel(part=part, drop=True).reindex(epoch=np.arange(job.epochs + 1))
    chance = 1.0 / _data(trainer).classes
    lost = tested["epoch"] >= reached
    accuracy = tested["agent_accuracy"]
    return xr.Dataset(
        {
            "accuracy": accuracy.where(~lost, chance),
            "loss": tested["agent_loss"],
            "batch_loss": tested["batch_loss"],
            "diverged": reached <= job.epochs,
        }
    )
