"""One training with noise on the weights, and what is kept of it."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
import xarray as xr
from torch.nn.functional import cross_entropy

from nets import couplings, data, networks
from nets.communication import Local
from nets.data import AgentBatches, DataSet
from nets.data.data_set import Part
from nets.ensemble.ensemble import Ensemble
from nets.ensemble.evaluation import accuracy
from nets.figures.by_itself import ByItself
from nets.identity import digest_of, identity_of
from nets.noise_injection.configuration import (
    ALONE,
    AVERAGED,
    NONE,
    SERIAL,
    UNIFORM,
    Injection,
    Learning,
)
from nets.optimizers import WeightNoise
from nets.training import Measurement, Trainer, TrainingDivergedError
from nets.weights import Weights
from sdeopt import noise, schedules
from sdeopt.noise.law import NoiseLaw

CHUNK = 2_000
"""Examples that are tested together."""

OPTIONS: dict[str, dict[str, Any]] = {"susy": {"examples": None}}
"""All five million rows of SUSY, a fifth of which are the paper's million for test."""

PICK = 3
"""What a random number is for: the one local model that is tested."""


class InjectionJob(NamedTuple):
    """One training: what it is, and which of its repetitions."""

    task: Learning
    plan: Injection
    run: int

    @property
    def seed(self) -> int:
        """The seed of its initial point, shares, orders and noise."""
        return self.task.seed * 1_000 + self.run

    @property
    def epochs(self) -> int:
        """Passes over the examples."""
        return self.task.passes

    @property
    def share(self) -> int:
        """Examples of each model in a pass."""
        return self.task.examples * (self.plan.agents if self.plan.kind == SERIAL else 1)

    @property
    def models(self) -> int:
        """How many are trained side by side."""
        return 1 if self.plan.kind == SERIAL else self.plan.agents


@lru_cache(4)
def data_of(name: str, squared: bool, unit: bool) -> DataSet:
    """Return a data set as an experiment uses it."""
    found: DataSet = data.load(name, **OPTIONS.get(name, {}))
    if squared:
        found = found.with_signs()
    if not unit:
        return found
    low, high = found.train.inputs.aminmax()
    inputs = (found.inputs - low) / (high - low)
    note = f"{found.provenance} Scaled to [0, 1]."
    return DataSet(found.name, inputs, found.targets, found.sizes, found.classes, note)


def data_of_task(task: Learning) -> DataSet:
    """Return the data set of a training."""
    return data_of(task.data, task.squared, task.unit)


@lru_cache(4)
def digest_of_data(name: str, squared: bool, unit: bool) -> str:
    """Return a digest of all examples."""
    examples = data_of(name, squared, unit)
    inputs, targets = (identity_of(each) for each in (examples.inputs, examples.targets))
    return digest_of([list(examples.sizes), inputs, targets])


def loss_of(task: Learning) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """Return the loss that is descended: over a batch, its sum as in eq. (1), or its mean."""
    if task.squared:
        return _summed_square if task.summed else _mean_square
    return _summed_cross_entropy if task.summed else cross_entropy


