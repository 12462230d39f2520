"""The agents' networks, each made from a random stream of its own, and their batch normalization.

The experiments of Boffi & Slotine (2020, section 6.1) normalize by batch statistics, in training and in
evaluation. A layer made with ``track_running_stats=False`` does just that. Running statistics belong to
one agent's weights: a mean of several agents' weights has none, and averaging them would describe no
network that was computed on data. So a network that keeps them is used only as its user decided: with
"keep" each agent is evaluated with its own, and a mean or a quorum variable with statistics that are
recomputed at its weights (`Ensemble.buffers_at`).
"""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import nn
from torch.func import replace_all_batch_norm_modules_
from torch.nn.modules.instancenorm import _InstanceNorm

from nets.ensemble.attributes import same_arrays
from nets.ensemble.refusals import without_accumulation_hooks, without_shape
from nets.ensemble.statistics import keeping_statistics
from nets.ensemble.streams import Stream
from sdeopt.arguments import one_of
from sdeopt.errors import InvalidArgumentError

RunningStatistics = Literal["refuse", "drop", "keep"]
_POLICIES = ("refuse", "drop", "keep")


def settle(module: nn.Module, policy: RunningStatistics) -> None:
    """Apply a policy for running statistics to one agent's network."""
    one_of(policy, "policy for running statistics", _POLICIES)
    if policy == "keep":
        return
    if policy == "drop":
        replace_all_batch_norm_modules_(module)
        for layer in module.modules():
            if isinstance(layer, _InstanceNorm):
                layer.running_mean = layer.running_var = layer.num_batches_tracked = None
                layer.track_running_stats = False
    keeping = keeping_statistics(module)
    if keeping:
        # a layer of a user's own is not known well enough to drop what it keeps
        same = "" if policy == "drop" else "'drop' for the same or "
        raise InvalidArgumentError(
            f"layer {keeping[0]!r} of the network keeps running statistics, which a mean of agents "
            "does not have; build it with track_running_stats=False (batch statistics in training "
            f"and evaluation), or say running_statistics={same}'keep' to let each agent evaluate with "
            "its own and to recompute those of a mean."
        )


Network = Callable[[], nn.Module]


def build(
    network: Network,
    streams: Sequence[Stream],
    running_statistics: RunningStatistics,
    device: torch.device | str | None,
    dtype: torch.dtype | None,
) -> list[nn.Module]:
    """Return one network per stream, in training mode."""
    if isinstance(network, nn.Module) or not callable(network):
        raise InvalidArgumentError(
            f"network is a {type(network).__name__}, but must be a function that makes a new "
            "torch.nn.Module at every call, as in lambda: torch.nn.Linear(2, 1)."
        )
    modules = []
    for stream in streams:
        with stream.drawing():
            module = network()
        if not isinstance(module, nn.Module):
            raise InvalidArgumentError(
                f"the network factory returned {type(module).__name__}, but must return a new "
                "torch.nn.Module at every call."
            )
        without_shape(module)
        without_accumulation_hooks(module)
        settle(module, running_statistics)
        modules.append(module.to(device=device, dtype=dtype).train())
    same_arrays(modules)
    owners: dict[int, int] = {}
    for agent, module in enumerate(modules):
        for parameter in module.parameters():
            if owners.setdefault(id(parameter), agent) != agent:
                raise InvalidArgumentError(
                    f"the networks of agents {owners[id(parameter)]} and {agent} share parameters, but "
                    "each agent needs its own; let the factory build a new network at every call."
                )
    return modules
