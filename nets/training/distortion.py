"""How far the agents' mean gradient is from the gradient at their mean."""

import torch
from torch import nn

from nets.communication import Communication
from nets.data import Part
from nets.ensemble.ensemble import Ensemble
from nets.ensemble.passes import Criterion
from nets.weights import Weights

__all__ = ["distortion", "gradient"]


def gradient(module: nn.Module, criterion: Criterion, part: Part, chunk: int) -> Weights:
    """Return the gradient of the loss over a whole part, without dropout.

    Parameters
    ----------
    module : torch.nn.Module
        The network; left in evaluation mode.
    criterion : callable
        The mean loss of some examples.
    part : Part
        Of a data set.
    chunk : int
        The most examples that are looked at together.

    Returns
    -------
    dict of str to torch.Tensor
        By the name of the parameter.

    Examples
    --------
    >>> import torch
    >>> from nets.data import Part
    >>> from nets.training.distortion import gradient
    >>> line = torch.nn.Linear(1, 1, bias=False)
    >>> part = Part(torch.ones(3, 1), line(torch.ones(3, 1)).detach() - 1)
    >>> gradient(line, torch.nn.functional.mse_loss, part, chunk=2)
    {'weight': tensor([[2.]])}
    """
    module.eval().zero_grad()
    pieces = -(-len(part) // chunk)
    for inputs, targets in zip(*(each.tensor_split(pieces) for each in part), strict=True):
        share = len(targets) / len(part)
        torch.autograd.backward(share * criterion(module(inputs), targets))
    named = module.named_parameters()
    return {name: weight.grad for name, weight in named if weight.grad is not None}


def distortion(
    ensemble: Ensemble,
    communication: Communication,
    criterion: Criterion,
    part: Part,
    points: Weights,
    mean: Weights,
    chunk: int,
) -> float:
    """Return ‖ε‖ = ‖∇f(x•) − (1/p) Σ ∇f(x^i)‖ for the loss f over a whole part.

    Parameters
    ----------
    ensemble : Ensemble
        The network.
    communication : Communication
        With the agents of other processes.
    criterion : callable
        The mean loss of some examples.
    part : Part
        Of a data set.
    points, mean : dict of str to torch.Tensor
        x^i of the agents that are here, and x•.
    chunk : int
        The most examples that are looked at together.

    Returns
    -------
    float
        The norm over all parameters.

    Notes
    -----
    Boffi & Slotine (2020), Thm 3.2.
    """
    at_mean = gradient(ensemble.module_of(mean), criterion, part, chunk)
    own = []
    for agent in range(ensemble.agents):
        point = {name: stack[agent] for name, stack in points.items()}
        own.append(gradient(ensemble.module_of(point), criterion, part, chunk))
    stacked = {name: torch.stack([each[name] for each in own]) for name in at_mean}
    felt = communication.mean(stacked)
    squares = [(at_mean[name] - felt[name]).double().square().sum() for name in at_mean]
    return float(torch.stack(squares).sum().sqrt())
