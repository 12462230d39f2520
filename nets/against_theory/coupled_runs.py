"""Coupled training by QSGD, and what is measured of it at snapshots: spread, curvature, noise."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from torch import Tensor
from torch.nn.functional import cross_entropy

from nets.against_theory.configuration import NetworkConfiguration
from nets.against_theory.landscape import Draws, Landscape, Subject
from nets.communication.communication import Local
from nets.couplings import QSGD, coupled_step
from nets.weights import Weights
from sdeopt.errors import InvalidArgumentError


class SideBySide(Local):
    """Runs of p agents each, for rules that pull to the mean: each agent receives that of its run.

    One batched pass over all runs is faster than one pass a run.
    """

    def __init__(self, runs: int, agents: int, *, device: torch.device | str = "cpu") -> None:
        super().__init__(runs * agents, device=device)
        self.runs, self.agents_of_run = runs, agents

    def mean(self, stacked: Weights, gains: torch.Tensor | None = None) -> Weights:
        """Return for each agent the mean over its run, of the shape of the stack."""
        if gains is not None:
            raise InvalidArgumentError(
                "runs side by side have no weighted means; run such a rule on its own."
            )
        return {
            name: self.by_run(stack).mean(dim=1).repeat_interleave(self.agents_of_run, dim=0)
            for name, stack in stacked.items()
        }

    def by_run(self, stack: torch.Tensor) -> torch.Tensor:
        """Return (runs × agents, ...) as (runs, agents, ...)."""
        return stack.reshape(self.runs, self.agents_of_run, *stack.shape[1:])


DIMS = ("run", "snapshot")
COUPLED = 1
"""What the random draws of this file are for."""


@dataclass(frozen=True)
class Setting:
    """One coupled training."""

    agents: int
    coupling: float


class _Training:
    """Runs side by side that step together."""

    def __init__(
        self, subject: Subject, setting: Setting, configuration: NetworkConfiguration
    ) -> None:
        self.runs, self.agents = configuration.runs, setting.agents
        self.batch = configuration.batch
        self.ensemble = subject.ensemble(self.runs * self.agents)
        self.together = SideBySide(self.runs, self.agents, device=subject.data.device)
        for name, weight in self.ensemble.weights.items():
            weight.grad = self.ensemble.gradients[name]
        self.optimizer = torch.optim.SGD(
            self.ensemble.weights.values(), lr=configuration.learning_rate
        )
        self.rule = QSGD(setting.coupling)
        key = [configuration.seed, COUPLED, setting.agents, round(1e6 * setting.coupling)]
        self.draws = Draws(subject.data.train, np.random.default_rng(key))

    def step(self) -> None:
        batches = self.draws.batches(self.runs * self.agents, self.batch)
        self.ensemble.backward(cross_entropy, *batches)
        coupled_step(self.rule, self.together, self.optimizer, self.ensemble.weights, 0)

    def trial(self, landscape: Landscape) -> Tensor:
        """Return where one step would lead to."""
        before = {name: weight.clone() for name, weight in self.ensemble.weights.items()}
        self.step()
        reached = landscape.points(self.ensemble.weights)
        for name, weight in self.ensemble.weights.items():
            weight.copy_(before[name])
        return reached


def coupled_runs(
    subject: Subject,
    setting: Setting,
    configuration: NetworkConfiguration,
    visit: Callable[[Tensor], None] | None = None,
) -> xr.Dataset:
    """Train, and measure all agents at the snapshots."""
    training = _Training(subject, setting, configuration)
    landscape = subject.landscape()
    found = []
    for _ in _snapshots(training, configuration.snapshots):
        points = landscape.points(training.ensemble.weights)
        if visit is not None:
            visit(training.together.by_run(points)[0].mean(0))
        found.append(_snapshot(training, landscape, points, setting, configuration))
    return xr.concat(found, "snapshot").assign_coords(
        snapshot=list(configuration.snapshots), agents=setting.agents, coupling=setting.coupling
    )


def _snapshots(training: _Training, steps: tuple[int, ...]) -> Iterator[int]:
    done = 0
    for wanted in steps:
        for _ in range(wanted - done):
            training.step()
        done = wanted
        yield wanted


def _snapshot(
    training: _Training,
    landscape: Landscape,
    points: Tensor,
    setting: Setting,
    configuration: NetworkConfiguration,
) -> xr.Dataset:
    rate, coupling = configuration.learning_rate, setting.coupling
    by_run = training.together.by_run
    apart = _from_mean(by_run(points))
    gradients = landscape.gradients(points)
    changes = _from_mean(by_run(gradients))
    pull_to_mean = coupling * apart.flatten(0, 1)
    noises = []
    for _ in range(configuration.trials):
        move = training.trial(landscape) - points
        # what is left of the step when gradient and pull are taken away: the pull has no mean
        noises.append(by_run(-move / rate - gradients - pull_to_mean))
    noise = torch.stack(noises)
    found = {
        "spread": apart.square().sum((1, 2)),
        "pull": (apart * changes).sum((1, 2)),
        "kept": ((1 - rate * coupling) * apart - rate * changes).square().sum((1, 2)),
        "agent_noise": noise.square().sum(3).mean((0, 2)),
        "mean_noise": noise.mean(2).square().sum(2).mean(0),
    }
    return xr.Dataset({name: ("run", value.cpu().numpy()) for name, value in found.items()})


def _from_mean(stack: Tensor) -> Tensor:
    return stack - stack.mean(1, keepdim=True)
