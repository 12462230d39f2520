"""What a way of computing is: from one data batch per agent to losses, with gradients in their slots."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

import torch

from sdeopt.errors import InvalidArgumentError

Criterion: TypeAlias = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Outputs and targets of a batch to the mean loss, such as ``torch.nn.functional.cross_entropy``."""


class Pass(Protocol):
    """One way of computing."""

    def __call__(
        self, criterion: Criterion, inputs: torch.Tensor, targets: torch.Tensor
    ) -> torch.Tensor:
        """Return the losses (agents,), and leave the gradients in the slots."""


def scalar(loss: torch.Tensor) -> torch.Tensor:
    """Return a criterion's value, or say that it is none."""
    if loss.ndim:
        raise InvalidArgumentError(
            f"the criterion returned shape {tuple(loss.shape)} for one agent's batch, but must "
            "return one number, the mean over the batch; leave its reduction at 'mean'."
        )
    return loss


def same_buffers(now: Mapping[str, torch.Tensor], before: Mapping[str, torch.Tensor]) -> None:
    """Refuse a network that puts new tensors in the place of its buffers, which the stack would miss."""
    for name, buffer in before.items():
        if now[name] is not buffer:
            raise InvalidArgumentError(
                f"the network replaces its buffer {name!r} by a new tensor, which an ensemble cannot "
                "follow; let it write into the old one, as in buffer.copy_(new)."
            )
