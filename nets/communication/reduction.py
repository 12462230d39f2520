"""Sums over agents in one fixed order, so that they have the same bits wherever agents live.

Agents are folded in halves, as in `sdeopt.kernels.passes`: agent i meets agent i + ⌈p/2⌉, and so on
with what is left. Every addition is of single numbers, so neither the shape of a tensor nor its place
in memory can change a bit, which ``torch.mean`` does not promise.
"""

from collections.abc import Sequence

import torch

__all__ = ["mean_over_agents"]


def mean_over_agents(
    stacks: Sequence[torch.Tensor], gains: torch.Tensor | None = None
) -> list[torch.Tensor]:
    """Return the mean of every stack over its first dimension, or Σ k_j x^j / Σ k_j.

    Parameters
    ----------
    stacks : sequence of torch.Tensor
        Of shapes (p, ...).
    gains : torch.Tensor, optional
        k_j, of shape (p,), on the CPU. Where they are all zero the plain mean is returned.

    Returns
    -------
    list of torch.Tensor
        Of shapes (...).

    Examples
    --------
    >>> import torch
    >>> from nets.communication.reduction import mean_over_agents
    >>> stack = torch.tensor([[0.0, 3.0], [2.0, 5.0], [4.0, 7.0]])
    >>> mean_over_agents([stack])
    [tensor([2., 5.])]
    >>> mean_over_agents([stack], torch.tensor([1.0, 0.0, 0.0]))
    [tensor([0., 3.])]
    """
    if gains is None or not gains.any():
        return [total / len(stack) for total, stack in zip(_sums(stacks), stacks, strict=True)]
    weights = [gains.to(stack).reshape(-1, *[1] * (stack.ndim - 1)) for stack in stacks]
    products = [weight * stack for weight, stack in zip(weights, stacks, strict=True)]
    both = zip(_sums(products), _sums(weights), strict=True)
    return [weighted / total for weighted, total in both]


def _sums(stacks: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    agents = len(stacks[0])
    half = (agents + 1) // 2
    kept = [stack[:half].clone() for stack in stacks]
    _fold(kept, [stack[half:] for stack in stacks])
    while half > 1:
        left, half = half, (half + 1) // 2
        _fold(kept, [stack[half:left] for stack in kept])
    return [stack[0] for stack in kept]


def _fold(kept: Sequence[torch.Tensor], added: Sequence[torch.Tensor]) -> None:
    count = len(added[0])
    if count:
        torch._foreach_add_([stack[:count] for stack in kept], list(added))
