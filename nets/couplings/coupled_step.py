"""One iteration of coupled agents, in the published order."""

from collections.abc import Callable

import torch

from nets.communication.communication import Communication
from nets.couplings.positions import positions, rates_of
from nets.couplings.rule import Coupling
from nets.weights import Weights


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
    added after it, so that its elastic difference is that of the old state.

    Parameters
    ----------
    rule : Coupling
        How agents are coupled.
    communication : Communication
        With the agents of other processes.
    optimizer : torch.optim.Optimizer
        With one parameter group an agent, or one for all; see `nets.couplings.positions` for what
        Nesterov momentum means here.
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
    mean, pull = None, None
    if rule.needs_mean(step):
        points = positions(weights, optimizer)
        rates = rates_of(optimizer, communication.local_agents)
        every_rate = communication.gather(rates)
        mean = communication.mean(points, rule.gains(step))
        pull = rule.pull(points, mean, step, rates)
    (take or optimizer.step)()
    if pull is not None:
        torch._foreach_add_(list(weights.values()), [pull[name] for name in weights])
    if mean is not None:
        rule.advance(mean, step, every_rate)
    if rule.averages(step):
        for name, value in communication.mean(weights).items():
            weights[name].copy_(value.expand_as(weights[name]))
