"""One iteration of coupled agents, in the published order."""

from collections.abc import Callable, Collection
from typing import NamedTuple

import torch

from nets.communication.communication import Communication
from nets.couplings.positions import positions, rates_by_name, rates_of
from nets.couplings.rule import Coupling
from nets.weights import Weights, at_least_single
from sdeopt.errors import InvalidArgumentError


@torch.no_grad()
def coupled_step(
    rule: Coupling,
    communication: Communication,
    optimizer: torch.optim.Optimizer,
    weights: Weights,
    step: int,
    *,
    take: Callable[[], object] | None = None,
) -> None:
    """Take the optimizer's step and add the pull of the coupling.

    The gradients have been taken at `weights` already. The pull is computed before the step and
    added after it, so that its elastic difference is that of the old state. Means and quorum
    variables of half-precision weights are computed and kept in float32: they move by less in a step
    than a half-precision number can.

    Parameters
    ----------
    rule : Coupling
        How agents are coupled.
    communication : Communication
        With the agents of other processes.
    optimizer : torch.optim.Optimizer
        With parameter groups for each agent, or one for all; see `nets.couplings.positions` for what
        Nesterov momentum means here. Where an agent's groups differ in η, each parameter is coupled
        with its own.
    weights : dict of str to torch.Tensor
        Of the agents of this process, which the optimizer trains; updated in place.
    step : int
        Number of the step, from 0.
    take : callable, optional
        Takes the optimizer's step; ``optimizer.step`` by default. Mixed precision gives
        ``lambda: scaler.step(optimizer)``.

    Examples
    --------
    >>> import torch
    >>> from nets.communication import Local
    >>> from nets.couplings import QSGD, coupled_step
    >>> weights = {"bias": torch.tensor([[0.0], [2.0]])}
    >>> weights["bias"].grad = torch.ones(2, 1)
    >>> optimizer = torch.optim.SGD(weights.values(), lr=0.1)
    >>> coupled_step(QSGD(coupling=5.0), Local(2), optimizer, weights, step=0)
    >>> weights["bias"]
    tensor([[0.4000],
            [1.4000]])
    """
    mean: Weights | None = None
    pull: Weights = {}
    parts: list[_Part] = []
    rule.first_agent = communication.first_agent
    coupled = rule.needs_mean(step)
    if coupled:
        parts = _parts_of_one_rate(rule, communication, optimizer, weights)
        for part in parts:
            rule.check(step, part.rates)
    if coupled or rule.needs_start:
        points = at_least_single(positions(weights, optimizer))
        if rule.needs_start:
            rule.start(communication.mean(points))
    if coupled:
        mean = communication.mean(points, rule.gains(step))
        here = slice(communication.first_agent, None)
        shares = rule.shares(step, communication.agents)
        for names, rates in parts:
            strengths = rates if shares is None else rates * shares
            own = strengths[here][: communication.local_agents]
            pull |= rule.pull(_of(points, names), _of(mean, names), step, own) or {}
    (take or optimizer.step)()
    if pull:
        torch._foreach_add_(list(weights.values()), [pull[name] for name in weights])
    if mean is not None:
        for names, rates in parts:
            rule.advance(_of(mean, names), step, rates)
    if rule.averages(step):
        for name, value in communication.mean(at_least_single(weights)).items():
            weights[name].copy_(value.expand_as(weights[name]))


class _Part(NamedTuple):
    """Parameters that every agent trains at one rate of its own."""

    names: Collection[str]
    rates: torch.Tensor
    """Of all p agents."""


def _parts_of_one_rate(
    rule: Coupling,
    communication: Communication,
    optimizer: torch.optim.Optimizer,
    weights: Weights,
) -> list[_Part]:
    """Return all parameters, or several parts where groups of an agent differ in their rates."""
    by_name = rates_by_name(weights, optimizer)
    if by_name is None:
        rates = rates_of(optimizer, communication.local_agents)
        return [_Part(weights.keys(), communication.gather(rates))]
    # shared before they are compared, so that every process has the same parts
    columns = communication.gather(by_name).T.contiguous()
    parts: dict[tuple[float, ...], list[str]] = {}
    for name, rates in zip(weights, columns, strict=True):
        parts.setdefault(tuple(rates.tolist()), []).append(name)
    if len(parts) > 1 and not rule.by_parameter:
        raise InvalidArgumentError(
            f"groups of an agent have unlike learning rates, but {type(rule).__name__} moves all "
            "parameters as one vector at one rate; give an agent's groups the same."
        )
    tensors = (torch.tensor(rates, dtype=torch.float64) for rates in parts)
    return [_Part(names, rates) for names, rates in zip(parts.values(), tensors, strict=True)]


def _of(point: Weights, names: Collection[str]) -> Weights:
    return {name: point[name] for name in names}
