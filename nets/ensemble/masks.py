"""Dropout in a batched pass: every agent's mask comes from the agent's own stream.

Left alone, ``vmap`` draws one mask for all agents together, and the masks of one agent would depend on
how many run beside it. Here a mask has the same bits as in an ordinary module that follows the agent's
stream, so both ways of computing, and one process or many, drop the same units. (On a GPU torch's own
dropout draws its numbers in another order; there the loop takes its masks from here too.)
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from nets.ensemble.streams import Stream

__all__ = ["OwnMasks"]


_SIGNATURE = inspect.signature(functional.dropout)


class _Masks(torch.autograd.Function):
    """Masks of all agents; the only part of dropout that must know of the stack."""

    @staticmethod
    def forward(like: torch.Tensor, keep: float, streams: Sequence[Stream]) -> torch.Tensor:
        # one agent alone, whose stream the global generator follows
        return torch.empty_like(like).bernoulli_(keep).div_(keep)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        ctx.mark_non_differentiable(output)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[None, None, None]:
        return None, None, None

    @staticmethod
    def vmap(
        info: Any,
        in_dims: tuple[int | None, ...],
        like: torch.Tensor,
        keep: float,
        streams: Sequence[Stream],
    ) -> tuple[torch.Tensor, int]:
        axis = in_dims[0]
        shape = like.shape if axis is None else like.movedim(axis, 0).shape[1:]
        masks = like.new_empty((info.batch_size, *shape))
        for mask, stream in zip(masks, streams, strict=True):
            mask.bernoulli_(keep, generator=stream.generator)
        return masks.div_(keep), 0


class OwnMasks(TorchFunctionMode):
    """While it is active, ``functional.dropout`` under vmap takes masks from the agents' streams.

    Other random operations are not touched: they draw from the ensemble's common stream, with the
    same law.

    Parameters
    ----------
    streams : sequence of Stream
        One per agent.
    """

    def __init__(self, streams: Sequence[Stream]) -> None:
        super().__init__()
        self._streams = streams

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func is not functional.dropout:
            return func(*args, **(kwargs or {}))
        call = _SIGNATURE.bind(*args, **(kwargs or {}))
        call.apply_defaults()
        values, rate, training, inplace = call.arguments.values()
        if not training or not 0 < rate < 1:  # nothing to draw: torch's own answer, or refusal
            return func(*args, **(kwargs or {}))
        masks = _Masks.apply(values, 1 - rate, self._streams)  # type: ignore[no-untyped-call]
        return values.mul_(masks) if inplace else values * masks
