"""What a user can get wrong with an ensemble: each refusal is one sentence."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from nets.ensemble.data_refusals import same_device
from nets.weights import HALF
from sdeopt.errors import CheckpointError, DivergenceError, InvalidArgumentError


def same_layout(states: Sequence[Sequence[Mapping[str, torch.Tensor]]]) -> None:
    """Refuse networks of which one differs from the first in names, shapes or dtypes."""
    layouts = [
        {name: (tuple(t.shape), t.dtype) for part in state for name, t in part.items()}
        for state in states
    ]
    for agent, layout in enumerate(layouts):
        for name in [*layouts[0], *layout]:
            if layout.get(name) != layouts[0].get(name):
                raise InvalidArgumentError(
                    f"the network factory made {name!r} {_described(layouts[0].get(name))} for the "
                    f"first agent and {_described(layout.get(name))} for agent {agent}, but all "
                    "agents need the same network; let only initial values vary."
                )


def _described(layout: tuple[tuple[int, ...], torch.dtype] | None) -> str:
    return (
        "missing" if layout is None else f"{layout[0]} of {str(layout[1]).removeprefix('torch.')}"
    )


def place(device: object, dtype: object) -> torch.device:
    """Return where networks are made; refuse what is no device here, and no type of weights."""
    real = isinstance(dtype, torch.dtype) and (dtype.is_floating_point or dtype.is_complex)
    if dtype is not None and not real:
        raise InvalidArgumentError(
            f"dtype is {dtype!r:.60}, but must be a floating-point type of torch, such as torch.float64."
        )
    try:
        there: torch.device = torch.device("cpu" if device is None else device)  # type: ignore[call-overload]
        torch.empty(0, device=there)
    except Exception as problem:  # torch has a kind of error for each kind of device
        said = " ".join(str(problem).split()).rstrip(".!")
        raise InvalidArgumentError(
            f"device is {device!r:.60}, but torch cannot compute there ({said:.150}); give 'cpu', or a "
            "device that this machine has."
        ) from problem
    return there


def without_shape(module: nn.Module) -> None:
    """Refuse a network with parameters or buffers that have no shape yet."""
    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        if is_lazy(tensor):
            raise InvalidArgumentError(
                f"{name!r} of the network has no shape before a first batch, but agents are stacked "
                "when they are made; let the factory run a batch through the lazy network, or give "
                "its layers their sizes."
            )


def without_gradient_hooks(module: nn.Module) -> None:
    """Refuse hooks on parameters where the gradients of all agents are computed in one pass."""
    for name, parameter in module.named_parameters():
        if parameter._backward_hooks:
            raise InvalidArgumentError(
                f"parameter {name!r} of the network has a hook on its gradient, which a pass of all "
                "agents at once never calls; make the ensemble with way='loop', or change gradients in "
                "the criterion or by optimizer.register_step_pre_hook."
            )


def without_accumulation_hooks(module: nn.Module) -> None:
    """Refuse hooks that wait for gradients which are accumulated: those of agents are written."""
    for name, parameter in module.named_parameters():
        if parameter._post_accumulate_grad_hooks:
            raise InvalidArgumentError(
                f"parameter {name!r} of the network has a hook of register_post_accumulate_grad_hook, "
                "which an ensemble never calls, as it writes gradients into its stacks; use "
                "register_hook with way='loop', or optimizer.register_step_pre_hook."
            )


def dense(name: str, gradient: torch.Tensor) -> None:
    """Refuse sparse gradients."""
    if gradient.layout is not torch.strided:
        raise InvalidArgumentError(
            f"the gradient of {name!r} is sparse, but the gradients of all agents are one dense stack; "
            "build the layer with sparse=False."
        )


def one_device(module: nn.Module) -> torch.device:
    """Return the device of a network, which must be one."""
    devices = {str(t.device): t.device for t in [*module.parameters(), *module.buffers()]}
    if not any(parameter.requires_grad for parameter in module.parameters()):
        raise InvalidArgumentError(
            f"the network {type(module).__name__} has no parameters that are not frozen, so there is "
            "nothing to train."
        )
    if len(devices) > 1:
        raise InvalidArgumentError(
            f"the network lies on {' and '.join(sorted(devices))}, but an ensemble needs one "
            "device; give Ensemble(device=...), or build the network on one."
        )
    return next(iter(devices.values()))


def unequal_parts(batch: int, part: int) -> None:
    """Refuse parts of a batch that batch normalization would normalize by unlike numbers."""
    if batch > part and batch % part:
        raise InvalidArgumentError(
            f"micro_batch is {part}, which leaves a part of {batch % part} examples of a batch of "
            f"{batch}, but the network normalizes each part by itself, and needs parts of one size; "
            "choose a micro_batch that divides the batch."
        )


def points(
    given: Mapping[str, torch.Tensor], own: Mapping[str, torch.Tensor], device: torch.device
) -> None:
    """Refuse points that are not stacks of the network's weights."""
    if given.keys() != own.keys():
        odd = sorted(given.keys() ^ own.keys())
        raise InvalidArgumentError(
            f"the points and the network differ in having {', '.join(map(repr, odd))}; give one "
            "stacked tensor for each of the names in the ensemble's own."
        )
    count = next((len(stack) for stack in given.values() if stack.ndim), 0)
    for name, stack in given.items():
        expected = (max(count, 1), *own[name].shape[1:])
        if tuple(stack.shape) != expected:
            raise InvalidArgumentError(
                f"{name!r} of the points has shape {tuple(stack.shape)}, but needs {expected}: the "
                "points come first; unsqueeze(0) makes one point a stack."
            )
        if stack.dtype != own[name].dtype and own[name].dtype not in HALF:
            raise InvalidArgumentError(
                f"{name!r} of the points is {stack.dtype}, but the network's is {own[name].dtype}; "
                f"convert it with .to({own[name].dtype})."
            )
        same_device(stack, name, device)


