"""Agents whose weights are plain stacks and whose gradients are those of a model loss."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from nets.communication import Communication, Local
from nets.couplings import Coupling, coupled_step

Array = np.ndarray[Any, np.dtype[np.float64]]
Stacks = dict[str, torch.Tensor]


def as_weights(points: Array, dtype: torch.dtype = torch.float64) -> Stacks:
    """Points (agents, dim) as two parameters, the second a matrix, where there are enough numbers."""
    values = torch.tensor(points, dtype=dtype)
    if values.shape[1] < 3:
        return {"all": values}
    return {
        "first": values[:, :1].clone(),
        "rest": values[:, 1:].reshape(len(values), -1, 1).clone(),
    }


def as_points(weights: Stacks) -> Array:
    agents = len(next(iter(weights.values())))
    return np.concatenate(
        [w.reshape(agents, -1).double().numpy() for w in weights.values()], axis=1
    )


def one_group_an_agent(weights: Stacks, rates: Array) -> list[dict[str, Any]]:
    for stack in weights.values():
        stack.grad = torch.zeros_like(stack)
    groups = []
    for agent, rate in enumerate(rates):
        views = [stack[agent] for stack in weights.values()]
        for view, stack in zip(views, weights.values(), strict=True):
            assert stack.grad is not None
            view.grad = stack.grad[agent]
        groups.append({"params": views, "agent": agent, "lr": float(rate)})
    return groups


class Training:
    """A run of a rule under ``torch.optim.SGD``, one step at a time."""

    def __init__(
        self,
        rule: Coupling,
        start: Array,
        rates: Array,
        gradient: Callable[[Array], Array],
        *,
        communication: Communication | None = None,
        dtype: torch.dtype = torch.float64,
        losses: Callable[[Array], Array] | None = None,
        **settings: Any,
    ) -> None:
        self.rule, self.gradient, self.losses = rule, gradient, losses
        self.weights = as_weights(start, dtype)
        self.communication = communication or Local(len(start))
        groups = one_group_an_agent(self.weights, rates)
        self.optimizer = torch.optim.SGD(groups, lr=1.0, **settings)
        self.step = 0

    def take(self, noise: Array | float = 0.0) -> None:
        if self.rule.needs_losses(self.step):
            assert self.losses is not None
            losses = torch.tensor(self.losses(as_points(self.weights)))
            self.rule.choose(self.communication.gather(losses))
        slope = as_weights(self.gradient(as_points(self.weights)) + noise)
        for name, stack in self.weights.items():
            assert stack.grad is not None
            stack.grad.copy_(slope[name])
        coupled_step(self.rule, self.communication, self.optimizer, self.weights, self.step)
        self.step += 1
