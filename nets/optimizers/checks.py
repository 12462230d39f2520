"""What a user can get wrong with an optimizer: each refusal is one sentence."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.parameter import Parameter, is_lazy

from sdeopt.arguments import finite_number, flag, whole_number
from sdeopt.errors import InvalidArgumentError


def some_parameters(params: Iterable[Any]) -> list[Any]:
    """Return parameters, or groups of them, as a list with something in it."""
    if isinstance(params, Tensor):
        raise InvalidArgumentError(
            "params is one tensor, but must be several; put it in a list, or give "
            "network.parameters()."
        )
    given = list(params)
    if not given:
        raise InvalidArgumentError(
            "params is empty, so there is nothing to optimize; give network.parameters(), once: "
            "an iterator that was used before has nothing left."
        )
    return given


def options(group: Mapping[str, Any]) -> None:
    """Refuse options of a group of parameters that no run can use."""
    rate = group["lr"]
    if isinstance(rate, Tensor) and rate.numel() != 1:
        raise InvalidArgumentError(
            f"lr is a tensor of {rate.numel()} numbers, but must be one number."
        )
    number = finite_number(_read(rate), "lr", 0, open_end=True)
    coupling = finite_number(_read(group["coupling"]), "coupling", 0)
    finite_number(_read(group["weight_decay"]), "weight_decay", 0)
    momentum = finite_number(_read(group["momentum"]), "momentum", 0)
    if momentum >= 1:
        raise InvalidArgumentError(f"momentum is {momentum:g}, but must be at least 0 and below 1.")
    whole_number(group["period"], "period", minimum=1)
    for name in ("nesterov", "maximize", "foreach", "error_if_nonfinite"):
        # None leaves foreach open; 0 and 1 mean the same as always
        if group[name] not in (None, 0, 1):
            flag(group[name], name)
    stable(number, coupling)


def _read(number: Any) -> Any:
    return number.item() if isinstance(number, Tensor) and number.numel() == 1 else number


def stable(rate: float | Tensor, coupling: float | Tensor) -> None:
    """Refuse a coupling at which the agent and its quorum variable drive each other apart.

    A rate that is a tensor is not read here, where the host would wait for it at every step.
    Their difference is multiplied by 1 − 2ηk a step where the loss is flat, and by more where it is
    curved.
    """
    if isinstance(rate, Tensor) or isinstance(coupling, Tensor):
        return
    if rate * coupling >= 1.0:
        raise InvalidArgumentError(
            f"coupling is {coupling:g} at lr {rate:g}, but EASGD with one agent diverges from "
            f"1/lr = {1.0 / rate:g} on; lower the coupling or lr."
        )


def finite_parameters(parameters: Sequence[Tensor]) -> None:
    """Refuse parameters that hold NaN or infinity."""
    for number, parameter in enumerate(parameters):
        if is_lazy(parameter) or parameter.is_meta:
            continue
        if not bool(torch.isfinite(parameter.detach()).all()):
            raise InvalidArgumentError(
                f"parameter {number} of a group, of shape {tuple(parameter.shape)}, holds a number "
                "that is not finite; begin from finite ones."
            )


def finite_gradients(gradients: Sequence[Tensor]) -> None:
    """Refuse gradients that hold NaN or infinity; the host waits for the answer."""
    for number, gradient in enumerate(gradients):
        if not bool(torch.isfinite(gradient).all()):
            raise InvalidArgumentError(
                f"gradient {number} of a group, of shape {tuple(gradient.shape)}, holds a number "
                "that is not finite; lower lr or the coupling, or clip the gradients."
            )


def trained(parameters: Iterable[Tensor]) -> list[Tensor]:
    """Return the parameters that an optimizer may move: frozen ones are left alone.

    A tensor that is no parameter, such as an agent's slice of a stack, has its gradient from elsewhere.
    """
    given = list(parameters)
    if any(is_lazy(parameter) for parameter in given):
        raise InvalidArgumentError(
            "a parameter has no shape yet, so it can get no noise; run a batch through the lazy "
            "network before the first step."
        )
    return [each for each in given if each.requires_grad or not isinstance(each, Parameter)]


def dense(gradients: Sequence[Tensor]) -> None:
    """Refuse sparse gradients."""
    for gradient in gradients:
        if gradient.layout is not torch.strided:
            raise InvalidArgumentError(
                f"a gradient of shape {tuple(gradient.shape)} is sparse, but this optimizer moves "
                "every parameter at every step; build the layer with sparse=False."
            )
