"""Buffers that belong to certain weights, such as running statistics, recomputed for other weights.

A mean of agents, a quorum variable, a look-ahead point: the running statistics of none of them are
known from training, and those of an agent describe another network.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.instancenorm import _InstanceNorm
from torch.optim.swa_utils import update_bn

from sdeopt.errors import InvalidArgumentError


def keeping_statistics(network: nn.Module) -> list[str]:
    """Return the layers that keep running statistics, which belong to the weights of their agent."""
    return [
        name
        for name, layer in network.named_modules()
        if getattr(layer, "running_mean", None) is not None
    ]


def recompute(network: nn.Module, batches: Iterable[Any]) -> None:
    """Recompute a network's buffers by passes over batches, in training mode without gradients.

    Batch normalization gets the mean statistics of the batches; what else a pass moves, such as the
    vectors of spectral normalization, follows from where it is.
    """
    counted = _some(batches)
    if any(isinstance(layer, _BatchNorm) for layer in network.modules()):
        _forget(network)
        update_bn(counted, network)
        return
    before = network.training
    network.train()
    _forget(network)
    with torch.no_grad():
        for batch in counted:
            network(batch[0] if isinstance(batch, list | tuple) else batch)
    network.train(before)


def _forget(network: nn.Module) -> None:
    """Reset what update_bn leaves: the statistics of layers that normalize every example alone."""
    for layer in network.modules():
        if isinstance(layer, _InstanceNorm):
            layer.reset_running_stats()


def _some(batches: Iterable[Any]) -> Iterator[Any]:
    empty = True
    for batch in batches:
        empty = False
        yield batch
    if empty:
        raise InvalidArgumentError(
            "batches is empty, so no statistics can be computed from it; give training data."
        )


@contextmanager
def statistics_here(network: nn.Module, batches: Iterable[Any]) -> Iterator[None]:
    """Let a network have the statistics of the weights that it shows now, inside the block."""
    kept = {name: buffer.detach().clone() for name, buffer in network.named_buffers()}
    devices = {buffer.device for buffer in kept.values() if buffer.is_cuda}
    layers = [layer for layer in network.modules() if isinstance(layer, _BatchNorm)]
    momenta = [layer.momentum for layer in layers]
    try:
        # what dropout draws here is not taken from the training
        with torch.random.fork_rng(devices=list(devices)):
            recompute(network, batches)
        yield
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        with torch.no_grad():
            for name, buffer in network.named_buffers():
                buffer.copy_(kept[name])
