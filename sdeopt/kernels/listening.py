"""One step of listening: what all agents of a block hear, and who of them communicates."""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import called_by_address
from sdeopt.kernels.hearing import (
    draw_talks,
    hear_graph,
    hear_partner,
    heard_share,
    recall,
    remember,
    shuffle,
    step_words,
    take_turns,
)
from sdeopt.kernels.means import agent_means
from sdeopt.kernels.philox import MATCHING, PARTICIPATION
from sdeopt.kernels.plan import work_at
from sdeopt.kernels.state import COUPLING

Values = NDArray[np.float64]


@called_by_address
def listen(place: int, t: int, history: Values) -> None:
    """Write what agents are pulled towards at step t, and how strongly; keep it for later steps.

    Without a graph it is what all of a replica hear, the mean or the quorum variable.
    """
    work = work_at(place)
    buffers, plan, ears, hearing = work.buffers, work.plan, work.buffers.ears, work.plan.hearing
    x, agents, sums = buffers.x, plan.agents, buffers.sums
    source = buffers.quorum if hearing.centre else buffers.mean
    replicas = source.shape[1]
    if hearing.graph:
        hear_graph(x, hearing.strips, agents, replicas, ears.heard)
    if hearing.pairs:
        meeting = ears.meeting
        row = step_words(plan.seed, MATCHING, t, buffers.agent_of, buffers.replica_of, meeting)
        shuffle(meeting.words, row, agents, replicas, ears.order)
        hear_partner(x, ears.order, agents, replicas, ears.heard)
    if hearing.late:
        each = hearing.graph or hearing.pairs
        remember(history, t, ears.heard if each else source)
        recall(history, t, hearing.delays, replicas, ears.heard if hearing.own else ears.late)
    if hearing.sometimes:
        talks, pull = ears.talks, buffers.numbers[COUPLING]
        if hearing.turn > 0:
            take_turns(t, hearing.turn, replicas, agents, talks)
        else:
            talking = ears.talking
            row = step_words(
                plan.seed, PARTICIPATION, t, buffers.agent_of, buffers.replica_of, talking
            )
            draw_talks(talking.words, row, hearing.chance, talks)
        for lane in range(talks.shape[0]):
            buffers.coupling[lane] = pull * talks[lane]
        if hearing.centre:
            # the centre is told of agents that communicate only; where the others are it stays
            heard_share(x, source, talks, buffers.point)
            agent_means(buffers.point, agents, sums, ears.moved)
            for d in range(source.shape[0]):
                for r in range(replicas):
                    ears.moved[d, r] += source[d, r]
