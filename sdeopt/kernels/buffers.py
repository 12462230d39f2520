"""Allocating what a driver works in."""

import numpy as np

from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.memory import aligned_rows
from sdeopt.kernels.philox import UNKNOWN
from sdeopt.kernels.state import Buffers

__all__ = ["make_buffers"]


@compiled
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
    quorum_rate, losses, marks = np.empty((dim, replicas)), np.empty(lanes), np.zeros(lanes)
    drawn = np.empty((batch, lanes), np.int64)
    return Buffers(
        whole[0], whole[1], whole[2], whole[3], z, z.view(np.uint64), words[:2],
        np.full(1, UNKNOWN), np.full(1, UNKNOWN), words[2], words[3], np.empty(step_sizes),
        np.empty(step_sizes), np.zeros(pulls), quorum_rate, per_lane[4], losses, marks,
        np.empty(dim), np.empty((dim, dim)), drawn,
    )  # fmt: skip
