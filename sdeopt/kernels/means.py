"""Means over the agents of every replica, and the signals and choices made of the agents' states.

Eight partial sums are kept: agent i is added to sum i modulo 8, and the upper half of the sums is then
added to the lower one until one is left. The order depends on the number of agents alone, so neither
the layout nor the other replicas of a block can change a bit of a mean, and consecutive additions do
not depend on each other.

Where a block has eight replicas or more, a vector holds one agent of eight of them, and the sums are
registers. The last vector overlaps the one before and ends with the row: some replicas are summed
twice, to the same bits. With fewer replicas, eight agents of all of them fill whole vectors; the sums of
one replica are one vector, whose halves are added in registers.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled, compiled_inline, compiled_separately
from sdeopt.kernels.intrinsics import any_of, bits_of, choose_odd, choose_zero, fma, never_inline
from sdeopt.kernels.passes import expand
from sdeopt.kernels.vectors import NARROW, first_of, load, moved_down, no_words, splat, store

Values = NDArray[np.float64]

SUMS = 8
"""How many partial sums are kept."""

SCRATCH = SUMS * NARROW
"""Length of the scratch array of `agent_means`."""

FIRST = np.array([1] * NARROW + [0] * NARROW, np.uint64)
"""From index NARROW - n on, ones in the first n lanes of a vector."""


@compiled_inline
def _sum_of_agents(rows: Values, row: int, lane: int, apart: int, agents: int) -> Any:
    """Sum over the agents of the replicas of one vector; successive agents are `apart` lanes apart."""
    s0, s1, s2, s3 = splat(0.0, NARROW), splat(0.0, NARROW), splat(0.0, NARROW), splat(0.0, NARROW)
    s4, s5, s6, s7 = splat(0.0, NARROW), splat(0.0, NARROW), splat(0.0, NARROW), splat(0.0, NARROW)
    for _ in range(agents // SUMS):
        s0 += load(rows, row, lane, NARROW)
        s1 += load(rows, row, lane + apart, NARROW)
        s2 += load(rows, row, lane + 2 * apart, NARROW)
        s3 += load(rows, row, lane + 3 * apart, NARROW)
        s4 += load(rows, row, lane + 4 * apart, NARROW)
        s5 += load(rows, row, lane + 5 * apart, NARROW)
        s6 += load(rows, row, lane + 6 * apart, NARROW)
        s7 += load(rows, row, lane + 7 * apart, NARROW)
        lane += SUMS * apart
    left = agents % SUMS
    if left > 0:
        s0 += load(rows, row, lane, NARROW)
    if left > 1:
        s1 += load(rows, row, lane + apart, NARROW)
    if left > 2:
        s2 += load(rows, row, lane + 2 * apart, NARROW)
    if left > 3:
        s3 += load(rows, row, lane + 3 * apart, NARROW)
    if left > 4:
        s4 += load(rows, row, lane + 4 * apart, NARROW)
    if left > 5:
        s5 += load(rows, row, lane + 5 * apart, NARROW)
    if left > 6:
        s6 += load(rows, row, lane + 6 * apart, NARROW)
    return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))


@compiled_inline
def _sum_of_few(rows: Values, row: int, replicas: int, agents: int, scratch: Values) -> Any:
    """Sum over the agents of fewer replicas than a vector has lanes; the lanes behind are undefined."""
    whole, period = agents // SUMS, SUMS * replicas
    left = (agents % SUMS) * replicas
    for lane in range(0, period, NARROW):
        total = splat(0.0, NARROW)
        for turn in range(whole):
            total += load(rows, row, turn * period + lane, NARROW)
        if lane < left:
            last = load(rows, row, whole * period + lane, NARROW)
            marks = load(FIRST, 0, max(NARROW - (left - lane), 0), NARROW)
            total += choose_odd(marks, last, 0.0)
        store(scratch, 0, lane, total)
    # numbers behind the lower half are not read again, so whole vectors may be written
    kept = period // 2
    while kept > replicas:
        for lane in range(0, kept, NARROW):
            upper = load(scratch, 0, lane + kept, NARROW)
            store(scratch, 0, lane, load(scratch, 0, lane, NARROW) + upper)
        kept //= 2
    return load(scratch, 0, 0, NARROW) + load(scratch, 0, kept, NARROW)


@compiled_inline
def _sum_of_one(rows: Values, row: int, agents: int) -> float:
    """Sum over the agents of one replica, in the same order: its halves are those of a vector."""
    total, end = splat(0.0, NARROW), agents - agents % SUMS
    for lane in range(0, end, SUMS):
        total += load(rows, row, lane, NARROW)
    if end < agents:
        marks = load(FIRST, 0, NARROW - (agents - end), NARROW)
        total += choose_odd(marks, load(rows, row, end, NARROW), 0.0)
    total += moved_down(total, 4)
    total += moved_down(total, 2)
    return float(first_of(total + moved_down(total, 1)))


@compiled_inline
def means_of_one(rows: Values, agents: int, mean: Values) -> bool:
    """Do the same as `agent_means` for one replica, whose steps wait for the mean."""
    share, finite = 1.0 / agents, True
    for row in range(rows.shape[0]):
        if agents == 1:
            average = rows[row, 0] + 0.0
        else:
            average = _quotient(_sum_of_one(rows, row, agents), agents, share)
        finite &= average - average == 0.0
        mean[row, 0] = average
    return finite


@compiled_inline
def _quotient(total: Any, agents: int, share: float) -> Any:
    """Divide by p, correctly rounded (Markstein), in a tenth of the time of a division."""
    guess = total * share
    rounded = fma(fma(-guess, agents, total), share, guess)
    # an infinite total has no finite correction
    return choose_zero(bits_of(guess - guess), rounded, guess)


@compiled_separately
def _means_of_few(rows: Values, agents: int, scratch: Values, mean: Values) -> bool:
    """Do the same as `agent_means` where a block has fewer replicas than a vector has lanes."""
    never_inline()
    replicas, share = mean.shape[1], 1.0 / agents
    marks, lost = load(FIRST, 0, NARROW - replicas, NARROW), no_words(NARROW)
    for row in range(rows.shape[0]):
        total = _sum_of_few(rows, row, replicas, agents, scratch)
        average = choose_odd(marks, _quotient(total, agents, share), 0.0)
        lost |= bits_of(average - average)
        store(scratch, 0, 0, average)
        for r in range(replicas):
            mean[row, r] = scratch[r]
    return not any_of(lost)


@compiled_separately
def agent_means(rows: Values, agents: int, scratch: Values, mean: Values) -> bool:
    """Set the mean over agents of every replica; return whether all means are finite."""
    never_inline()
    replicas, share = mean.shape[1], 1.0 / agents
    if replicas == 1:
        return means_of_one(rows, agents, mean)
    if replicas < NARROW:
        return _means_of_few(rows, agents, scratch, mean)
    lost = no_words(NARROW)
    for row in range(rows.shape[0]):
        begin = 0
        while begin < replicas:
            lane = min(begin, replicas - NARROW)
            average = _quotient(_sum_of_agents(rows, row, lane, replicas, agents), agents, share)
            lost |= bits_of(average - average)
            store(mean, row, lane, average)
            begin += NARROW
    return not any_of(lost)


@compiled_inline
def show(
    chosen: NDArray[np.int64], of_agents: Values, of_replicas: Values, agents: int, sums: Values,
    scratch: Values, out: Values,
) -> None:  # fmt: skip
    """Write to every lane the mean of an agents' vector, or a replica's, whose number is below 1."""
    for i in range(chosen.shape[0]):
        if chosen[i] > 0:
            agent_means(of_agents[chosen[i]], agents, sums, scratch)
            expand(scratch, out[i])
        else:
            expand(of_replicas[-chosen[i]], out[i])


@compiled
def weighted_signal(
    x: Values, mean: Values, weights: Values, agents: int, sums: Values, scratch: Values,
    out: Values, lane_coupling: Values,
) -> None:  # fmt: skip
    """Write the mean sum k_j x^j / sum k_j, and the coupling to it, (1/p) sum k_j (Lemma 5.4)."""
    couplings = np.empty((1, out.shape[1]))
    agent_means(weights, agents, sums, couplings)
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            scratch[d, lane] = weights[0, lane] * x[d, lane]
    agent_means(scratch, agents, sums, out)
    for r in range(out.shape[1]):
        for d in range(out.shape[0]):
            uncoupled = couplings[0, r] == 0.0
            out[d, r] = mean[d, r] if uncoupled else out[d, r] / couplings[0, r]
    expand(couplings, lane_coupling.reshape(1, lane_coupling.shape[0]))


@compiled_inline
def choose_champions(losses: Values, agents: int, champion: Values) -> None:
    """Find the agent with the least loss in every replica."""
    replicas = champion.shape[0]
    for r in range(replicas):
        champion[r] = 0.0
        for i in range(1, agents):
            if losses[i * replicas + r] < losses[int(champion[r]) * replicas + r]:
                champion[r] = i


@compiled_inline
def mark_champions(champion: Values, marks: Values) -> None:
    """Set the mark of a champion's lane to one, of every other lane to zero."""
    replicas = champion.shape[0]
    for lane in range(marks.shape[0]):
        marks[lane] = 1.0 if int(champion[lane % replicas]) == lane // replicas else 0.0
