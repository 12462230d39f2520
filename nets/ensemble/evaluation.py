"""Losses and outputs of many points on a whole data set, in parts, without gradients.

Points are computed one after the other. Their parts of the data are large enough to keep a device
busy: on the processor, batching over 16 points was measured to gain a tenth for dense layers and to
lose half for convolutions.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

import torch
from torch import nn
from torch.func import functional_call

from nets.ensemble.computing import Computing
from nets.ensemble.data_refusals import unchanged
from nets.ensemble.passes import Criterion, scalar
from nets.ensemble.streams import COMMON, Stream
from nets.trees import Tree, arguments_of, examples_of, mapped
from nets.weights import Weights
from sdeopt.arguments import whole_number
from sdeopt.errors import InvalidArgumentError

Measure: TypeAlias = Callable[[Any, Any], torch.Tensor]
"""Outputs and targets to a mean over the examples."""

Parts: TypeAlias = Iterable[tuple[Tree, Tree]]
"""Inputs and targets of a data set, a batch at a time."""

LABELS = ("labels", "label", "targets", "target")
"""What class numbers are called in a batch that is a dictionary."""


def accuracy(outputs: Any, targets: Any) -> torch.Tensor:
    """Return the share of targets that the largest output names.

    As in torch's losses, the classes are the dimension behind the examples: (examples, classes, length)
    for targets (examples, length); they may be the last one too. A single output is the logit of class
    1. Of several classes none is below 0: targets that are, such as the −100 which torch's losses
    ignore, do not count. Of targets that are real numbers none is right or wrong: the share is NaN. In a
    dictionary the class numbers are found by one of the names `LABELS`, and in outputs the scores by
    ``logits``; where there are none, the share is NaN.
    """
    if isinstance(targets, Mapping):
        targets = next((targets[name] for name in LABELS if name in targets), None)
    if not isinstance(outputs, torch.Tensor):
        outputs = getattr(outputs, "logits", None)
    if not (isinstance(outputs, torch.Tensor) and isinstance(targets, torch.Tensor)):
        return torch.tensor(torch.nan)
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
    right, each = (named == targets).float(), tuple(range(-targets.ndim, 0))
    counted = targets >= 0
    if one or counted.all():
        return right.mean(dim=each)
    # NaN where no target counts
    return right.sum(dim=each) / counted.sum()


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Let a module be in evaluation mode and need no gradients inside the block."""
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        module.train()


def _renormalizes(module: nn.Module) -> bool:
    """Return whether a pass changes weights in place: embeddings that keep a norm."""
    return any(getattr(layer, "max_norm", None) is not None for layer in module.modules())


def in_parts(inputs: Tree, targets: Tree, chunk: int) -> list[tuple[Tree, Tree]]:
    """Return a data set in nearly equal parts: a small rest would have poor batch statistics."""
    count = -(-examples_of(inputs) // whole_number(chunk, "chunk", minimum=1))
    pieces = (partial(_piece, count=count, place=place) for place in range(count))
    return [(mapped(piece, inputs), mapped(piece, targets)) for piece in pieces]


def _piece(whole: torch.Tensor, count: int, place: int) -> torch.Tensor:
    return whole.tensor_split(count)[place]


def evaluated(
    module: nn.Module,
    points: Weights,
    common: Weights,
    criterion: Criterion,
    parts: Parts,
    measure: Measure | None,
    computing: Computing,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return losses and outputs of points on a data set; it is gone through once."""
    first = next(iter(points.values()))
    if _renormalizes(module):
        points = {name: stack.clone() for name, stack in points.items()}
    states = [
        {name: stack[point] for name, stack in points.items()} | common
        for point in range(len(first))
    ]
    losses: list[list[torch.Tensor]] = [[] for _ in states]
    kept: list[list[torch.Tensor]] = [[] for _ in states]
    sizes = []
    # what a network draws here is the same at every point and time, and not taken from the training
    streams = [Stream(0, COMMON, 1, first.device) for _ in states]
    for inputs, targets in parts:
        sizes.append(examples_of(inputs))
        places = zip(states, streams, losses, kept, strict=True)
        for state, stream, own_losses, own_kept in places:
            with unchanged(inputs, targets):
                with stream.drawing(), computing.forward(first.device):
                    found = functional_call(module, state, *arguments_of(computing.ordered(inputs)))
                outputs = computing.single(found)
                own_losses.append(scalar(criterion(outputs, targets)))
                own_kept.append(
                    _joinable(outputs) if measure is None else measure(outputs, targets)
                )
    return (
        torch.stack([_mean(each, sizes) for each in losses]),
        torch.stack([torch.cat(each) if measure is None else _mean(each, sizes) for each in kept]),
    )


def _mean(values: Sequence[torch.Tensor], sizes: Sequence[int]) -> torch.Tensor:
    """Return the mean over examples of the parts' means."""
    shares = (size / sum(sizes) for size in sizes)
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
