"""Where an agent is, when its weights are the point it looks ahead to.

Nesterov momentum is published with positions x and velocities v,

    v ← δv − η∇f(x + δv),  x ← x + v + ηk(s − x),

and ``torch.optim.SGD(nesterov=True)`` keeps the point where the gradient is taken, θ = x + δv, and a
buffer b ← δb + ∇f(θ), with θ ← θ − η(∇f(θ) + δb). Put v = −ηb. Then v obeys its own rule, and

    x + v + ηk(s − x) + δv⁺ = θ − η(∇f(θ) + δb⁺) + ηk(s − x),

where ⁺ marks the new value: torch's step, plus the same pull. So the two methods are one as long as

- the pull is that of positions, x = θ + δηb, for s (a mean of positions) and for x itself. Pulling
  weights to the mean of weights instead adds ηkδ(v• − v^i): a coupling of velocities, which the
  published method does not have;
- a change of η keeps v, hence multiplies b by η/η⁺ (`change_rate`). Torch alone keeps b, and so
  cuts a velocity that was built up at the old rate.

Momentum without looking ahead, and every other optimizer, has its weights at its positions.
"""

from typing import Any

import torch

from nets.weights import Weights
from sdeopt.arguments import finite_number
from sdeopt.errors import InvalidArgumentError


def positions(weights: Weights, optimizer: torch.optim.Optimizer) -> Weights:
    """Return the positions x of agents whose weights are θ.

    Parameters
    ----------
    weights : dict of str to torch.Tensor
        Stacked weights, of shapes (agents, ...), that the optimizer trains: one parameter group an
        agent, with slices of them in the order of the names, or one group with the stacks.
    optimizer : torch.optim.Optimizer
        The optimizer, between two steps.

    Returns
    -------
    dict of str to torch.Tensor
        The weights themselves, unless the optimizer looks ahead.

    Examples
    --------
    >>> import torch
    >>> from nets.couplings import positions
    >>> weights = {"bias": torch.tensor([[1.0], [2.0]])}
    >>> optimizer = torch.optim.SGD(weights.values(), lr=0.1, momentum=0.5, nesterov=True)
    >>> weights["bias"].grad = torch.ones(2, 1)
    >>> optimizer.step()
    >>> positions(weights, optimizer)["bias"]  # after one step from rest: x − η∇f
    tensor([[0.9000],
            [1.9000]])
    """
    if not any(_looks_ahead(group) for group in optimizer.param_groups):
        return weights
    points = {name: stack.clone() for name, stack in weights.items()}
    for group, row in _rows(optimizer):
        if not _looks_ahead(group):
            continue
        places, buffers = [], []
        for point, parameter in zip(points.values(), group["params"], strict=True):
            buffer = optimizer.state[parameter].get("momentum_buffer")
            if buffer is not None:
                places.append(point if row is None else point[row])
                buffers.append(buffer)
        if buffers:
            distance = float(group["momentum"]) * float(group["lr"])
            torch._foreach_add_(places, buffers, alpha=distance)
    return points


def rates_of(optimizer: torch.optim.Optimizer, agents: int) -> torch.Tensor:
    """Return the learning rate of every agent of this process.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        With one parameter group an agent, or one for all.
    agents : int
        How many agents of this process it trains.

    Returns
    -------
    torch.Tensor
        float64 of shape (agents,), on the CPU.

    Examples
    --------
    >>> import torch
    >>> from nets.couplings import rates_of
    >>> rates_of(torch.optim.SGD([torch.zeros(2, 1)], lr=0.5), agents=2)
    tensor([0.5000, 0.5000], dtype=torch.float64)
    """
    groups = _rows(optimizer)
    if len(groups) == 1:
        groups *= agents
    if len(groups) != agents:
        raise InvalidArgumentError(
            f"the optimizer has {len(groups)} parameter groups for {agents} agents; "
            "give it one group an agent, as Ensemble.groups() does, or one for all."
        )
    return torch.tensor([float(group["lr"]) for group, _ in groups], dtype=torch.float64)


def change_rate(optimizer: torch.optim.Optimizer, agent: int, rate: float) -> None:
    """Set the learning rate of one agent and leave its velocity as it is.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        With one parameter group an agent.
    agent : int
        Which agent of this process, from 0.
    rate : float
        The new η.

    Examples
    --------
    >>> import torch
    >>> from nets.couplings import change_rate
    >>> weight = torch.zeros(1)
    >>> optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9)
    >>> weight.grad = torch.ones(1)
    >>> optimizer.step()
    >>> change_rate(optimizer, 0, 0.05)
    >>> optimizer.state[weight]["momentum_buffer"]
    tensor([2.])
    """
    group, _ = _rows(optimizer)[agent]
    new = finite_number(rate, "learning rate", 0, open_end=True)
    old, group["lr"] = float(group["lr"]), new
    for parameter in group["params"]:
        buffer = optimizer.state[parameter].get("momentum_buffer")
        if buffer is not None:
            buffer.mul_(old / new)


def _looks_ahead(group: dict[str, Any]) -> bool:
    return bool(group.get("nesterov")) and bool(group.get("momentum"))


def _rows(optimizer: torch.optim.Optimizer) -> list[tuple[dict[str, Any], int | None]]:
    """Return the groups in the order of agents, each with its row of the stacks (None for all)."""
    groups = optimizer.param_groups
    if len(groups) == 1 and "agent" not in groups[0]:
        return [(groups[0], None)]
    ordered = sorted(groups, key=lambda group: int(group.get("agent", 0)))
    return [(group, row) for row, group in enumerate(ordered)]
