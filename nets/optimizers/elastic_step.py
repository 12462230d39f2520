"""The arithmetic of one step of single-agent EASGD: for one tensor, and for lists of them at once.

Both do the same operations in the same order and agree to the last bit. The lists run as a few large
kernels on a GPU and with fewer calls from Python elsewhere; one tensor at a time needs less memory.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

PLAIN = (Tensor, torch.nn.Parameter)


@dataclass(frozen=True)
class ElasticRule:
    """The numbers of one step, the same for all tensors of a group."""

    rate: float | Tensor
    pull: float | Tensor | None
    """None between two pulls."""
    momentum: float
    nesterov: bool
    weight_decay: float
    maximize: bool


def step_all(
    parameters: list[Tensor],
    gradients: list[Tensor],
    quorums: list[Tensor],
    velocities: list[Tensor],
    rule: ElasticRule,
    *,
    foreach: bool | None,
) -> None:
    """Move all parameters of a group in place."""
    if foreach is None:
        foreach = all(type(parameter) in PLAIN for parameter in parameters)
    if not foreach:
        for i, parameter in enumerate(parameters):
            velocity = velocities[i] if velocities else None
            step_one(parameter, gradients[i], quorums[i], velocity, rule)
        return
    for same in _alike(parameters):
        step_many(
            [parameters[i] for i in same],
            [gradients[i] for i in same],
            [quorums[i] for i in same],
            [velocities[i] for i in same] if velocities else [],
            rule,
        )


def _alike(tensors: list[Tensor]) -> list[list[int]]:
    """Return where the tensors of one device and type stand: only those can share a kernel."""
    places: dict[tuple[torch.device, torch.dtype], list[int]] = {}
    for i, tensor in enumerate(tensors):
        places.setdefault((tensor.device, tensor.dtype), []).append(i)
    return list(places.values())


def step_one(
    parameter: Tensor, gradient: Tensor, quorum: Tensor, velocity: Tensor | None, rule: ElasticRule
) -> None:
    """Move one parameter, its quorum variable and its velocity in place."""
    if rule.maximize:
        gradient = -gradient
    if rule.weight_decay:
        gradient = gradient.add(parameter, alpha=rule.weight_decay)
    if velocity is not None:
        velocity.mul_(rule.momentum)
        if rule.nesterov:
            parameter.sub_(velocity)  # back from the look-ahead point to the position
    difference = None if rule.pull is None else quorum - parameter
    if velocity is None:
        _add(parameter, gradient, -rule.rate)
    else:
        _add(velocity, gradient, -rule.rate)
        parameter.add_(velocity, alpha=1.0 + rule.momentum if rule.nesterov else 1.0)
    if rule.pull is not None and difference is not None:
        _add(parameter, difference, rule.pull)
        _add(quorum, difference, -rule.pull)


def step_many(
    parameters: list[Tensor],
    gradients: list[Tensor],
    quorums: list[Tensor],
    velocities: list[Tensor],
    rule: ElasticRule,
) -> None:
    """Do `step_one` for lists of tensors of one device and type."""
    if rule.maximize:
        gradients = list(torch._foreach_neg(gradients))
    if rule.weight_decay:
        gradients = list(torch._foreach_add(gradients, parameters, alpha=rule.weight_decay))
    if velocities:
        torch._foreach_mul_(velocities, rule.momentum)
        if rule.nesterov:
            torch._foreach_sub_(parameters, velocities)
    differences = [] if rule.pull is None else list(torch._foreach_sub(quorums, parameters))
    if not velocities:
        _add_many(parameters, gradients, -rule.rate)
    else:
        _add_many(velocities, gradients, -rule.rate)
        ahead = 1.0 + rule.momentum if rule.nesterov else 1.0
        torch._foreach_add_(parameters, velocities, alpha=ahead)
    if rule.pull is not None:
        _add_many(parameters, differences, rule.pull)
        _add_many(quorums, differences, -rule.pull)


def _add(target: Tensor, source: Tensor, factor: float | Tensor) -> None:
    # As `alpha`, a tensor would be copied to the host.
    if isinstance(factor, Tensor):
        target.add_(source * factor)
    else:
        target.add_(source, alpha=factor)


def _add_many(targets: list[Tensor], sources: list[Tensor], factor: float | Tensor) -> None:
    if isinstance(factor, Tensor):
        torch._foreach_add_(targets, torch._foreach_mul(sources, factor))
    else:
        torch._foreach_add_(targets, sources, alpha=factor)
