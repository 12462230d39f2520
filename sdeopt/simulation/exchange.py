"""What a run needs of graph, delays and pauses: the tables of the kernel, and its memory."""

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.algorithms.communication import Communicating
from sdeopt.graphs import FixedGraph, Matchings
from sdeopt.kernels.philox import UNKNOWN
from sdeopt.kernels.received import Received, Reception, Stream, empty_reception, strips_of
from sdeopt.kernels.state import own_cache_lines
from sdeopt.simulation.layout import VECTOR, Layout

Array = NDArray[np.float64]


def reception_of(algorithm: Algorithm, agents: int) -> Reception:
    """Return who receives from whom, and when."""
    if not isinstance(algorithm, Communicating):
        return empty_reception()
    weights = scipy.sparse.csr_array((0, 0))
    graph = algorithm.graph
    if algorithm.has_graph and isinstance(graph, FixedGraph):
        weights = graph.weights(agents)
    each = algorithm.is_late and isinstance(algorithm.delay, tuple)
    return Reception(
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


def past_signals(algorithm: Algorithm) -> int:
    """Return for how many steps signals are kept."""
    if isinstance(algorithm, Communicating) and algorithm.is_late:
        return int(np.max(np.asarray(algorithm.delay))) + 1
    return 0


def has_own_signals(algorithm: Algorithm) -> bool:
    """Return whether the signal of a step differs between the agents of a replica."""
    return isinstance(algorithm, Communicating) and algorithm.has_graph


def history_shape(reception: Reception, layout: Layout) -> tuple[int, int, int, int]:
    """Return the shape of the signals of past steps: (blocks, slots, dim, columns)."""
    if not reception.late:
        return layout.blocks, 0, 0, 0
    columns = layout.lanes if each_receives_its_own(reception) else layout.width
    return layout.blocks, int(reception.delays.max()) + 1, layout.dim, columns


def is_scattered(reception: Reception) -> bool:
    """Return whether neighbouring agents receive from agents that are no neighbours."""
    places = reception.strips.places
    return reception.pairs or (len(places) > 0 and int(places[-1, 1]) < VECTOR * len(places))


def each_receives_its_own(reception: Reception) -> bool:
    """Return whether the signal of a step differs between the agents of a replica."""
    return reception.graph or reception.pairs


def history_to_users(history: Array, reception: Reception, layout: Layout) -> Array:
    """Return the signals of past steps whatever the layout, by slots."""
    each = each_receives_its_own(reception)
    turn = layout.from_blocks if each else layout.per_replica_from_blocks
    return np.array([turn(slot) for slot in history.swapaxes(0, 1)])


def history_to_blocks(signals: Array, reception: Reception, layout: Layout) -> Array:
    """Return what `history_to_users` returned in blocks."""
    turn = layout.to_blocks if each_receives_its_own(reception) else layout.per_replica_to_blocks
    return np.array([turn(slot) for slot in signals]).swapaxes(0, 1)


def make_received(reception: Reception, layout: Layout) -> Received:
    """Allocate the memory of a thread."""
    dim, lanes, width = layout.dim, layout.lanes, layout.width
    own = (dim, lanes) if reception.own else (0, 0)
    shared = (dim, width) if reception.late and not reception.own else (0, 0)
    centre = (dim, width) if reception.sometimes and reception.centre else (0, 0)
    order = own_cache_lines(lanes if reception.pairs else 0).view(np.int64)
    return Received(
        signal=own_cache_lines(*own),
        late=own_cache_lines(*shared),
        communicates=own_cache_lines(lanes if reception.sometimes else 0),
        moved=own_cache_lines(*centre),
        order=order,
        matching=_stream(lanes if reception.pairs else 0),
        participating=_stream(lanes if reception.sometimes and not reception.turn else 0),
    )


def _stream(lanes: int) -> Stream:
    words, cached = (own_cache_lines(2, lanes).view(np.uint64) for _ in range(2))
    held = own_cache_lines(2).view(np.uint64)
    held[:] = UNKNOWN
    return Stream(words, cached, held)
