"""From one data batch per agent to losses and gradients: one agent after the other, or all at once.

`LoopPass` computes each agent as an ordinary module, bit for bit. `BatchedPass` turns many small
operations into one large operation by ``torch.func.vmap`` over the stack; it agrees with the loop up to
rounding.

Left alone, ``vmap`` draws one mask for all agents together, and the masks of one agent would depend on
how many run beside it. Here a mask has the same bits as in an ordinary module that follows the agent's
stream, so both ways, in one process or many, drop the same units. (On a GPU torch's own dropout draws
its numbers in another order; there the loop takes its masks from here too.)

Gradients are taken inside of vmap. One backward pass from the sum of all losses would find the same
numbers, but it meets the batched matrix products and leaves the gradients of dense layers transposed:
copying them to their slots then took a tenth to a third of a step (measured on the processor).
A convolution becomes one with agents × channels channels in as many groups. For small batches that
saves time. For large ones, on a processor, it costs some: results of all agents leave the cache, and
the agents' dimension moves between channels and examples from one kind of layer to the next.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, Protocol, TypeAlias

import torch
from torch import nn
from torch.func import functional_call, grad_and_value, vmap
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from nets.ensemble.computing import Computing
from nets.ensemble.data_refusals import unchanged
from nets.ensemble.refusals import dense, without_gradient_hooks
from nets.ensemble.stacking import Slots, aligned, copy_of
from nets.ensemble.streams import COMMON, Stream
from nets.trees import Tree, arguments_of, called, leaves, mapped, of_agent, stacked_batches
from nets.weights import HALF, Weights
from sdeopt.errors import InvalidArgumentError

Criterion: TypeAlias = Callable[[Any, Any], torch.Tensor]
"""Outputs and targets of a batch to the mean loss, such as ``torch.nn.functional.cross_entropy``.

Where a batch is a dictionary, the targets are all of it.
"""


class Pass(Protocol):
    """One way of computing."""

    def __call__(
        self,
        criterion: Criterion,
        inputs: Tree,
        targets: Tree,
        computing: Computing,
    ) -> torch.Tensor:
        """Return the losses (agents,), and leave the gradients in the slots."""


def scalar(loss: torch.Tensor) -> torch.Tensor:
    """Return a criterion's value; refuse one that is not a real number of torch's."""
    if not isinstance(loss, torch.Tensor) or loss.is_complex():
        raise InvalidArgumentError(
            f"the criterion returned {loss!r:.60}, but must return a real torch.Tensor of one number, "
            "computed from the outputs by functions of torch."
        )
    if loss.ndim:
        raise InvalidArgumentError(
            f"the criterion returned shape {tuple(loss.shape)} for one agent's batch, but must "
            "return one number, the mean over the batch; leave its reduction at 'mean'."
        )
    return loss


def differentiable(loss: torch.Tensor) -> torch.Tensor:
    """Return a loss; refuse one that no weight has a gradient of."""
    if not loss.requires_grad:
        raise InvalidArgumentError(
            "the loss does not depend on the weights as far as torch can see, so there are no "
            "gradients; leave out detach(), item() and torch.no_grad() around the pass."
        )
    return loss


def weighted(loss: torch.Tensor, share: float) -> torch.Tensor:
    """Return what a part of a batch adds to the mean loss."""
    return scalar(loss) if share == 1.0 else share * scalar(loss)


class Sum:
    """The loss and the gradients of a batch, part by part."""

    def __init__(self) -> None:
        self.loss = torch.zeros(())
        self.gradients: list[torch.Tensor | None] = []

    def add(self, loss: torch.Tensor, gradients: Sequence[torch.Tensor | None]) -> None:
        """Add those of a part."""
        if not self.gradients:
            self.loss, self.gradients = loss, list(gradients)
            return
        self.loss = self.loss + loss
        for place, (own, more) in enumerate(zip(self.gradients, gradients, strict=True)):
            # never in place: what autograd returns may be one number seen many times
            self.gradients[place] = more if own is None else own if more is None else own + more


def _same_buffers(now: Mapping[str, torch.Tensor], before: Mapping[str, torch.Tensor]) -> None:
    """Refuse a network that replaces a buffer by a new tensor: the stack would keep the old one."""
    for name, buffer in before.items():
        if now[name] is not buffer:
            raise InvalidArgumentError(
                f"the network replaces its buffer {name!r} by a new tensor, which an ensemble cannot "
                "follow; let it write into the old one, as in buffer.copy_(new)."
            )


_SIGNATURE = inspect.signature(functional.dropout)


class _Masks(torch.autograd.Function):
    """Masks of all agents: the only part of dropout that depends on the stack."""

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


_NORMALIZATIONS = (
    functional.batch_norm,
    functional.group_norm,
    functional.instance_norm,
    functional.layer_norm,
)


class SingleNormalization(TorchFunctionMode):
    """While it is active, normalization computes in float32 what autocast left in fewer bits.

    Ordinary modules keep such inputs and have their statistics in float32; under vmap torch does not mix
    the two types.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func not in _NORMALIZATIONS or args[0].dtype not in HALF:
            return func(*args, **(kwargs or {}))
        values, *rest = args
        return func(values.float(), *rest, **(kwargs or {})).to(values.dtype)