def _summed_cross_entropy(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return cross_entropy(outputs, targets, reduction="sum")


def _summed_square(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return ((outputs - targets) ** 2).sum() / 2


def _mean_square(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return ((outputs - targets) ** 2).mean() / 2


def same_sign(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the share of outputs on the side of 0 where their targets −1 and 1 are."""
    return ((outputs > 0) == (targets > 0)).float().mean()


def law_of(task: Learning, plan: Injection) -> NoiseLaw:
    """Return the noise of a plan: its level is divided by the number of the round where it decays."""
    decay = schedules.InverseRound(plan.level, period=task.period)
    level: Any = decay if plan.decayed else plan.level
    if plan.law == UNIFORM:
        return noise.Uniform(task.half_width, level=level, enters="weights")
    return noise.Gaussian(task.deviation, level=level, enters="weights")


def batches_of(job: InjectionJob, models: Local | None = None) -> AgentBatches:
    """Return the batches of every model: shares of the same examples, whoever has them."""
    here = models or Local(job.models)
    return AgentBatches(
        data_of_task(job.task),
        here.local_agents,
        job.task.batch,
        job.seed,
        here.first_agent,
        share=job.share,
    )


def make_trainer(
    job: InjectionJob,
    listener: Callable[[int, Any], None] | None = None,
    models: Local | None = None,
) -> Trainer:
    """Return the trainer of a job, of all models or of one that never meets the others."""
    task, plan = job.task, job.plan
    models = models or Local(job.models)
    examples = data_of_task(task)
    options = {"widths": task.widths} if task.widths else {}
    # models that are averaged begin at one point (Algorithm 1), and so do those beside them
    ensemble = Ensemble(
        networks.load(task.network, examples, **options),
        models.local_agents,
        seed=job.seed,
        together=True,
        first_agent=models.first_agent,
        # small layers cost the calls rather than the arithmetic, which one pass has fewer of
        way="loop" if job.models == 1 or task.network == "perceptron" else "batched",
    )
    rate = task.learner_rate if plan.kind == AVERAGED else task.serial_rate
    optimizer: torch.optim.Optimizer = torch.optim.SGD(ensemble.groups(), lr=rate)
    if plan.law != NONE:
        now_and_then = plan.when == "synchronization"
        optimizer = WeightNoise(
            optimizer,
            law_of(task, plan),
            when=plan.when,
            period=task.period if now_and_then else None,
            seed=job.seed,
        )
    averaging = plan.kind == AVERAGED
    return Trainer(
        ensemble,
        optimizer,
        couplings.PeriodicAveraging(task.period) if averaging else couplings.load("none"),
        batches_of(job, models),
        loss_of(task),
        examples,
        communication=models,
        measurement=Measurement(agent_parts=(), centre_parts=()),
        listeners=[] if listener is None else [listener],
        progress=False,
    )


def learned(job: InjectionJob, note: Callable[[int], None] | None = None) -> xr.Dataset:
    """Train, and return what is kept: numbers of the model that the paper evaluates.

    Of learners that never meet, ``diverged`` tells whether the one that is tested did.
    """

    def listen(epoch: int, record: object) -> None:
        if note is not None:
            note(epoch)

    trainer, examples = make_trainer(job, listen), data_of_task(job.task)
    lost = _kept(chance(examples), diverged=True)
    try:
        history = trainer.run(job.epochs)
    except TrainingDivergedError:
        return _by_itself(job, lost) if job.plan.kind == ALONE else lost
    scale = job.task.batch if job.task.summed else 1
    seen = float(history["batch_loss"][1:].mean()) / scale
    mean = {name: value.unsqueeze(0) for name, value in trainer.points().mean.items()}
    tested, right = _at(job, trainer, _evaluated(job, trainer, mean), examples.test)
    if not np.isfinite(tested).all():
        return lost
    numbers = {"seen_loss": seen, "test_loss": float(tested[0])}
    if job.plan.kind == ALONE:
        numbers |= _apart(job, trainer, mean)
    return _kept(float(right[0]), numbers)


def _evaluated(job: InjectionJob, trainer: Trainer, mean: Weights) -> Weights:
    """Return the model that is tested: the averaged one, one random local one, or the only one."""
    if job.plan.kind != ALONE:
        return mean
    place = _picked(job)
    return {name: stack[place : place + 1] for name, stack in trainer.ensemble.weights.items()}


def _picked(job: InjectionJob) -> int:
    """Return the number of the one local model that is tested."""
    return int(np.random.default_rng((job.seed, PICK)).integers(job.models))


def _by_itself(job: InjectionJob, lost: xr.Dataset) -> xr.Dataset:
    """Train the local model that is tested once more, since another that diverged ended all.

    What is kept of all models together stays NaN.
    """
    trainer = make_trainer(job, models=ByItself(job.models, _picked(job)))
    try:
        trainer.run(job.epochs)
    except TrainingDivergedError:
        return lost
    tested, right = _at(job, trainer, trainer.ensemble.weights, data_of_task(job.task).test)
    if not np.isfinite(tested).all():
        return lost
    return _kept(float(right[0]), {"test_loss": float(tested[0])})


def _apart(job: InjectionJob, trainer: Trainer, mean: Weights) -> dict[str, float]:
    """Return the training losses of models that never met, and of their mean, averaged once.

    On the examples of all learners, which some of them have seen and others have not.
    """
    batches = batches_of(job)
    every = [batches.at(0, step) for step in range(len(batches))]
    inputs, targets = (torch.cat(each, dim=1).flatten(0, 1) for each in zip(*every, strict=True))
    seen = Part(inputs, targets)
    local, _ = _at(job, trainer, trainer.ensemble.weights, seen)
    once, _ = _at(job, trainer, mean, seen)
    return {
        "once_loss": float(once[0]),
        "local_loss": float(local.mean()),
        "worst_local_loss": float(local.max()),
    }


def _at(job: InjectionJob, trainer: Trainer, points: Weights, part: Part) -> tuple[Any, Any]:
    """Return losses of points on a part of the data, and the shares of it that they get right."""
    squared = job.task.squared
    losses, shares = trainer.ensemble.evaluate(
        _mean_square if squared else cross_entropy,
        part.inputs,
        part.targets,
        weights=points,
        chunk=CHUNK,
        measure=same_sign if squared else accuracy,
    )
    return losses.double().numpy(), shares.double().numpy()


KEPT = ("accuracy", "seen_loss", "test_loss", "once_loss", "local_loss", "worst_local_loss")
"""Of every training; NaN where it does not apply."""


def _kept(
    accuracy: float, numbers: Mapping[str, float] | None = None, *, diverged: bool = False
) -> xr.Dataset:
    values = dict.fromkeys(KEPT, np.nan) | {"accuracy": accuracy} | dict(numbers or {})
    return xr.Dataset({**values, "diverged": diverged})


def chance(examples: DataSet) -> float:
    """Return the accuracy of guessing, which a training that diverged counts as."""
    return 1 / max(examples.classes, 2)
