"""What decides the result of a training, as plain JSON: two trainings that differ in it are not one.

What counts, and what cannot be known, says `sdeopt.identity`, as for kernels and the folders of sweeps.
Here its digests are set in a description that a person can compare: settings by their names, networks
layer by layer. A network in it has neither weights nor the state of buffers, which a checkpoint keeps.
All packages of the project count as one number, `FORMAT`, so that moving a file discards no training.
"""

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import type_before_parametrizations

from sdeopt.identity import Parts, Readers, identity_or_reason, numbers_of

FORMAT = 3
"""Raised by one when the project's own code gives trainings another result."""

FORMATS = MappingProxyType(dict.fromkeys(("nets", "sdeopt", "sims", "theory"), FORMAT))

_PLUMBING = frozenset(vars(nn.Module()))
_HOOKS = (
    "_forward_pre_hooks",
    "_forward_hooks",
    "_backward_pre_hooks",
    "_backward_hooks",
    "_forward_pre_hooks_with_kwargs",
    "_forward_hooks_with_kwargs",
)


def identity_of(value: object) -> Any:
    """Return what decides what a value does."""
    return _Description().of(value)


def module_identity(module: nn.Module) -> dict[str, Any]:
    """Return what decides the passes of a network, apart from its weights and buffers' values."""
    return _Description(module).network(module)


def digest_of(identity: Any) -> str:
    """Return a digest of a JSON value."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


class _Description:
    """Numbers, texts, containers and settings of ours written out; all else is a name and a digest."""

    def __init__(self, network: nn.Module | None = None) -> None:
        self._places: dict[int, list[str]] = {}
        for name, part in [] if network is None else _all_parts(network):
            self._places.setdefault(id(part), []).append(name)
        self._readers: Readers = {nn.Module: self._module, torch.Tensor: self._tensor}

    def of(self, value: Any, inside: tuple[object, ...] = ()) -> Any:
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float:
            return value if math.isfinite(value) else repr(value)
        around = (*inside, value)
        if not any(value is one for one in inside):
            if type(value) in (list, tuple):
                return [self.of(entry, around) for entry in value]
            if type(value) is dict and all(type(key) is str for key in value):
                return {key: self.of(entry, around) for key, entry in value.items()}
            if dataclasses.is_dataclass(value) and _is_ours(type(value)):
                # what is no field is the state of a run
                names = [one.name for one in dataclasses.fields(value)]
                own = getattr(value, "decisive", None)
                fields = own() if own else {name: getattr(value, name) for name in names}
                return self.leaf(type(value)) | self.of(fields, around)
        return self.leaf(value)

    def leaf(self, value: Any) -> dict[str, Any]:
        named = value if hasattr(value, "__qualname__") else type(value)
        name, home = named.__qualname__, str(getattr(named, "__module__", "")).partition(".")[0]
        return {
            "name": f"{named.__module__}.{name}" if home == "torch" else name.rpartition(".")[2],
            "sha256": identity_or_reason(value, FORMATS, self._readers),
        }

    def network(self, module: nn.Module) -> dict[str, Any]:
        settings, hooks, tensors, layers = _parts(module)
        return {
            **self.leaf(type_before_parametrizations(module)),
            "settings": self.of(settings),
            "hooks": self.of(hooks),
            "tensors": {
                name: [
                    list(tensor.shape),
                    isinstance(tensor, nn.Parameter) and tensor.requires_grad,
                    # one parameter in two places is not two parameters
                    self._places[id(tensor)],
                ]
                for name, tensor in tensors.items()
            },
            "layers": {
                name: None if layer is None else self.network(layer)
                for name, layer in layers.items()
            },
        }

    def _module(self, module: nn.Module) -> Parts:
        """Yield a layer of the network by its name, and another network with its weights."""
        if id(module) in self._places:
            yield from self._places[id(module)]
        else:
            yield (type_before_parametrizations(module),)
            yield (_parts(module),)

    def _tensor(self, tensor: torch.Tensor) -> Parts:
        if id(tensor) in self._places:
            yield from self._places[id(tensor)]
        else:
            yield (type(tensor),)
            yield from numbers_of(tensor)


def _is_ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in FORMATS and "<" not in kind.__qualname__


def _all_parts(network: nn.Module) -> Iterator[tuple[str, object]]:
    yield from network.named_modules(remove_duplicate=False)
    yield from network.named_parameters(remove_duplicate=False)
    yield from network.named_buffers(remove_duplicate=False)


def _parts(module: nn.Module) -> tuple[dict[str, Any], ...]:
    """Return settings, hooks without their numbers, which count all of a process, tensors, layers."""
    settings = {
        name: entry
        for name, entry in vars(module).items()
        if name not in _PLUMBING
        # what a hook computes from parameters is no setting
        if not (isinstance(entry, torch.Tensor) and _computed(module, name, entry))
    }
    hooks = {name: list(getattr(module, name).values()) for name in _HOOKS}
    tensors = {**module._parameters, **module._buffers}
    return (
        settings,
        {name: each for name, each in hooks.items() if each},
        {name: tensor for name, tensor in tensors.items() if tensor is not None},
        module._modules,
    )


def _computed(module: nn.Module, name: str, tensor: torch.Tensor) -> bool:
    return not tensor.is_leaf or f"{name}_orig" in module._parameters
