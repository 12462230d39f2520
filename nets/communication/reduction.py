"""Sums over agents in one fixed order, so that they have the same bits wherever agents live.

The order is that of `sdeopt.kernels.means`: agent i is added to sum i modulo 8, and the eight sums are
folded, the upper half onto the lower one. Every addition is of single numbers, so neither the shape of
a tensor nor its place in memory can change a bit, which ``torch.mean`` does not promise.
"""

from collections.abc import Sequence

import torch

__all__ = ["mean_over_agents"]

SUMS = 8
"""How many run side by side."""


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
    sums = [stack[:SUMS].clone() for stack in stacks]
    for first in range(SUMS, agents, SUMS):
        _add(sums, [stack[first : first + SUMS] for stack in stacks])
    left, half = min(agents, SUMS), SUMS // 2
    while half:
        if left > half:
            _add(sums, [total[half:left] for total in sums])
            left = half
        half //= 2
    return [total[0] for total in sums]


def _add(sums: Sequence[torch.Tensor], added: Sequence[torch.Tensor]) -> None:
    torch._foreach_add_([total[: len(added[0])] for total in sums], list(added))
