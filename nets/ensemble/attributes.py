"""What a network has beside parameters and buffers: numbers and arrays that are plain attributes.

No stack holds them and no checkpoint keeps them, so that they must be the same in all agents, and must
not change in training.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from nets.ensemble.passes import Criterion
from nets.identity import identity_of
from sdeopt.errors import InvalidArgumentError

_OF_TORCH = frozenset(vars(nn.Module()))
_NUMBERS = (bool, int, float, complex, str)


def same_arrays(modules: Sequence[nn.Module]) -> None:
    """Refuse networks that differ in arrays which are neither parameters nor buffers."""
    first, *rest = [dict(_arrays(module)) for module in modules]
    for agent, own in enumerate(rest, start=1):
        for name in [*first, *own]:
            if not _equal(first.get(name), own.get(name)):
                raise InvalidArgumentError(
                    f"the first agent and agent {agent} have unlike {name!r}, which is neither a "
                    "parameter nor a buffer, so that a mean of the agents has none; make it a parameter "
                    "with requires_grad=False, which all agents share, or draw it from a generator of "
                    "your own."
                )


class Unkept:
    """The plain attributes of a network, and the state of a criterion, as they were at the start."""

    def __init__(self, network: nn.Module, criterion: Criterion) -> None:
        self._network, self._criterion = network, criterion
        self._attributes, self._identity = _attributes(network), identity_of(criterion)

    def compare(self) -> None:
        """Refuse to keep a training in which one of them has changed."""
        now = _attributes(self._network)
        for name, value in now.items():
            # one that was not there before is computed once and kept, which is no state
            if self._attributes.get(name, value) != value:
                raise InvalidArgumentError(
                    f"the network has changed its attribute {name!r}, which is neither a parameter nor "
                    "a buffer, so that a checkpoint does not keep it; register it as a buffer, or train "
                    "without a checkpoint."
                )
        self._attributes |= now
        if identity_of(self._criterion) != self._identity:
            raise InvalidArgumentError(
                "the criterion has a state that changes while it is used, which a checkpoint does not "
                "keep; use one that depends on outputs and targets alone, or train without a checkpoint."
            )


def _attributes(module: nn.Module) -> dict[str, Any]:
    """Return what decides each number and array of a network, by its place."""
    found = {name: identity_of(array) for name, array in _arrays(module)}
    for place, name, value in _plain(module):
        if _is_number(value):
            found[_joined(place, name)] = identity_of(value)
    return found


def _arrays(module: nn.Module) -> Iterator[tuple[str, Any]]:
    for place, name, value in _plain(module):
        if isinstance(value, torch.Tensor | np.ndarray) and not isinstance(value, nn.Parameter):
            yield _joined(place, name), value


def _plain(module: nn.Module) -> Iterator[tuple[str, str, Any]]:
    """Yield plain attributes: the place of their layer, name and value."""
    for place, layer in module.named_modules():
        # what a hook computes before each pass is an attribute, as in torch.nn.utils.spectral_norm
        hooked = bool(layer._forward_pre_hooks)
        for name, value in vars(layer).items():
            if name not in _OF_TORCH and not (hooked and isinstance(value, torch.Tensor)):
                yield place, name, value


def _is_number(value: Any) -> bool:
    """Return whether a value is a number, a text, or a container of such alone."""
    if type(value) is dict:
        return all(map(_is_number, [*value, *value.values()]))
    if type(value) in (list, tuple, set, frozenset):
        return all(map(_is_number, value))
    return type(value) in _NUMBERS


def _joined(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return torch.equal(one, other)
    return type(one) is type(other) and bool(np.array_equal(one, other))
