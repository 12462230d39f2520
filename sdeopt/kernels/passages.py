"""First passages: looked for after every step, and replicas that end with one.

A replica that has ended keeps the state of its passage: that is written to the state of all blocks
once, and from there back to the buffers after every step.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled_inline, compiled_separately
from sdeopt.kernels.intrinsics import never_inline
from sdeopt.kernels.means import agent_means
from sdeopt.kernels.membership import membership
from sdeopt.kernels.plan import work_at
from sdeopt.kernels.state import State

Values = NDArray[np.float64]


@compiled_inline
def _copy_replica(source: Values, target: Values, r: int, replicas: int, lanes: int) -> None:
    """Copy what is of one replica in all vectors."""
    for which in range(source.shape[0]):
        for row in range(source.shape[1]):
            for lane in range(r, lanes, replicas):
                target[which, row, lane] = source[which, row, lane]


@compiled_inline
def _restore(place: int, b: int, state: State) -> None:
    """Take back what the step did to replicas that have ended."""
    work = work_at(place)
    buffers, held = work.buffers, work.observed.watched.passages.held
    replicas, lanes = held.shape[1], work.plan.agents * held.shape[1]
    for r in range(replicas):
        if held[b, r] == 1:
            _copy_replica(state.agents[b], buffers.agents, r, replicas, lanes)
            _copy_replica(state.replicas[b], buffers.replicas, r, replicas, replicas)
    agent_means(buffers.x, work.plan.agents, buffers.sums, buffers.mean)


@compiled_inline
def _note(place: int, b: int, t: int) -> None:
    """Note what is in its set, or outside, for the first time."""
    work = work_at(place)
    buffers, passages = work.buffers, work.observed.watched.passages
    replicas = buffers.mean.shape[1]
    for i in range(passages.region.shape[0]):
        which, wanted = passages.region[i], passages.wanted[i]
        if passages.of_agents[i] == 1:
            membership(place, which, buffers.x, buffers.losses)
            for lane in range(work.plan.agents * replicas):
                if buffers.losses[lane] == wanted and passages.by_agents[b, i, lane] < 0.0:
                    passages.by_agents[b, i, lane] = t
        else:
            membership(place, which, buffers.mean, buffers.single[0])
            for r in range(replicas):
                if buffers.single[0, r] == wanted and passages.by_mean[b, i, r] < 0.0:
                    passages.by_mean[b, i, r] = t


@compiled_inline
def _has_ended(place: int, b: int, r: int) -> bool:
    """Return whether the mean, or the last agent, of a replica has passed where that ends it."""
    work = work_at(place)
    passages, replicas = work.observed.watched.passages, work.buffers.mean.shape[1]
    for i in range(passages.region.shape[0]):
        if passages.ends[i] == 1:
            left = 0
            if passages.of_agents[i] == 1:
                for lane in range(r, work.plan.agents * replicas, replicas):
                    left += passages.by_agents[b, i, lane] < 0.0
            else:
                left += passages.by_mean[b, i, r] < 0.0
            if left == 0:
                return True
    return False


@compiled_separately
def look(place: int, b: int, t: int, state: State) -> bool:
    """Look for passages in the state after t steps; return whether all replicas have ended."""
    never_inline()
    work = work_at(place)
    buffers, passages = work.buffers, work.observed.watched.passages
    if not passages.ending:
        _note(place, b, t)
        return False
    _restore(place, b, state)
    _note(place, b, t)
    replicas, lanes = passages.held.shape[1], work.plan.agents * passages.held.shape[1]
    going = min(replicas, work.plan.replicas - b * replicas)
    for r in range(going):
        if passages.held[b, r] == 0 and _has_ended(place, b, r):
            passages.held[b, r] = 1
            _copy_replica(buffers.agents, state.agents[b], r, replicas, lanes)
            _copy_replica(buffers.replicas, state.replicas[b], r, replicas, replicas)
        going -= passages.held[b, r]
    return bool(going == 0)