class LoopPass:
    """Gradients of one agent after the other."""

    def __init__(
        self, modules: Sequence[nn.Module], slots: Slots, streams: Sequence[Stream]
    ) -> None:
        self._modules = modules
        self._slots = slots
        self._streams = streams
        named = [dict(module.named_parameters()) for module in modules]
        # on the processor torch's own dropout has the same bits, and no call is intercepted
        self._device = next(iter(slots.weights.values())).device
        self._masks = nullcontext() if self._device.type == "cpu" else OwnMasks(streams)
        self._buffers = [dict(module.named_buffers()) for module in modules]
        self._parameters = [[own[name] for name in slots.weights] for own in named]

    def __call__(
        self,
        criterion: Criterion,
        inputs: Tree,
        targets: Tree,
        computing: Computing,
    ) -> torch.Tensor:
        """Return the losses, see `Pass`."""
        losses = []
        for agent, module in enumerate(self._modules):
            total = Sum()
            own = of_agent(inputs, agent), of_agent(targets, agent)
            for part, wanted, share in computing.parts(*own, axis=0):
                with self._streams[agent].drawing(), self._masks:
                    with computing.types(self._device):
                        outputs = called(module, mapped(aligned, computing.ordered(part)))
                    found = criterion(computing.single(outputs), mapped(aligned, wanted))
                    loss = differentiable(weighted(found, share))
                if self._buffers[agent]:
                    _same_buffers(dict(module.named_buffers()), self._buffers[agent])
                slopes = torch.autograd.grad(loss, self._parameters[agent], allow_unused=True)
                total.add(loss.detach(), slopes)
            # the gradients of one agent exist twice for a moment, those of all agents never
            self._slots.write(agent, total.gradients)
            losses.append(total.loss)
        return torch.stack(losses)


class BatchedPass:
    """Gradients of all agents in one pass."""

    def __init__(
        self,
        module: nn.Module,
        slots: Slots,
        buffers: Weights,
        streams: Sequence[Stream],
        common: Stream,
    ) -> None:
        without_gradient_hooks(module)
        self._module = module
        self._slots = slots
        self._buffers = buffers
        self._masks = OwnMasks(streams)
        self._normalization = SingleNormalization()
        self._common = common
        self._unused: frozenset[str] | None = None

    def __call__(
        self,
        criterion: Criterion,
        inputs: Tree,
        targets: Tree,
        computing: Computing,
    ) -> torch.Tensor:
        """Return the losses, see `Pass`."""

        def loss(
            share: float, weights: Weights, buffers: Weights, x: Tree, y: Tree
        ) -> torch.Tensor:
            state = {**weights, **buffers}
            with computing.types(device), self._normalization if reduced else nullcontext():
                outputs = functional_call(self._module, state, *arguments_of(x))
            _same_buffers(state, buffers)
            return weighted(criterion(computing.single(outputs), y), share)

        reduced = computing.autocast is not None
        inputs, targets = stacked_batches(inputs), stacked_batches(targets)
        device = next(leaves(inputs)).device
        if self._unused is None:
            own = of_agent(inputs, 0), of_agent(targets, 0)
            part, wanted, _ = next(computing.parts(*own, axis=0))
            with unchanged(part, wanted):
                self._unused = self._find_unused(criterion, part, wanted)
        total = Sum()
        try:
            for part, wanted, share in computing.parts(inputs, targets, axis=1):
                one = grad_and_value(partial(loss, share))
                with self._common.drawing(), self._masks:
                    gradients, losses = vmap(one, randomness="different")(
                        self._slots.weights, self._buffers, part, wanted
                    )
                total.add(losses, [gradients.pop(name) for name in self._slots.weights])
        except RuntimeError as problem:
            raise InvalidArgumentError(
                f"the pass of all agents at once failed ({str(problem).splitlines()[0]}); way='loop' "
                "computes one agent after the other."
            ) from problem
        self._slots.write_all(total.gradients, self._unused)
        return total.loss

    def _find_unused(self, criterion: Criterion, inputs: Tree, targets: Tree) -> frozenset[str]:
        """Return the parameters that a loss does not depend on; their gradient is None, not zero."""
        module = copy_of(self._module, {})
        parameters = dict(module.named_parameters())
        with Stream(0, COMMON, 0, next(leaves(inputs)).device).drawing():
            loss = differentiable(scalar(criterion(called(module, inputs), targets)))
        found = torch.autograd.grad(
            loss, [parameters[name] for name in self._slots.weights], allow_unused=True
        )
        for name, gradient in zip(self._slots.weights, found, strict=True):
            if gradient is not None:
                dense(name, gradient)
        return frozenset(
            name for name, g in zip(self._slots.weights, found, strict=True) if g is None
        )
