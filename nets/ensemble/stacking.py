"""The stack: every parameter of all agents in one tensor, with the modules and gradients that view it.

Each agent keeps a module of its own, the one its factory made, whose parameters and buffers are views
of the agent's slice. Nothing exists twice: what is written into a slice is in the module and the stack.
"""

import copy
from collections.abc import Collection, Sequence

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

from nets.ensemble.refusals import dense, same_layout
from nets.weights import Weights
from sdeopt.errors import InvalidArgumentError

_ALIGNMENT = 64
"""Bytes of a cache line. Matrix products round differently on memory that begins elsewhere, and a
slice must compute the same bits as the tensor of its own that an ordinary module has."""


def stack_like(tensor: torch.Tensor, agents: int) -> torch.Tensor:
    """Return zeros of shape (agents, *shape), each slice of which begins with a cache line."""
    line = max(1, _ALIGNMENT // tensor.element_size())
    length = -(-tensor.numel() // line) * line
    rows = torch.zeros(agents, length, dtype=tensor.dtype, device=tensor.device)
    return rows[:, : tensor.numel()].view(agents, *tensor.shape)


def aligned(tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor as it is if it begins with a cache line, else a copy that does."""
    return tensor.clone() if tensor.data_ptr() % _ALIGNMENT else tensor


def stacked(modules: Sequence[nn.Module]) -> tuple[Weights, Weights]:
    """Move the state of the agents' modules into stacks; the modules keep views."""
    first, *_ = states = [_parts(module) for module in modules]
    same_layout(states)
    stacks = tuple(
        {name: _room(tensor, len(modules)) for name, tensor in part.items()} for part in first
    )
    for agent, state in enumerate(states):
        for stack, part in zip(stacks, state, strict=True):
            for name, tensor in part.items():
                stack[name][agent].copy_(tensor.detach())
                tensor.data = stack[name][agent]
    return stacks[0], stacks[1]


def _room(tensor: torch.Tensor, agents: int) -> torch.Tensor:
    # A batched operation that updates a buffer in place, such as batch normalization, may reshape it
    # first, and would update a copy if there were gaps between the slices.
    if isinstance(tensor, nn.Parameter):
        return stack_like(tensor.detach(), agents)
    return tensor.new_zeros((agents, *tensor.shape))


def copy_of(module: nn.Module, state: Weights) -> nn.Module:
    """Return a module like `module` with its own memory and the given parameters and buffers."""
    old = {name: tensor for part in _parts(module) for name, tensor in part.items()}
    for name, tensor in state.items():
        if name not in old or tensor.shape != old[name].shape:
            there = f"of shape {tuple(old[name].shape)}" if name in old else "not in the network"
            raise InvalidArgumentError(
                f"{name!r} was given with shape {tuple(tensor.shape)}, but is {there}; give one "
                "tensor a parameter, without a dimension for agents."
            )
    known: dict[int, object] = {}
    for name, tensor in old.items():
        new = (
            state.get(name, tensor)
            .detach()
            .to(tensor.dtype, copy=True, memory_format=torch.contiguous_format)
        )
        is_parameter = isinstance(tensor, nn.Parameter)
        known[id(tensor)] = nn.Parameter(new, tensor.requires_grad) if is_parameter else new
    # what a hook computed from parameters, as spectral_norm's does, is computed anew by the copy
    for layer in module.modules():
        for value in vars(layer).values():
            if isinstance(value, torch.Tensor) and not value.is_leaf:
                known[id(value)] = value.detach().clone()
    # deepcopy copies whole storages, here the stacks of all agents, unless it is given the new tensors
    return copy.deepcopy(module, known).train()


def _parts(module: nn.Module) -> tuple[Weights, Weights]:
    """Return what is trained, and the rest of a module's state: frozen parameters and buffers."""
    trained: Weights = {n: p for n, p in module.named_parameters() if p.requires_grad}
    frozen: Weights = {n: p for n, p in module.named_parameters() if not p.requires_grad}
    return trained, {**frozen, **dict(module.named_buffers())}


class Slots:
    """The stacks of weights and gradients, and every agent's views of both.

    The memory of gradients is allocated once: a pass writes into it, an optimizer reads it through the
    views.
    """

    def __init__(self, weights: Weights) -> None:
        agents = len(next(iter(weights.values())))
        self.weights = weights
        self.gradients = {name: stack_like(w[0], agents) for name, w in weights.items()}
        self.views = [{name: w[i] for name, w in weights.items()} for i in range(agents)]
        self._slices = [{name: g[i] for name, g in self.gradients.items()} for i in range(agents)]
        for agent in range(agents):
            self._attach(agent, missing=())

    def loose(self) -> list[list[tuple[str, torch.Tensor, torch.Tensor | None]]]:
        """Return every agent's views with copies of their gradients, for a copy to `take` over.

        An optimizer that is copied beside them holds the same views.
        """
        return [
            [
                (name, view, None if view.grad is None else view.grad.clone())
                for name, view in own.items()
            ]
            for own in self.views
        ]

    def take(self, loose: list[list[tuple[str, torch.Tensor, torch.Tensor | None]]]) -> None:
        """Make copied views the views of this memory, with their gradients."""
        for agent, own in enumerate(loose):
            for name, view, gradient in own:
                view.data = self.views[agent][name]
                view.grad = None
                self.views[agent][name] = view
                if gradient is not None:
                    self._slices[agent][name].copy_(gradient)
                    view.grad = self._slices[agent][name]

    def write(self, agent: int, gradients: Sequence[torch.Tensor | None]) -> None:
        """Copy one agent's gradients into its slices."""
        named = dict(zip(self.weights, gradients, strict=True))
        found = {name: gradient for name, gradient in named.items() if gradient is not None}
        for name, gradient in found.items():
            dense(name, gradient)
        slices = self._slices[agent]
        torch._foreach_copy_([slices[name] for name in found], list(found.values()))
        self._attach(agent, missing=named.keys() - found.keys())

    def write_all(self, gradients: list[torch.Tensor | None], missing: Collection[str]) -> None:
        """Move the gradients of all agents into their slots."""
        for place, slot in enumerate(self.gradients.values()):
            gradient, gradients[place] = gradients[place], None
            assert gradient is not None  # under vmap what is not used has a gradient of zeros
            slot.copy_(gradient)
        for agent in range(len(self.views)):
            self._attach(agent, missing)

    def clip(self, most: float) -> torch.Tensor:
        """Scale each agent's gradients down to a norm over all its parameters; return the norms."""
        norms = [clip_grad_norm_(own.values(), most) for own in self.views]
        return torch.stack(norms)

    def _attach(self, agent: int, missing: Collection[str]) -> None:
        """Set the gradients of an agent's views, which ``zero_grad`` may have removed.

        Parameters that the loss does not depend on get none, as in an ordinary module: optimizers
        leave them alone.
        """
        slices = self._slices[agent]
        for name, view in self.views[agent].items():
            slot = None if name in missing else slices[name]
            if slot is None:
                slices[name].zero_()
            if view.grad is not slot:
                view.grad = slot
