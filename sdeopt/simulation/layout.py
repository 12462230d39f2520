"""The layout of replicas and agents in memory: blocks of R replicas, lane ``agent * R + replica``.

Users see (replica, agent, dim). Kernels see (block, dim, lanes), so that a loop over lanes fills
vectors whether there is one agent or a thousand. The choice of R changes speed, never a bit: see
`sdeopt.kernels.passes`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.state import aligned_copy
from sdeopt.kernels.vectors import NARROW

Array = NDArray[np.float64]

VECTOR = NARROW
"""Lanes are padded to a multiple of this, so that no loop has a scalar remainder."""

STEP_OVERHEAD = 40
"""Cost of a step besides its lanes, in lanes (measured, rounded)."""

CACHE_LANES = 800
"""Above about this many lanes times coordinates a block outgrows the first-level cache."""


@dataclass(frozen=True)
class Layout:
    """Blocks of `width` replicas."""

    replicas: int
    agents: int
    dim: int
    width: int

    @property
    def blocks(self) -> int:
        """Number of blocks; the last may hold replicas that do not exist."""
        return -(-self.replicas // self.width)

    @property
    def lanes(self) -> int:
        """Lanes of a block, with padding."""
        return -(-self.agents * self.width // VECTOR) * VECTOR

    def to_blocks(self, array: Array) -> Array:
        """Return (replica, agent, dim) as (block, dim, lanes), padded with copies."""
        missing = self.blocks * self.width - self.replicas
        full = np.concatenate([array, np.repeat(array[-1:], missing, axis=0)])
        grouped = full.reshape(self.blocks, self.width, self.agents, array.shape[2])
        lanes = grouped.transpose(0, 3, 2, 1).reshape(self.blocks, array.shape[2], -1)
        padding = self.lanes - lanes.shape[2]
        whole = np.concatenate([lanes, np.repeat(lanes[:, :, :1], padding, axis=2)], axis=2)
        return aligned_copy(whole)

    def from_blocks(self, blocks: Array) -> Array:
        """Return (block, dim, lanes) as (replica, agent, dim), without padding."""
        real = blocks[:, :, : self.agents * self.width]
        grouped = real.reshape(self.blocks, blocks.shape[1], self.agents, self.width)
        full = grouped.transpose(0, 3, 2, 1).reshape(-1, self.agents, blocks.shape[1])
        return np.array(full[: self.replicas], order="C")

    def per_replica_to_blocks(self, array: Array) -> Array:
        """Return (replica, dim) as (block, dim, R)."""
        missing = self.blocks * self.width - self.replicas
        full = np.concatenate([array, np.repeat(array[-1:], missing, axis=0)])
        grouped = full.reshape(self.blocks, self.width, -1)
        return np.ascontiguousarray(grouped.transpose(0, 2, 1))

    def per_replica_from_blocks(self, blocks: Array) -> Array:
        """Return (block, dim, R) as (replica, dim)."""
        full = blocks.transpose(0, 2, 1).reshape(-1, blocks.shape[1])
        return np.array(full[: self.replicas], order="C")


def choose_layout(
    replicas: int, agents: int, dim: int, threads: int, *, scattered: bool = False
) -> Layout:
    """Choose R by counting the lanes that a thread would pass over, padding and overhead included.

    Where agents receive from `scattered` others, the replicas of a block should fill vectors.
    """
    shares = (-(-replicas // (threads * blocks)) for blocks in range(1, 5))
    widths = (*(2**power for power in range(11)), *shares)
    if scattered and replicas >= VECTOR:
        widths = tuple(width for width in widths if width >= VECTOR)
    candidates = [Layout(replicas, agents, dim, width) for width in widths]
    return min(candidates, key=lambda layout: cost(layout, threads))


def cost(layout: Layout, threads: int) -> float:
    """Return the time of a step, in lanes that one thread passes over."""
    rounds = -(-layout.blocks // threads)
    work = layout.dim * layout.lanes
    crowding = 1.0 if work <= CACHE_LANES else 1.0 + 0.04 * np.log2(work / CACHE_LANES)
    return float(rounds * (work * crowding + STEP_OVERHEAD * (1.0 + layout.dim / 2.5)))
