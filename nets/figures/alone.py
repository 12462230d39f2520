"""Single agents: many independent runs of one optimizer, trained side by side."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import xarray as xr
from torch.nn.functional import cross_entropy

from nets.couplings import Uncoupled
from nets.data import AgentBatches
from nets.ensemble.ensemble import Ensemble
from nets.figures.examples import data_of, epoch_steps
from nets.figures.task import OPTIMIZERS, SingleAgents, Task
from nets.figures.trained import CHUNK, network, one_thread
from nets.optimizers import EASGD
from nets.training import Measurement, StallDrops, Trainer, TrainingDivergedError
from nets.weights import Weights
from sdeopt.simulation.progress import Reporter


@dataclass(frozen=True, kw_only=True)
class SinglePlan:
    """What distinguishes one optimizer of single agents from another."""

    method: str
    learning_rate: float
    momentum: float
    coupling: float


def optimizer_of(plan: SinglePlan, ensemble: Ensemble) -> torch.optim.Optimizer:
    """Return the optimizer of a plan, with a parameter group for each run."""
    if plan.method == "MSGD":
        return torch.optim.SGD(
            ensemble.groups(),
            lr=plan.learning_rate,
            momentum=plan.momentum,
            nesterov=plan.momentum > 0,
        )
    momentum = 0.0 if plan.method == "EASGD-WM" else plan.momentum
    return EASGD(ensemble.groups(), plan.learning_rate, plan.coupling, momentum)


@lru_cache(1_000)
def alone(task: Task, plan: SinglePlan) -> xr.Dataset:
    """Train all runs of one plan."""
    with one_thread():
        data = data_of(task)
        ensemble = Ensemble(
            network(task, data), task.runs, seed=task.seed, way=task.way, device=task.device
        )
        optimizer = optimizer_of(plan, ensemble)
        trainer = Trainer(
            ensemble,
            optimizer,
            Uncoupled(),
            AgentBatches(data, task.runs, task.batch, task.seed, share=task.train or None),
            cross_entropy,
            data,
            drops=StallDrops(optimizer, threshold=task.threshold, patience=task.patience),
            measurement=Measurement(
                agent_parts=("validation", "test"),
                centre_parts=(),
                every=task.every,
                chunk=CHUNK,
            ),
            tested=_filter(optimizer, ensemble) if isinstance(optimizer, EASGD) else None,
            progress=False,
        )
        try:
            history, diverged = trainer.run(task.epochs), False
        except TrainingDivergedError:
            history, diverged = trainer.history.dataset(), True
    found = history[["agent_loss", "agent_accuracy"]].rename(
        agent="run", agent_loss="loss", agent_accuracy="accuracy"
    )
    reached = found.sizes["epoch"]
    found = found.reindex(epoch=np.arange(task.epochs + 1))
    found["accuracy"] = found["accuracy"].where(found["epoch"] < reached, 1.0 / data.classes)
    return found.assign(diverged=diverged)


def alone_at(configuration: SingleAgents) -> xr.Dataset:
    """Train with every optimizer at every learning rate and momentum."""
    task, rates, momenta = configuration.task(), configuration.rates, configuration.momenta
    plans = [
        [
            [_plan(method, rate, delta, configuration.coupling) for delta in momenta]
            for rate in rates
        ]
        for method in OPTIMIZERS
    ]
    different = dict.fromkeys(plan for row in plans for cells in row for plan in cells)
    length = task.epochs * epoch_steps(task)
    title = f"{len(different)} trainings of {task.runs} runs each"
    with Reporter(title, length, task.runs * len(different)) as reporter:
        for plan in different:
            alone(task, plan)
            reporter.advance(task.runs * length)
    grid = [[[alone(task, plan) for plan in cells] for cells in row] for row in plans]
    coordinates = {"optimizer": OPTIMIZERS, "learning_rate": rates, "momentum": momenta}
    result = xr.combine_nested(
        grid, list(coordinates), data_vars="all", coords="minimal", compat="equals", join="exact"
    )
    return result.assign_coords(
        {name: list(values) for name, values in coordinates.items()}
    ).assign_attrs(agent_steps=task.runs * length * len(different))


def _plan(method: str, rate: float, momentum: float, k: float) -> SinglePlan:
    return SinglePlan(
        method=method,
        learning_rate=rate,
        momentum=0.0 if method == "EASGD-WM" else momentum,
        coupling=0.0 if method == "MSGD" else k,
    )


def _filter(optimizer: EASGD, ensemble: Ensemble) -> Callable[[], Weights]:
    """Return how to read the quorum variable of every run, stacked."""

    def stacked() -> Weights:
        flat, names = optimizer.quorum(), list(ensemble.weights)
        runs = [flat[first : first + len(names)] for first in range(0, len(flat), len(names))]
        return {
            name: torch.stack([run[place] for run in runs]).detach()
            for place, name in enumerate(names)
        }

    return stacked
