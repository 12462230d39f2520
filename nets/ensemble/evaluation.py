"""Losses and outputs of many points on a whole data set, in parts, without gradients.

Points are computed one after the other. Their parts of the data are large enough to keep a device
busy: on the processor, batching over 16 points was measured to gain a tenth for dense layers and to
lose half for convolutions.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

import torch
from torch import nn
from torch.func import functional_call

from nets.ensemble.computing import Computing
from nets.ensemble.passes import Criterion, scalar
from nets.weights import Weights
from sdeopt.arguments import whole_number
from sdeopt.errors import InvalidArgumentError

Measure: TypeAlias = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Outputs and targets to a mean over the examples."""

Parts: TypeAlias = list[tuple[torch.Tensor, torch.Tensor]]


def accuracy(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the share of targets that the largest output names.

    As in torch's losses, the classes are the dimension behind the examples: (examples, classes, length)
    for targets (examples, length); they may be the last one too. A single output is the logit of class
    1. Of targets that are real numbers none is right or wrong: the share is NaN.
    """
    if targets.is_floating_point():
        return outputs.new_full(outputs.shape[: max(outputs.ndim - targets.ndim, 0)], torch.nan)
    for axis in (outputs.ndim - targets.ndim, outputs.ndim - 1):
        others = (*outputs.shape[:axis], *outputs.shape[axis + 1 :])
        if axis >= 1 and others[len(others) - targets.ndim :] == targets.shape:
            break
    else:
        raise InvalidArgumentError(
            f"outputs of shape {tuple(outputs.shape)} have no dimension of classes for targets of shape "
            f"{tuple(targets.shape)}; give a score of your own, as in Measurement(score=...)."
        )
    one = outputs.shape[axis] == 1
    named = outputs.squeeze(axis) > 0 if one else outputs.argmax(dim=axis)
    return (named == targets).float().mean(dim=tuple(range(-targets.ndim, 0)))


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Let a module be in evaluation mode and need no gradients inside the block."""
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        module.train()


def in_parts(inputs: torch.Tensor, targets: torch.Tensor, chunk: int) -> Parts:
    """Return a data set in nearly equal parts: a small rest would have poor batch statistics."""
    count = -(-len(inputs) // whole_number(chunk, "chunk", minimum=1))
    return list(zip(inputs.tensor_split(count), targets.tensor_split(count), strict=True))


def evaluated(
    module: nn.Module,
    points: Weights,
    common: Weights,
    criterion: Criterion,
    parts: Parts,
    measure: Measure | None,
    computing: Computing,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return losses and outputs of points on a data set."""
    all_losses, all_kept = [], []
    for point in range(len(next(iter(points.values())))):
        state = {name: stack[point] for name, stack in points.items()} | common
        losses, kept = [], []
        for inputs, targets in parts:
            with computing.types(inputs.device):
                found = functional_call(module, state, (computing.ordered(inputs),))
            outputs = computing.single(found)
            losses.append(scalar(criterion(outputs, targets)))
            kept.append(_joinable(outputs) if measure is None else measure(outputs, targets))
        all_losses.append(_mean(losses, parts))
        all_kept.append(torch.cat(kept) if measure is None else _mean(kept, parts))
    return torch.stack(all_losses), torch.stack(all_kept)


def _mean(values: Sequence[torch.Tensor], parts: Parts) -> torch.Tensor:
    """Return the mean over examples of the parts' means."""
    examples = sum(len(inputs) for inputs, _ in parts)
    shares = (len(inputs) / examples for inputs, _ in parts)
    return torch.stack([value * share for value, share in zip(values, shares, strict=True)]).sum(0)


def _joinable(outputs: object) -> torch.Tensor:
    if not isinstance(outputs, torch.Tensor):
        raise InvalidArgumentError(
            f"the network returns a {type(outputs).__name__}, which cannot be joined from parts of "
            "the data; give measure=..., a function of its outputs and the targets."
        )
    return outputs


def shared_buffers(buffers: Weights) -> Weights:
    """Return the buffers that all agents have in common: those of a point that is no agent."""
    for name, stack in buffers.items():
        if not torch.equal(stack, stack[:1].expand_as(stack)):
            raise InvalidArgumentError(
                f"the agents differ in {name!r}, which therefore is not known for a point that is no "
                "agent; compute the buffers of points with buffers_at(points, inputs), and give them "
                "beside the weights."
            )
    return {name: stack[0] for name, stack in buffers.items()}
