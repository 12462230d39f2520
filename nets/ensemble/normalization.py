"""Batch normalization in an ensemble: what happens to running means and variances.

The experiments of Boffi & Slotine (2020, section 6.1) normalize by batch statistics, in training and in
evaluation. A layer made with ``track_running_stats=False`` does just that. Running statistics belong to
one agent's weights: a mean of several agents' weights has none, and averaging them would describe no
network that ever saw data. So a network that keeps them is used only as its user decided.
"""

from typing import Literal

from torch import nn
from torch.func import replace_all_batch_norm_modules_

from sdeopt.errors import InvalidArgumentError, unknown_name

__all__ = ["RunningStatistics", "settle"]

RunningStatistics = Literal["refuse", "drop", "keep"]
_POLICIES = ("refuse", "drop", "keep")


def settle(module: nn.Module, policy: RunningStatistics) -> None:
    """Apply a policy for running statistics to one agent's network.

    Parameters
    ----------
    module : torch.nn.Module
        The network; with ``"drop"`` its layers of batch normalization are changed.
    policy : {"refuse", "drop", "keep"}
        Do not accept them; normalize by batch statistics always; or let each agent keep its own, used
        in its evaluation and never averaged.

    Raises
    ------
    InvalidArgumentError
        If the network keeps running statistics and shall not.
    """
    if policy not in _POLICIES:
        raise unknown_name("policy for running statistics", policy, _POLICIES)
    if policy == "keep":
        return
    if policy == "drop":
        replace_all_batch_norm_modules_(module)
    keeping = [
        name
        for name, layer in module.named_modules()
        if getattr(layer, "running_mean", None) is not None
    ]
    if keeping:
        raise InvalidArgumentError(
            f"layer {keeping[0]!r} of the network keeps running statistics, which a mean of agents "
            "does not have; build it with track_running_stats=False (batch statistics in training "
            "and evaluation), or say running_statistics='drop' for the same or 'keep' to let each "
            "agent evaluate with its own."
        )
