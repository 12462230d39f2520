"""Single agents: many independent runs of one optimizer, trained side by side."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import xarray as xr
from torch.nn.functional import cross_entropy

from nets.communication import Local
from nets.couplings import Uncoupled
from nets.data import AgentBatches
from nets.ensemble.ensemble import Ensemble
from nets.figures.by_itself import ByItself
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
        try:
            histories = [_trainer(task, plan, Local(task.runs)).run(task.epochs)]
        except TrainingDivergedError:
            # the first run that is lost ended all: each goes as far as it gets by itself
            histories = [_by_itself(task, plan, run) for run in range(task.runs)]
    chance = 1.0 / data_of(task).classes
    return xr.concat(
        [_summary(each, task.epochs, chance) for each in histories],
        "run",
        data_vars="minimal",
        coords="minimal",
        compat="equals",
        join="exact",
    )


def _by_itself(task: Task, plan: SinglePlan, run: int) -> xr.Dataset:
    """Train one run, and return its history as far as it gets."""
    trainer = _trainer(task, plan, ByItself(task.runs, run))
    with suppress(TrainingDivergedError):
        trainer.run(task.epochs)
    return trainer.history.dataset().isel(agent=[run])


def _trainer(task: Task, plan: SinglePlan, runs: Local) -> Trainer:
    data, here, first = data_of(task), runs.local_agents, runs.first_agent
    ensemble = Ensemble(
        network(task, data),
        here,
        seed=task.seed,
        first_agent=first,
        way=task.way,
        device=task.device,
    )
    optimizer = optimizer_of(plan, ensemble)
    share = task.train or None
    return Trainer(
        ensemble,
        optimizer,
        Uncoupled(),
        AgentBatches(data, here, task.batch, task.seed, first, share=share),
        cross_entropy,
        data,
        communication=runs,
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


def _summary(history: xr.Dataset, epochs: int, chance: float) -> xr.Dataset:
    found = history[["agent_loss", "agent_accuracy"]].rename(
        agent="run", agent_loss="loss", agent_accuracy="accuracy"
    )
    reached = found.sizes["epoch"]
    found = found.reindex(epoch=np.arange(epochs + 1))
    found["accuracy"] = found["accuracy"].where(found["epoch"] < reached, chance)
    return found.assign(diverged=("run", np.full(found.sizes["run"], reached <= epochs)))


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
