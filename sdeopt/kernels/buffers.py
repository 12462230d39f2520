"""Allocating what a driver works in."""

import numpy as np

from sdeopt.kernels.memory import aligned_rows
from sdeopt.kernels.philox import UNKNOWN
from sdeopt.kernels.state import Buffers, Stages

__all__ = ["make_buffers", "make_stages"]


def make_buffers(
    dim: int, lanes: int, replicas: int, batch: int, step_sizes: int, pulls: int
) -> Buffers:
    """Allocate the buffers of a block.

    Parameters
    ----------
    dim, lanes, replicas : int
        The shape of a block.
    batch : int
        Examples in a minibatch.
    step_sizes, pulls : int
        How many numbers there are of either: one a lane, or a single one for all.

    Returns
    -------
    Buffers
        Uninitialized but for the noise, which is zero, and what says that nothing is drawn yet.
    """
    memory = aligned_rows(6, dim * lanes)
    whole = memory[:4].reshape(4, dim, lanes)
    z = memory[4:].reshape(2 * dim, lanes)
    z[:] = 0.0
    per_lane = aligned_rows(5, lanes)
    words = per_lane.view(np.uint64)
    return Buffers(
        slope=whole[0],
        point=whole[1],
        signal=whole[2],
        velocity_signal=whole[3],
        z=z,
        words=z.view(np.uint64),
        kept=words[:2],
        kept_for=np.full(1, UNKNOWN),
        held=np.full(1, UNKNOWN),
        agent_of=words[2],
        replica_of=words[3],
        step_size=np.empty(step_sizes),
        amplitude=np.empty(step_sizes),
        pull=np.zeros(pulls),
        quorum_rate=np.empty((dim, replicas)),
        folded=per_lane[4],
        losses=np.empty(lanes),
        single=np.empty((1, replicas)),
        at_mean=np.empty((dim, replicas)),
        summed=np.empty((dim, replicas)),
        marks=np.zeros(lanes),
        column=np.empty(dim),
        matrix=np.empty((dim, dim)),
        drawn=np.empty((batch, lanes), np.int64),
    )


def make_stages(dim: int, lanes: int, replicas: int) -> Stages:
    """Allocate what the strong scheme keeps of its two stages.

    Parameters
    ----------
    dim, lanes, replicas : int
        The shape of a block.

    Returns
    -------
    Stages
        Zero.
    """
    of_agents, of_replicas = np.zeros((3, 3, dim, lanes)), np.zeros((4, dim, replicas))
    return Stages(*of_agents, *of_replicas)
