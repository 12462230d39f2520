"""The memory and the time that a run will take, computed before anything is taken.

Both are lower bounds that come near: what is beyond a limit by them would be beyond it in truth.
"""

from sdeopt.limits import NUMBER, Size
from sdeopt.simulation.layout import choose_layout, cost
from sdeopt.simulation.run import Run

LANES_PER_SECOND = 4e8
"""Coordinates of agents that a thread advances, at most: no loss is cheaper than a quadratic."""

COPIES = 6
"""Of the state, while it is drawn and put into blocks."""


def size_of(run: Run, threads: int) -> Size:
    """Return what a run takes."""
    replicas, dim = run.replicas, run.loss.dim
    state = replicas * run.agents * dim
    layout = choose_layout(replicas, run.agents, dim, threads)
    chosen, records = run.selection, run.record.count(run.steps)
    each = {"mean": replicas * dim, "quorum": replicas * dim}
    kept = sum(each.get(name, state) for name in run.record.variables)
    kept += len(chosen.scalars) * replicas
    kept += sum(replicas * dim ** (1 + (name == "agent_covariance")) for name in chosen.moments)
    bins = sum(one.bins + 2 for one in (chosen.agents, chosen.mean) if one is not None)
    kept += dim * bins
    sums = layout.blocks * dim * bins + (replicas * (dim**2 + 2 * dim) if chosen.moments else 0)
    own = state * len(run.own_variables())
    series = records * (kept + 2)
    # while they are put together, the records are there twice
    memory = NUMBER * (COPIES * state + 2 * own + sums + 2 * series)
    seconds = run.steps * cost(layout, threads) / LANES_PER_SECOND
    return Size(memory, NUMBER * (series + own), seconds)
