"""Allocating what a driver works in."""

import numpy as np

from sdeopt.kernels.means import SCRATCH
from sdeopt.kernels.memory import aligned_rows, own_lines
from sdeopt.kernels.philox import UNKNOWN
from sdeopt.kernels.state import Buffers, Stages, State
from sdeopt.kernels.vectors import NARROW

__all__ = ["make_buffers", "make_stages"]


def make_buffers(state: State, batch: int, step_sizes: int, pulls: int) -> Buffers:
    """Allocate the buffers of a block.

    Parameters
    ----------
    state : State
        Whose blocks are to be worked on.
    batch : int
        Examples in a minibatch.
    step_sizes, pulls : int
        How many numbers there are of either: one a lane, or a single one for all.

    Returns
    -------
    Buffers
        Uninitialized but for the noise, which is zero, and what says that nothing is drawn yet.
    """
    _, dim, lanes = state.x.shape
    replicas = state.mean.shape[2]
    memory = aligned_rows(6, dim * lanes)
    whole = memory[:4].reshape(4, dim, lanes)
    z = memory[4:].reshape(2 * dim, lanes)
    z[:] = 0.0
    pull = own_lines(pulls)
    pull[:] = 0.0
    words = aligned_rows(4, lanes).view(np.uint64)
    seen = own_lines(2).view(np.uint64)
    seen[:] = UNKNOWN
    return Buffers(
        x=whole[3],
        v=own_lines(*state.v.shape[1:]),
        u=own_lines(*state.u.shape[1:]),
        mean=own_lines(dim, replicas),
        quorum=own_lines(dim, replicas),
        slope=whole[0],
        point=whole[1],
        signal=aligned_rows(dim, lanes + NARROW),
        velocity_signal=whole[2],
        z=z,
        words=z.view(np.uint64),
        kept=words[:2],
        kept_for=seen[:1],
        held=seen[1:],
        agent_of=words[2],
        replica_of=words[3],
        step_size=own_lines(step_sizes),
        amplitude=own_lines(step_sizes),
        pull=pull,
        quorum_rate=own_lines(dim, replicas),
        sums=own_lines(SCRATCH),
        losses=own_lines(lanes),
        single=own_lines(1, replicas),
        at_mean=own_lines(dim, replicas),
        averaged=own_lines(dim, replicas),
        marks=own_lines(lanes),
        column=own_lines(dim),
        matrix=own_lines(dim, dim),
        drawn=own_lines(batch, lanes).view(np.int64),
    )


def make_stages(state: State) -> Stages:
    """Allocate what the strong scheme keeps of its two stages.

    Parameters
    ----------
    state : State
        Whose blocks are to be worked on.

    Returns
    -------
    Stages
        Zero.
    """
    of_agents = np.zeros((3, 3, *state.x.shape[1:]))
    of_replicas = np.zeros((4, *state.mean.shape[1:]))
    return Stages(*of_agents, *of_replicas)