def unknown_constants(
    of_agents: Mapping[str, torch.Tensor], recomputed: Mapping[str, torch.Tensor]
) -> None:
    """Refuse buffers that differ among agents and that no pass computes: a mean has none."""
    for name, stack in of_agents.items():
        alike = torch.equal(stack, stack[:1].expand_as(stack))
        if not alike and torch.equal(recomputed[name], stack[:1].expand_as(recomputed[name])):
            raise InvalidArgumentError(
                f"the agents differ in {name!r}, which passes over data leave as it is, so a mean "
                "of them has none; draw it from a generator of your own, or make it a frozen "
                "parameter, which all agents share."
            )


def finite_losses(losses: torch.Tensor, first_agent: int, step: int) -> None:
    """Refuse to go on with a loss that is no longer a number."""
    numbers = losses.tolist()
    if all(map(math.isfinite, numbers)):
        return
    wrong = [place for place, number in enumerate(numbers) if not math.isfinite(number)]
    agent = first_agent + wrong[0]
    others = f" (and of {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    raise DivergenceError(
        f"the loss of agent {agent}{others} is {numbers[wrong[0]]} at step {step}; "
        "lower its learning rate or the coupling, or look for such values in its data.",
        agent,
        step,
    )


def same_agents(state: Mapping[str, Any], agents: int, first_agent: int) -> None:
    """Refuse a checkpoint of other agents, and what is no state of an ensemble."""
    parts = ("agents", "first_agent", "weights", "buffers", "streams", "steps")
    lacking = [name for name in parts if not isinstance(state, Mapping) or name not in state]
    if lacking:
        raise CheckpointError(
            f"what was given is no state of an ensemble, as it has no {lacking[0]!r}; give what "
            "state_dict returned."
        )
    if (state["agents"], state["first_agent"]) != (agents, first_agent):
        raise CheckpointError(
            f"the checkpoint holds {state['agents']} agents from number {state['first_agent']}, the "
            f"ensemble {agents} from number {first_agent}; continue with the same numbers."
        )


def same_stacks(given: Mapping[str, torch.Tensor], own: Mapping[str, torch.Tensor]) -> None:
    """Refuse a checkpoint of another network."""
    for name in sorted(own.keys() | given.keys()):
        shapes = [tuple(side[name].shape) if name in side else None for side in (given, own)]
        if shapes[0] != shapes[1]:
            raise CheckpointError(
                f"the checkpoint has {name!r} as {shapes[0] or 'nothing'}, the ensemble as "
                f"{shapes[1] or 'nothing'}; continue with the network that it was made with."
            )
