"""The agents' networks, each made from a random stream of its own."""

from collections.abc import Callable, Sequence

import torch
from torch import nn

from nets.ensemble.normalization import RunningStatistics, settle
from nets.ensemble.streams import Stream
from sdeopt.errors import InvalidArgumentError

__all__ = ["Network", "build"]

Network = Callable[[], nn.Module]


def build(
    network: Network,
    streams: Sequence[Stream],
    running_statistics: RunningStatistics,
    device: torch.device | str | None,
    dtype: torch.dtype | None,
) -> list[nn.Module]:
    """Return one network per stream, in training mode.

    Parameters
    ----------
    network : callable
        Makes one.
    streams : sequence of Stream
        What its initial values are drawn from.
    running_statistics : {"refuse", "drop", "keep"}
        Policy for batch normalization.
    device : torch.device or str, optional
        Where to move them.
    dtype : torch.dtype, optional
        Of floating-point parameters and buffers.

    Returns
    -------
    list of torch.nn.Module
        In the order of the streams.

    Raises
    ------
    InvalidArgumentError
        If two are the same object, or have something to train in common.
    """
    modules = []
    for stream in streams:
        with stream.drawing():
            module = network()
        if not isinstance(module, nn.Module):
            raise InvalidArgumentError(
                f"the network factory returned {type(module).__name__}, but must return a new "
                "torch.nn.Module at every call."
            )
        settle(module, running_statistics)
        modules.append(module.to(device=device, dtype=dtype).train())
    owners: dict[int, int] = {}
    for agent, module in enumerate(modules):
        for parameter in module.parameters():
            if owners.setdefault(id(parameter), agent) != agent:
                raise InvalidArgumentError(
                    f"the networks of agents {owners[id(parameter)]} and {agent} share parameters, but "
                    "each agent needs its own; let the factory build a new network at every call."
                )
    return modules
