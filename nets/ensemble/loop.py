"""One agent after the other: each pass is that of an ordinary module, bit for bit."""

from collections.abc import Sequence
from contextlib import nullcontext

import torch
from torch import nn

from nets.ensemble.batched import OwnMasks
from nets.ensemble.passes import Criterion, same_buffers, scalar
from nets.ensemble.stacking import Slots, aligned
from nets.ensemble.streams import Stream


class LoopPass:
    """Gradients of one agent after the other."""

    def __init__(
        self, modules: Sequence[nn.Module], slots: Slots, streams: Sequence[Stream]
    ) -> None:
        self._modules = modules
        self._slots = slots
        self._streams = streams
        named = [dict(module.named_parameters()) for module in modules]
        # on the processor torch's own dropout has the same bits, and no operation is looked at
        self._masks = (
            nullcontext() if next(iter(slots.weights.values())).is_cpu else OwnMasks(streams)
        )
        self._buffers = [dict(module.named_buffers()) for module in modules]
        self._parameters = [[own[name] for name in slots.weights] for own in named]

    def __call__(
        self, criterion: Criterion, inputs: torch.Tensor, targets: torch.Tensor
    ) -> torch.Tensor:
        """Return the losses, see `Pass`."""
        losses = []
        for agent, module in enumerate(self._modules):
            with self._streams[agent].drawing(), self._masks:
                outputs = module(aligned(inputs[agent]))
                loss = scalar(criterion(outputs, aligned(targets[agent])))
            if self._buffers[agent]:
                same_buffers(dict(module.named_buffers()), self._buffers[agent])
            # One agent's gradients exist twice for a moment, those of all agents never.
            self._slots.write(
                agent, torch.autograd.grad(loss, self._parameters[agent], allow_unused=True)
            )
            losses.append(loss.detach())
        return torch.stack(losses)
