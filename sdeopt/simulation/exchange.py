"""What a run needs of graph, delays and pauses: the tables of the kernel, and its memory."""

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.algorithms.communication import Communicating
from sdeopt.graphs import FixedGraph, Matchings
from sdeopt.kernels.ears import Ears, Hearing, Stream, empty_hearing, strips_of
from sdeopt.kernels.philox import UNKNOWN
from sdeopt.kernels.state import own_cache_lines
from sdeopt.simulation.layout import VECTOR, Layout

Array = NDArray[np.float64]


def hearing_of(algorithm: Algorithm, agents: int) -> Hearing:
    """Return who hears whom, and when."""
    if not isinstance(algorithm, Communicating):
        return empty_hearing()
    weights = scipy.sparse.csr_array((0, 0))
    graph = algorithm.graph
    if algorithm.has_graph and isinstance(graph, FixedGraph):
        weights = graph.weights(agents)
    each = algorithm.is_late and isinstance(algorithm.delay, tuple)
    return Hearing(
        graph=algorithm.has_graph and isinstance(graph, FixedGraph),
        pairs=isinstance(graph, Matchings),
        own=algorithm.has_graph or each,
        late=algorithm.is_late,
        sometimes=algorithm.pauses,
        centre="FILTER" in algorithm.switches(),
        strips=strips_of(weights),
        delays=np.atleast_1d(np.asarray(algorithm.delay, np.int64)),
        chance=algorithm.participation,
        turn=algorithm.period if algorithm.staggered else 0,
    )


def history_shape(hearing: Hearing, layout: Layout) -> tuple[int, int, int, int]:
    """Return the shape of the signals of past steps: (blocks, slots, dim, columns)."""
    if not hearing.late:
        return layout.blocks, 0, 0, 0
    columns = layout.lanes if each_hears_its_own(hearing) else layout.width
    return layout.blocks, int(hearing.delays.max()) + 1, layout.dim, columns


def is_scattered(hearing: Hearing) -> bool:
    """Return whether neighbouring agents hear agents that are no neighbours."""
    places = hearing.strips.places
    return hearing.pairs or (len(places) > 0 and int(places[-1, 1]) < VECTOR * len(places))


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
