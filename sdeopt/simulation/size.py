"""The memory and the time that a run will take, computed before anything is taken; and its chunks.

Both are lower bounds that come near: what is beyond a limit by them would be beyond it in truth.
"""

import numpy as np

from sdeopt.arguments import whole_number
from sdeopt.limits import NUMBER, Size
from sdeopt.simulation.exchange import has_own_signals, past_signals
from sdeopt.simulation.layout import choose_layout, cost
from sdeopt.simulation.run import Run
from sdeopt.statistics import Occupancy

LANES_PER_SECOND = 4e8
"""Coordinates of agents that a thread advances, at most: no loss is cheaper than a quadratic."""

CHUNK_WORK = 2e7
"""Coordinate-steps in a chunk by default: a fraction of a second."""

COPIES = 6
"""Of the state, while it is drawn and put into blocks."""


def size_of(run: Run, threads: int) -> Size:
    """Return what a run takes."""
    replicas, dim = run.replicas, run.loss.dim
    state = replicas * run.agents * dim
    layout = choose_layout(replicas, run.agents, dim, threads)
    chosen, records = run.selection, run.record.count(run.steps)
    of_replicas = ("mean", "quorum", *(vector.name for vector in run.replica_vectors()))
    each = dict.fromkeys(of_replicas, replicas * dim)
    kept = sum(each.get(name, state) for name in run.record.variables)
    kept += len(chosen.scalars) * replicas
    kept += sum(replicas * dim ** (1 + (name == "agent_covariance")) for name in chosen.moments)
    bins = sum(one.bins + 2 for one in (chosen.agents, chosen.mean) if one is not None)
    kept += dim * bins
    sums = layout.blocks * dim * bins + (replicas * (dim**2 + 2 * dim) if chosen.moments else 0)
    cells = {True: 0, False: 0}
    for one in chosen.tallies:
        cells[isinstance(one, Occupancy)] += one.cells(dim)
    kept += cells[True] * replicas + cells[False]
    sums += cells[True] * replicas + cells[False] * threads
    sums += sum(state // dim if one.of == "agents" else replicas for one in chosen.passages)
    sums += state if run.noise is not None and "COLOURED" in run.noise.switches() else 0
    own = state * len(run.agent_vectors()) + replicas * dim * len(run.replica_vectors())
    sums += past_signals(run.algorithm) * (
        state if has_own_signals(run.algorithm) else replicas * dim
    )
    series = records * (kept + 2)
    # while they are put together, the records are there twice
    memory = NUMBER * (COPIES * state + 2 * own + sums + 2 * series)
    seconds = run.steps * cost(layout, threads) / LANES_PER_SECOND
    return Size(memory, NUMBER * (series + own), seconds)


def chunk_of(run: Run, given: int | None) -> int:
    """Return the steps between two updates of checkpoint and progress bar."""
    if given is not None:
        return whole_number(given, "chunk", minimum=1)
    width = run.replicas * run.agents * run.loss.dim
    return int(np.clip(CHUNK_WORK / width, 1, 20_000))
