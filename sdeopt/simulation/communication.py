"""What a run needs of graph, delays and pauses: the tables of the kernel, and its memory."""

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.algorithms.communication import Communicating
from sdeopt.graphs import FixedGraph
from sdeopt.kernels.hearing import Ears, Hearing, Stream, strips_of
from sdeopt.kernels.philox import UNKNOWN
from sdeopt.kernels.state import own_cache_lines
from sdeopt.simulation.layout import Layout

Array = NDArray[np.float64]


def hearing_of(algorithm: Algorithm, agents: int) -> Hearing:
    """Return who hears whom, and when."""
    switches = algorithm.switches()
    graph = scipy.sparse.csr_array((0, 0))
    late, chance, turn = np.zeros(1, np.int64), 1.0, 0
    if isinstance(algorithm, Communicating):
        if "GRAPH" in switches and isinstance(algorithm.graph, FixedGraph):
            graph = algorithm.graph.weights(agents)
        late = np.atleast_1d(np.asarray(algorithm.delay, np.int64))
        chance = algorithm.participation
        turn = algorithm.period if algorithm.staggered else 0
    return Hearing(
        graph="GRAPH" in switches,
        pairs="PAIRS" in switches,
        own="OWN_SIGNAL" in switches,
        late="LATE" in switches,
        sometimes="SOMETIMES" in switches,
        centre="FILTER" in switches,
        strips=strips_of(graph),
        delays=late,
        chance=float(chance),
        turn=turn,
    )


def history_shape(hearing: Hearing, layout: Layout) -> tuple[int, int, int, int]:
    """Return the shape of the signals of past steps: (blocks, slots, dim, columns)."""
    if not hearing.late:
        return layout.blocks, 0, 0, 0
    columns = layout.lanes if each_hears_its_own(hearing) else layout.width
    return layout.blocks, int(hearing.delays.max()) + 1, layout.dim, columns


def each_hears_its_own(hearing: Hearing) -> bool:
    """Return whether the signal of a step differs between the agents of a replica."""
    return hearing.graph or hearing.pairs


def history_to_users(history: Array, hearing: Hearing, layout: Layout) -> Array:
    """Return the signals of past steps whatever the layout, by slots."""
    each = each_hears_its_own(hearing)
    turn = layout.from_blocks if each else layout.per_replica_from_blocks
    return np.array([turn(slot) for slot in history.swapaxes(0, 1)])


def history_to_blocks(signals: Array, hearing: Hearing, layout: Layout) -> Array:
    """Return what `history_to_users` returned in blocks."""
    turn = layout.to_blocks if each_hears_its_own(hearing) else layout.per_replica_to_blocks
    return np.array([turn(slot) for slot in signals]).swapaxes(0, 1)


def make_ears(hearing: Hearing, layout: Layout) -> Ears:
    """Allocate the memory of a thread."""
    dim, lanes, width = layout.dim, layout.lanes, layout.width
    own = (dim, lanes) if hearing.own else (0, 0)
    shared = (dim, width) if hearing.late and not hearing.own else (0, 0)
    centre = (dim, width) if hearing.sometimes and hearing.centre else (0, 0)
    order = own_cache_lines(lanes if hearing.pairs else 0).view(np.int64)
    return Ears(
        heard=own_cache_lines(*own),
        late=own_cache_lines(*shared),
        talks=own_cache_lines(lanes if hearing.sometimes else 0),
        moved=own_cache_lines(*centre),
        order=order,
        meeting=_stream(lanes if hearing.pairs else 0),
        talking=_stream(lanes if hearing.sometimes and not hearing.turn else 0),
    )


def _stream(lanes: int) -> Stream:
    words, cached = (own_cache_lines(2, lanes).view(np.uint64) for _ in range(2))
    held = own_cache_lines(2).view(np.uint64)
    held[:] = UNKNOWN
    return Stream(words, cached, held)
