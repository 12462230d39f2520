"""What each agent of a block receives: through a graph, in random pairs, late, and at random times.

Weighted sums are in the order of the agents from which is received, so the layout decides no bit.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled_inline, compiled_separately
from sdeopt.kernels.intrinsics import fma, never_inline
from sdeopt.kernels.passes import copy_rows
from sdeopt.kernels.philox import UNKNOWN, fill_words
from sdeopt.kernels.received import Received, Stream, Strips
from sdeopt.kernels.variates import unit_interval
from sdeopt.kernels.vectors import NARROW, load, splat, store

Values = NDArray[np.float64]
Integers = NDArray[np.int64]
Words = NDArray[np.uint64]

HALF_WORD = np.uint64(32)


def _sum_of(count: int) -> Callable[..., Any]:
    """Return the function that adds what the agents of one vector receive; 0 stands for any number."""

    @compiled_inline
    def weighted_sum(
        x: Values, d: int, at: int, strips: Strips, first: int, last: int, replicas: int
    ) -> Any:
        total = splat(0.0, NARROW)
        # a number that is known becomes no loop
        for e in range(first, first + count if count else last):
            there = load(x, d, at + strips.offsets[e] * replicas, NARROW)
            total = fma(strips.weights[e], there, total)
        return total

    return weighted_sum


_sum_of_three, _sum_of_five, _sum_of_any = _sum_of(3), _sum_of(5), _sum_of(0)
"""For rings and tori."""


@compiled_separately
def receive_graph(x: Values, strips: Strips, agents: int, replicas: int, out: Values) -> None:
    """Set every lane to the weighted mean of those that its agent receives from, padding to its own."""
    never_inline()
    places, offsets, weights = strips.places, strips.offsets, strips.weights
    apart = np.int64(replicas)
    for d in range(x.shape[0]):
        for strip in range(places.shape[0]):
            begin, end = places[strip, 0] * replicas, places[strip, 1] * replicas
            first, last = places[strip, 2], places[strip, 3]
            if end - begin >= NARROW:
                while begin < end:
                    # the last vector overlaps the one before
                    at = min(begin, end - NARROW)
                    if last - first == 3:
                        store(out, d, at, _sum_of_three(x, d, at, strips, first, last, apart))
                    elif last - first == 5:
                        store(out, d, at, _sum_of_five(x, d, at, strips, first, last, apart))
                    else:
                        store(out, d, at, _sum_of_any(x, d, at, strips, first, last, apart))
                    begin += NARROW
            else:
                for lane in range(begin, end):
                    single = 0.0
                    for e in range(first, last):
                        # an unsigned index cannot count from the end of a row
                        there = np.uint64(lane + offsets[e] * apart)
                        single = fma(weights[e], x[d, there], single)
                    out[d, lane] = single
        for lane in range(agents * replicas, x.shape[1]):
            out[d, lane] = x[d, lane]


@compiled_inline
def shuffle(words: Words, row: int, agents: int, replicas: int, order: Integers) -> None:
    """Write a random order of the agents of every replica (Fisher and Yates)."""
    for lane in range(agents * replicas):
        order[lane] = lane // replicas
    for last in range(agents - 1, 0, -1):
        for r in range(replicas):
            lane = last * replicas + r
            drawn = (words[row, lane] >> HALF_WORD) * np.uint64(last + 1)
            other = np.int64(drawn >> HALF_WORD) * replicas + r
            order[lane], order[other] = order[other], order[lane]


@compiled_separately
def receive_partner(x: Values, order: Integers, agents: int, replicas: int, out: Values) -> None:
    """Set every lane to the middle between its agent and the partner in an order by twos."""
    never_inline()
    for d in range(x.shape[0]):
        copy_row(x, d, out)
        for place in range(0, agents - 1, 2):
            for r in range(replicas):
                one = order[place * replicas + r] * replicas + r
                other = order[(place + 1) * replicas + r] * replicas + r
                middle = 0.5 * (x[d, one] + x[d, other])
                out[d, one] = middle
                out[d, other] = middle


@compiled_inline
def copy_row(source: Values, row: int, target: Values) -> None:
    """Set one row of target to that of source."""
    for lane in range(source.shape[1]):
        target[row, lane] = source[row, lane]


@compiled_inline
def step_words(
    seed: np.uint64, purpose: int, t: int, agent_of: Words, replica_of: Words, stream: Stream
) -> int:  # fmt: skip
    """Draw word t of every lane's stream; return the row of `stream.words` that it is in.

    Words come in pairs, so that every second step finds its word drawn.
    """
    pair, held = np.uint64(t // 2), stream.held
    if held[1] != pair:
        fill_words(
            seed,
            np.uint64(purpose),
            pair,
            agent_of,
            replica_of,
            stream.cached,
            held,
            stream.words,
            0,
            2,
        )
        held[1] = pair
    return t % 2


@compiled_inline
def draw_participants(words: Words, row: int, chance: float, communicates: Values) -> None:
    """Set every lane to one with a probability, else to zero."""
    for lane in range(communicates.shape[0]):
        communicates[lane] = 1.0 if unit_interval(words[row, lane]) < chance else 0.0


@compiled_inline
def take_turns(t: int, period: int, replicas: int, agents: int, communicates: Values) -> None:
    """Set the lanes of the agents whose turn it is to one, all others to zero."""
    for i in range(agents):
        turn = 1.0 if (t + 1 - i) % period == 0 else 0.0
        for lane in range(i * replicas, (i + 1) * replicas):
            communicates[lane] = turn
    communicates[agents * replicas :] = 0.0


@compiled_inline
def remember(history: Values, t: int, signal: Values) -> None:
    """Keep the signal of step t in a history (slots, dim, columns); what was before is the first."""
    slots = history.shape[0]
    if t == 0:
        for slot in range(slots):
            copy_rows(signal, history[slot])
    else:
        copy_rows(signal, history[t % slots])


@compiled_inline
def recall(history: Values, t: int, delays: Integers, replicas: int, out: Values) -> None:
    """Write the signal of some steps ago: one delay for all columns, or one for each agent's lanes."""
    slots = history.shape[0]
    if delays.shape[0] == 1:
        copy_rows(history[(t + slots - delays[0]) % slots], out)
        return
    shared, agents = history.shape[2] == replicas, delays.shape[0]
    for i in range(agents):
        end = out.shape[1] if i == agents - 1 else (i + 1) * replicas
        slot = (t + slots - delays[i]) % slots
        for d in range(out.shape[0]):
            for lane in range(i * replicas, end):
                # padding, behind the last agent's replicas, may receive whatever is finite
                column = min(lane - i * replicas, replicas - 1) if shared else lane
                out[d, lane] = history[slot, d, column]


@compiled_inline
def received_share(x: Values, centre: Values, communicates: Values, out: Values) -> None:
    """Write how far agents that communicate are from their replica's centre; others count 0."""
    replicas, agents = centre.shape[1], x.shape[1] // centre.shape[1]
    for d in range(x.shape[0]):
        for i in range(agents):
            for r in range(replicas):
                lane = i * replicas + r
                out[d, lane] = communicates[lane] * (x[d, lane] - centre[d, r])


@compiled_inline
def forget_words(received: Received) -> None:
    """Note that no words are drawn yet for the block at work."""
    for stream in (received.matching, received.participating):
        stream.held[0] = UNKNOWN
        stream.held[1] = UNKNOWN
