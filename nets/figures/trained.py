"""Coupled trainings: one training of an experiment, and all that it compares."""

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
from nets.data import AgentBatches, DataSet, load
from nets.data.data_set import shuffled
from nets.ensemble.ensemble import Ensemble
from nets.figures.task import Plan, Task
from nets.training import Measurement, StallDrops, Trainer, TrainingDivergedError
from sdeopt.errors import InvalidArgumentError
from sdeopt.simulation.progress import Reporter

KEPT = 4_000
"""Trainings that a process keeps: some figures show the same ones."""

CHUNK = 1_000
"""Examples that are tested together."""

SUBSET = 2
"""What the random order is for: the examples of a run."""

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


def trainings(task: Task, plans: Sequence[Plan]) -> xr.Dataset:
    """Train every plan as often as the task asks."""
    found = []
    agents = task.runs * sum(plan.agents for plan in plans)
    title = f"{agents:,} agents in {task.runs * len(plans)} trainings"
    with Reporter(title, task.epochs * epoch_steps(task), agents) as reporter:
        for plan in plans:
            runs = []
            for run in range(task.runs):
                runs.append(trained(task.task(), plan, run))
                reporter.advance(plan.agents * int(runs[-1].attrs["steps"]))
            found.append(xr.concat(runs, "run", data_vars="all"))
    result = xr.concat(found, "plan", data_vars="all").assign_coords(run=np.arange(task.runs))
    described = {
        name: ("plan", [getattr(plan, name) for plan in plans])
        for name in ("method", "agents", "coupling", "together")
    }
    steps = agents * task.epochs * epoch_steps(task)
    return result.assign_coords(described).assign_attrs(agent_steps=steps)


def epoch_steps(task: Task) -> int:
    """Return how many steps a pass over the training examples takes."""
    examples = task.train or whole_data(task.data, task.held_out, task.device).sizes[0]
    return examples // task.batch


def network(task: Task, data: DataSet) -> Callable[[], torch.nn.Module]:
    """Return how to make the network of a task."""
    options = {OPTIONS[task.network]: task.widths, "dropout": task.dropout}
    return networks.load(task.network, data, **options)


def kept_in(task: Task, *words: object) -> Path | None:
    """Return where a training is kept, if it is."""
    return Path(task.checkpoints) / "_".join(map(str, words)) if task.checkpoints else None


@lru_cache(KEPT)
def trained(task: Task, plan: Plan, run: int) -> xr.Dataset:
    """Train once."""
    with one_thread():
        return _trained(task, plan, task.seed * 1_000 + run)


def _trained(task: Task, plan: Plan, seed: int) -> xr.Dataset:
    data = _data(task, seed)
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
    trainer = Trainer(
        ensemble,
        optimizer,
        couplings.load(
            plan.method, coupling=plan.coupling, epoch_steps=len(batches), memory=task.memory
        ),
        batches,
        cross_entropy,
        data,
        drops=StallDrops(optimizer, threshold=task.threshold, patience=task.patience),
        measurement=Measurement(agent_parts=("train", "validation"), every=task.every, chunk=CHUNK),
        checkpoint=kept_in(task, *vars(plan).values(), seed),
        progress=False,
    )
    with suppress(TrainingDivergedError):
        trainer.run(task.epochs)
    return _summary(trainer, task.epochs)


def _data(task: Task, seed: int) -> DataSet:
    """Return the data set, with the training and validation examples of one run."""
    data = whole_data(task.data, task.held_out, task.device)
    if not task.train:
        return data
    validation = round(task.train * data.sizes[1] / data.sizes[0])
    if task.train > data.sizes[0]:
        raise InvalidArgumentError(
            f"train is {task.train}, but {data.name} has {data.sizes[0]} training examples; "
            "choose fewer, or 0 for all."
        )
    rows = [
        torch.from_numpy(first + shuffled(size, seed, SUBSET)[:count])
        for first, size, count in zip(
            (0, data.sizes[0], sum(data.sizes[:2])),
            data.sizes,
            (task.train, validation, data.sizes[2]),
            strict=True,
        )
    ]
    chosen = torch.cat(rows).to(data.device)
    sizes = (task.train, validation, data.sizes[2])
    return DataSet(
        data.name,
        data.inputs[chosen],
        data.targets[chosen],
        sizes,
        data.classes,
        f"{data.provenance} Of these, {task.train} and {validation} drawn for training and validation.",
    )


@lru_cache(2)
def whole_data(name: str, held_out: float, device: str) -> DataSet:
    """Return a data set on a device."""
    options: dict[str, Any] = {"held_out": held_out} if held_out else {}
    data = load(name, **options)
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise InvalidArgumentError(
            f"device is '{device}', but torch finds no GPU here; "
            "run it where there is one, or set device=cpu, which takes days."
        )
    return data.to(device)


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
    chance = 1.0 / trainer.data.classes
    for name in ("quorum_accuracy", "mean_accuracy", "agents_accuracy"):
        summary[name] = summary[name].where(summary["epoch"] < reached, chance)
    return summary.assign(diverged=reached <= epochs).assign_attrs(
        steps=len(trainer.batches) * epochs
    )
