"""Who receives from whom during a run, and the memory of a thread for what is received.

A graph is stored in strips: neighbouring agents that receive from the same places, counted from their
own, with the same weights. On a ring that is all agents but those at the ends, so their lanes are
consecutive however few replicas a block has; on a random graph every agent is a strip of its own, and
only the lanes of its replicas are.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

Values = NDArray[np.float64]
Integers = NDArray[np.int64]
Words = NDArray[np.uint64]


class Strips(NamedTuple):
    """The rows of a matrix of weights, neighbouring rows of the same shape together."""

    places: Integers  # (strips, 4) first agent, the one behind the last; the same for its entries
    offsets: Integers  # (entries,) from whom is received, counted from the agent itself
    weights: Values  # (entries,)


class Reception(NamedTuple):
    """Who receives from whom, and when, during a run."""

    graph: bool  # agents receive from those of a fixed graph
    pairs: bool  # agents receive from a partner, drawn at every step
    own: bool  # what agents of a replica receive differs
    late: bool
    sometimes: bool  # not all communicate at every step
    centre: bool  # agents that communicate move the centre
    strips: Strips  # of the graph, or empty
    delays: Integers  # (1,) steps, or (agents,)
    chance: float  # that an agent communicates in a step
    turn: int  # steps after which it is an agent's turn again; 0 where none take turns


class Stream(NamedTuple):
    """Words of one purpose: see `step_words`."""

    words: Words  # (2, lanes)
    cached: Words  # (2, lanes) see `fill_words`
    held: Words  # (2,) what `cached` is of, and which pair `words` holds


class Received(NamedTuple):
    """The memory of a thread for what agents receive; of no size where nothing needs it."""

    signal: Values  # (dim, lanes) what every agent is pulled towards
    late: Values  # (dim, R) the same where all agents of a replica receive one signal
    communicates: Values  # (lanes,) one for an agent that communicates, else zero
    moved: Values  # (dim, R) what the centre takes for the mean
    order: Integers  # (lanes,) agents of a replica in the order in which they are paired
    matching: Stream
    participating: Stream


def strips_of(rows: scipy.sparse.csr_array) -> Strips:
    """Return a matrix of weights in strips."""
    starts, columns, values = rows.indptr, rows.indices, rows.data
    agents = rows.shape[0]
    counts = np.diff(starts)
    away = columns - np.repeat(np.arange(agents), counts)
    # a row is like the one before where it has as many entries, all of them the same
    before = np.arange(len(away)) - np.repeat(counts, counts)
    same = (away == away[before]) & (values == values[before])
    differing = np.append(0, np.cumsum(~same))
    alike = np.append(False, counts[1:] == counts[:-1])[:agents]
    alike &= differing[starts[1:]] == differing[starts[:-1]]
    first = np.flatnonzero(~alike)
    last = np.append(first[1:], agents)[: len(first)]
    places = np.stack([first, last, starts[first], starts[first + 1]], axis=1)
    return Strips(
        np.asarray(places, np.int64), np.asarray(away, np.int64), np.asarray(values, np.float64)
    )


def empty_reception() -> Reception:
    """Return that of algorithms in which all agents receive one signal."""
    nothing = strips_of(scipy.sparse.csr_array((0, 0)))
    at_once = np.zeros(1, np.int64)
    return Reception(False, False, False, False, False, False, nothing, at_once, 1.0, 0)


def empty_received() -> Received:
    """Return no memory."""
    none, words = np.zeros((0, 0)), np.zeros((0, 0), np.uint64)
    stream = Stream(words, words, np.zeros(2, np.uint64))
    return Received(none, none, np.zeros(0), none, np.zeros(0, np.int64), stream, stream)
